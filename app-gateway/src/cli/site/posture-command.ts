import {
  isBelow,
  POSTURE_LEVELS,
  type PostureLevel,
} from '@sallyport/shared/channel/posture-level.ts';
import { siteInFiles } from '../../adapters/files/file-site-source.ts';
import { readSiteFolder, type SiteFolder } from '../../adapters/files/site-folder.ts';
import { postureText } from '../../commands/state/posture-text.ts';
import { postureOf } from '../../posture/posture.ts';
import { failure, type Outcome, verdict } from '../outcome.ts';
import { hinderedOutcome, noSiteOutcome } from './problems-outcome.ts';

/** `sallyport posture DIR`: judges the site of a folder, of its files alone; changes nothing and asks no gateway. */
export async function postureCommand(
  folder: string,
  require: string | undefined,
  nowMs: number,
): Promise<Outcome> {
  const asked = POSTURE_LEVELS.find((level) => level === require);
  if (require !== undefined && asked === undefined) {
    return failure(`${require} is no level`, `give one of: ${POSTURE_LEVELS.join(', ')}`);
  }
  const missing = noSiteOutcome(folder, 'give the folder of a site, or of a gateway');
  if (missing !== undefined) return missing;
  const read = await readSiteFolder(folder);
  const required = asked ?? read.parsed?.site.content.requirePosture;
  const site = siteInFiles(withoutRequirement(read), nowMs);
  if (!site.ok) return hinderedOutcome(folder, site.error);
  const posture = postureOf(site.value);
  const isEnough = !isTooLow(posture.level, required);
  return verdict(isEnough, [postureText(posture, required)], {
    answer: { ...posture, ...(required !== undefined && { required }) },
  });
}

/** A site that is less than it demands is refused elsewhere; here it is shown why. */
function withoutRequirement(folder: SiteFolder): SiteFolder {
  if (folder.parsed === undefined) return folder;
  const { site, partners } = folder.parsed;
  const { requirePosture: _, ...content } = site.content;
  return { ...folder, parsed: { site: { ...site, content }, partners } };
}

function isTooLow(level: PostureLevel, required: PostureLevel | undefined): boolean {
  return required !== undefined && isBelow(level, required);
}
