import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { counted } from '../../commands/text-table.ts';
import { formatSiteProblem, type SiteProblem } from '../../config/site-problem.ts';
import { failure, type Outcome, verdict } from '../outcome.ts';

/** Every problem of a site, errors first; only errors make the command fail. */
export function problemsOutcome(folder: string, problems: readonly SiteProblem[]): Outcome {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const warnings = problems.filter((problem) => problem.severity === 'warning');
  const summary =
    problems.length === 0
      ? `${folder}: no problems`
      : `${folder}: ${counted(errors.length, 'error')}, ${counted(warnings.length, 'warning')}`;
  const all = [...errors, ...warnings];
  return verdict(errors.length === 0, [...problemLines(all), summary], { problems: all });
}

/** The same where something else was asked for, which they are in the way of. */
export function hinderedOutcome(folder: string, problems: readonly SiteProblem[]): Outcome {
  return { ...problemsOutcome(folder, problems), isComplaint: true };
}

/** What to say of a folder that is no site's; undefined where it is one. */
export function noSiteOutcome(folder: string): Outcome | undefined {
  if (existsSync(join(folder, 'site.yaml'))) return undefined;
  return failure(
    `${folder} holds no site.yaml`,
    'give the folder of a site; "sallyport init" makes a new one',
  );
}

/** Problems as lines for a person. */
export function problemLines(problems: readonly SiteProblem[]): readonly string[] {
  return problems.map(formatSiteProblem);
}
