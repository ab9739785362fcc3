import type { PostureLevel } from '@sallyport/shared/channel/posture-level.ts';
import type { Site } from '../config/site.ts';

/** What a rule is about: one protocol, or whatever is spoken. A further protocol brings its rules under the same level. */
export type PostureProtocol = 'every' | 'sip';

/** One way in which a setting can stand. */
export interface Grade {
  readonly level: PostureLevel;
  /** How it stands, in a few words. */
  readonly when: string;
  readonly why: string;
  /** What to do for the next level; what is high needs nothing. */
  readonly toRaise?: string;
}

/** Where a setting stands, and how. */
export interface Placed<Word extends string = string> {
  /** `proxies[edge-1].permissionModel`, `partners/globex: revocation`. */
  readonly at: string;
  readonly grade: Word;
}

/** What is judged: a site as it is in force, or as a command would leave it. */
export type JudgedSite = Omit<Site, 'version' | 'warnings' | 'severed'>;

/** One security-relevant matter: the settings that decide it, and each way in which they can stand. */
export interface PostureRule {
  /** `listener-transport`; stable, for scripts. */
  readonly name: string;
  readonly protocols: readonly PostureProtocol[];
  /** Paths in the schemas, `proxies[].permissionModel`; those of a partner's file begin with `partner.`. */
  readonly settings: readonly string[];
  readonly grades: Readonly<Record<string, Grade>>;
  judge(site: JudgedSite): readonly Placed[];
}

/** A rule whose judgement names none but its own grades. */
export function rule<Word extends string>(definition: {
  readonly name: string;
  readonly protocols: readonly PostureProtocol[];
  readonly settings: readonly string[];
  readonly grades: Readonly<Record<Word, Grade>>;
  judge(site: JudgedSite): readonly Placed<Word>[];
}): PostureRule {
  return definition;
}
