import type { PostureLevel } from '@sallyport/shared/channel/posture-level.ts';
import type { SiteProblem } from '../config/site-problem.ts';
import { findingsBelow, type PostureFinding } from './posture.ts';
import type { JudgedSite } from './posture-rule.ts';

/** Of one kind this many are named; the rest is counted. */
const NAMED_MAX = 20;

/**
 * What keeps a site below the level that it demands of itself (`requirePosture`), as errors: such a site is not
 * used. Nothing where it demands nothing.
 *
 * They are problems of the site file, wherever the setting stands: what is wrong with one partner's keys in a
 * database is a warning otherwise, and this must not be.
 */
export function requiredPostureProblems(site: JudgedSite): readonly SiteProblem[] {
  const { requirePosture } = site;
  if (requirePosture === undefined) return [];
  const findings = findingsBelow(site, requirePosture);
  const problems = findings.slice(0, NAMED_MAX).map((finding) => {
    return problem(belowText(finding, requirePosture));
  });
  const more = findings.length - problems.length;
  if (more > 0) problems.push(problem(`and ${more} more; "sallyport posture DIR" shows all`));
  return problems;
}

/** One finding in one sentence. */
export function belowText(
  { at, when, level, why, toRaise }: PostureFinding,
  required: PostureLevel,
): string {
  const remedy = toRaise === undefined ? '' : `; to raise it: ${toRaise}`;
  return `${required} is demanded, and this is ${level}: ${at} (${when}): ${why}${remedy}`;
}

function problem(message: string): SiteProblem {
  return { severity: 'error', file: 'site.yaml', path: 'requirePosture', message };
}
