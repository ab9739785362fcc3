import type { AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import type { EntryView } from '../../ledger/render/entry-view.ts';
import type { SyslogSeverity } from './rfc5424.ts';
import { changeActivity, isFailedChange } from './siem-changes.ts';

/** Classes of OCSF 1.3.0 that our records are told in; `base` is what the schema offers for everything else. */
export const OCSF_CLASSES = {
  base: { uid: 0, name: 'Base Event', categoryUid: 0, category: 'Uncategorized' },
  entity: {
    uid: 3004,
    name: 'Entity Management',
    categoryUid: 3,
    category: 'Identity & Access Management',
  },
  network: { uid: 4001, name: 'Network Activity', categoryUid: 4, category: 'Network Activity' },
  lifecycle: {
    uid: 6002,
    name: 'Application Lifecycle',
    categoryUid: 6,
    category: 'Application Activity',
  },
  api: { uid: 6003, name: 'API Activity', categoryUid: 6, category: 'Application Activity' },
} as const;

/** How one type of record is told to a SIEM. */
export interface SiemEvent {
  /** For people. */
  readonly title: string;
  readonly severity: SyslogSeverity;
  readonly class: keyof typeof OCSF_CLASSES;
  /** `activity_id` of the class. */
  readonly activity: number;
  /** The change by its command; absent for everything else. */
  readonly change?: string;
  readonly isFailed?: boolean;
}

const OTHER = 99;

/**
 * Every type of record, as SIEMs name such things.
 *
 * OCSF has no class for SIP. A message at the edge is network traffic that a control let through or did not, and is
 * told so (4001 with the profile `security_control`); "Authentication" (3002) speaks of users who log in, which a
 * partner's certificate is not.
 */
const EVENTS: Readonly<Record<AuditTypeName, SiemEvent>> = {
  'stream-opened': event('A program started', 'informational', 'lifecycle', 3),
  seal: event('Records were sealed', 'informational', 'base', OTHER),
  gap: event('Records were lost', 'error', 'base', OTHER),
  'clock-stepped': event('A clock was set', 'warning', 'base', OTHER),
  'connection-opened': event('Connection opened', 'informational', 'network', 1),
  'connection-refused': event('Connection refused', 'warning', 'network', 5),
  'connection-closed': event('Connection closed', 'informational', 'network', 2),
  'message-admitted': event('Message admitted', 'informational', 'network', 6),
  'message-answered': event('Message answered', 'informational', 'network', 6),
  'message-refused': event('Message refused', 'warning', 'network', 6),
  'message-sent': event('Message sent', 'informational', 'network', 6),
  'response-received': event('Response received', 'informational', 'network', 6),
  'policy-decision': event('Policy decision', 'informational', 'network', 6),
  'partner-changed': event('Partner changed', 'notice', 'entity', 3),
  'identity-changed': event('Own identity changed', 'notice', 'entity', 3),
  'configuration-changed': event('Configuration changed', 'notice', 'entity', 3),
  'operator-changed': event('Operator changed', 'notice', 'entity', 3),
  'node-changed': event('Node changed', 'notice', 'entity', 3),
  'body-recorded': event('Message body recorded', 'informational', 'base', OTHER),
  'body-revealed': event('Message body revealed', 'warning', 'api', 2),
  'body-compared': event('Text compared with a message body', 'notice', 'api', 2),
  'channel-opened': event('Channel opened', 'informational', 'network', 1),
  'channel-closed': event('Channel closed', 'notice', 'network', 2),
  'ledger-opened': event('Ledger opened', 'notice', 'lifecycle', 3),
  'day-begun': event('Day of the ledger begun', 'informational', 'entity', 1),
  'day-dropped': event('Day of the ledger dropped', 'notice', 'entity', 4),
  'day-kept': event('Day of the ledger kept after all', 'notice', 'entity', 3),
  'hold-set': event('Legal hold set', 'notice', 'entity', 1),
  'hold-lifted': event('Legal hold lifted', 'notice', 'entity', 4),
  'day-key-erased': event('Key of a day erased', 'notice', 'entity', 4),
};

/** Of a type that this version does not know, as another gateway of a later one may write it. */
const LATER = event('Record of a later version', 'warning', 'base', OTHER);
const LATER_TYPE = /^type \d{1,3}$/;
const UNREADABLE = event('Unreadable record', 'critical', 'base', OTHER);
const REFUSED_DECISION = event('Policy decision', 'warning', 'network', 6);

/** How this record is told; one that cannot be read is the loudest of all. */
export function siemEventOf(view: EntryView): SiemEvent {
  if (view.type === 'policy-decision' && isDenied(view) === true) return REFUSED_DECISION;
  if (!Object.hasOwn(EVENTS, view.type)) return LATER_TYPE.test(view.type) ? LATER : UNREADABLE;
  const told = EVENTS[view.type as AuditTypeName];
  const { command } = view.fields;
  return typeof command === 'string' && told.class === 'entity' ? changeOf(told, command) : told;
}

function changeOf(told: SiemEvent, command: string): SiemEvent {
  const isFailed = isFailedChange(command);
  return {
    ...told,
    activity: changeActivity(command) ?? told.activity,
    severity: isFailed ? 'warning' : told.severity,
    change: command,
    isFailed,
  };
}

/** Whether something was let through; undefined: the record speaks of nothing that could have been refused. */
export function isDenied({ type, fields }: EntryView): boolean | undefined {
  switch (type) {
    case 'connection-refused':
    case 'message-refused':
      return true;
    case 'connection-opened':
    case 'message-admitted':
      return false;
    case 'policy-decision':
      return !/^(?:allow|admit|permit|pass)/.test(String(fields['verdict']));
    default:
      return undefined;
  }
}

/** Whether it is of SIP's traffic: channels among hosts of the site are not, and what people and programs do to the ledger is not. */
export function isOfSip({ type }: EntryView): boolean {
  return (
    Object.hasOwn(EVENTS, type) &&
    EVENTS[type as AuditTypeName].class === 'network' &&
    !type.startsWith('channel-')
  );
}

function event(
  title: string,
  severity: SyslogSeverity,
  ocsfClass: SiemEvent['class'],
  activity: number,
): SiemEvent {
  return { title, severity, class: ocsfClass, activity };
}
