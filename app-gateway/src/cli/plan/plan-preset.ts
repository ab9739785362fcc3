import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, type Outcome } from '../outcome.ts';
import { initCommand } from '../site/init-command.ts';
import type { PresetName } from '../site/site-preset.ts';
import { type PlanOptions, planCommand } from './plan-command.ts';

/** What stands on the command line of `plan`. */
export interface PlanCommandOptions extends PlanOptions {
  /** Write an example site of this kind first. */
  readonly preset?: PresetName;
}

/** `sallyport plan`: of a site, or of an example that is written into `DIR/site` and planned into `DIR/plan`. */
export async function planOrPreset(
  site: string | undefined,
  options: PlanCommandOptions,
  now: () => number,
): Promise<Outcome> {
  const { preset, out } = options;
  if (preset === undefined) {
    if (site !== undefined) return await planCommand(site, options, now);
    return failure('neither a site nor a preset was given', 'sallyport plan SITE --out DIR');
  }
  if (site !== undefined || options.diff === true) {
    return failure(
      `a preset is a site of its own: it goes neither with ${site ?? 'a comparison'} nor with what lies in ${out}`,
      'sallyport plan --preset NAME --out NEW-FOLDER',
    );
  }
  const folder = join(out, 'site');
  const made = await initCommand(folder, { preset }, now);
  if (made.exitCode !== 0) return made;
  const planned = await planCommand(folder, { ...options, out: join(out, 'plan') }, now);
  // An example without its plan would be in the way of the next try.
  if (planned.exitCode !== 0) await rm(folder, { recursive: true, force: true });
  return planned;
}
