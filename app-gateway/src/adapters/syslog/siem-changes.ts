import type { ChangeKind } from '../../domain/exchange/change-event.ts';

const CREATE = 1;
const UPDATE = 3;
const DELETE = 4;
/** Something that was said or seen of it; nothing of it is another. */
const OTHER = 99;

/**
 * What each change does to whom it is about, as OCSF's class Entity Management counts it. A partner's trust that comes or goes
 * is an update of the partner.
 */
const ACTIVITIES: Readonly<Record<ChangeKind, number>> = {
  imported: CREATE,
  'partner-added': CREATE,
  'partner-changed': UPDATE,
  'partner-removed': DELETE,
  'partner-severed': UPDATE,
  'partner-restored': UPDATE,
  'offer-made': OTHER,
  'trust-received': UPDATE,
  'trust-verified': UPDATE,
  'trust-verification-failed': OTHER,
  'trust-staged': UPDATE,
  'trust-seen': OTHER,
  'trust-activated': UPDATE,
  'trust-retired': UPDATE,
  'trust-rejected': UPDATE,
  'presentation-seen': OTHER,
  'presentation-activated': UPDATE,
  'presentation-retired': UPDATE,
  'identity-key-requested': UPDATE,
  'identity-key-installed': UPDATE,
  'identity-key-activated': UPDATE,
  'identity-key-retired': UPDATE,
  'operator-added': CREATE,
  'operator-disabled': UPDATE,
  'node-approved': CREATE,
  'node-revoked': DELETE,
  'channel-certificate-issued': UPDATE,
  'expiry-warning': OTHER,
};

/** The activity of a change by its command; undefined: none of those that operators' commands are. */
export function changeActivity(command: string): number | undefined {
  return Object.hasOwn(ACTIVITIES, command) ? ACTIVITIES[command as ChangeKind] : undefined;
}

/** Somebody read out words that were not the partner's: an accident, or somebody in the middle. */
export function isFailedChange(command: string): boolean {
  return command === ('trust-verification-failed' satisfies ChangeKind);
}
