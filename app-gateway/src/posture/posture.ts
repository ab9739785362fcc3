import {
  isBelow,
  POSTURE_LEVELS,
  type PostureLevel,
  weakest,
} from '@sallyport/shared/channel/posture-level.ts';
import { KEEPING_RULES } from './keeping-rules.ts';
import { NODE_RULES } from './node-rules.ts';
import { PARTNER_RULES } from './partner-rules.ts';
import type { JudgedSite, PostureProtocol, PostureRule } from './posture-rule.ts';
import { SITE_RULES } from './site-rules.ts';

/** Every security-relevant matter of a site, whatever protocol it is about. */
export const POSTURE_RULES: readonly PostureRule[] = [
  ...SITE_RULES,
  ...NODE_RULES,
  ...PARTNER_RULES,
  ...KEEPING_RULES,
];

/** How one setting stands, and what that means. */
export interface PostureFinding {
  readonly rule: string;
  readonly protocols: readonly PostureProtocol[];
  readonly at: string;
  readonly level: PostureLevel;
  readonly when: string;
  readonly why: string;
  readonly toRaise?: string;
}

/** The level of a site, and of each of its settings, weakest first. */
export interface Posture {
  readonly level: PostureLevel;
  readonly findings: readonly PostureFinding[];
}

/** Judges a site: it is as well guarded as the weakest of its settings, and of its partners'. */
export function postureOf(site: JudgedSite): Posture {
  const findings = POSTURE_RULES.flatMap((rule) =>
    rule.judge(site).map(({ at, grade }) => findingOf(rule, at, grade)),
  );
  return {
    level: weakest(findings.map(({ level }) => level)),
    findings: findings.toSorted((a, b) => rank(a) - rank(b)),
  };
}

/** What keeps a site below a level. */
export function findingsBelow(site: JudgedSite, required: PostureLevel): readonly PostureFinding[] {
  return postureOf(site).findings.filter(({ level }) => isBelow(level, required));
}

function findingOf({ name, protocols, grades }: PostureRule, at: string, word: string) {
  const grade = grades[word];
  if (grade === undefined) throw new Error(`the rule ${name} has no grade ${word}`);
  return { rule: name, protocols, at, ...grade };
}

function rank({ level }: PostureFinding): number {
  return POSTURE_LEVELS.indexOf(level);
}
