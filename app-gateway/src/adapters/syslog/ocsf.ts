import { type EntryView, nameInStream } from '../../ledger/render/entry-view.ts';
import { jsonLine } from '../../ledger/render/json-line.ts';
import { FieldsLeft } from './fields-left.ts';
import { networkOf } from './ocsf-network.ts';
import type { SyslogSeverity } from './rfc5424.ts';
import { isDenied, OCSF_CLASSES, type SiemEvent, siemEventOf } from './siem-events.ts';

const SCHEMA_VERSION = '1.3.0';
const ALLOWED = 1;
const DENIED = 2;
const SUCCESS = 1;
const FAILURE = 2;
const OTHER = 99;
const ADMIN = 2;
const SEVERITY: Readonly<Record<SyslogSeverity, number>> = {
  critical: 5,
  error: 4,
  warning: 3,
  notice: 2,
  informational: 1,
};
const NOT_ASCII = /[^\x20-\x7e]/g;

/**
 * A record as one line of JSON in the Open Cybersecurity Schema Framework, ASCII only, so that neither encoding nor
 * line ends can be mistaken; a parser gives back every value as it was on the wire.
 *
 * What the class has no attribute for stands in `unmapped` under our own name, and nothing is left out. The hash of a
 * certificate is there, because the schema's certificate object demands issuer and serial number, which are not on record.
 */
export function formatOcsf(view: EntryView, programVersion: string): string {
  const event = siemEventOf(view);
  const ocsfClass = OCSF_CLASSES[event.class];
  const left = new FieldsLeft(view);
  const { activity } = event;
  const details = detailsOf(view, event, programVersion, left);
  const json = {
    category_uid: ocsfClass.categoryUid,
    category_name: ocsfClass.category,
    class_uid: ocsfClass.uid,
    class_name: ocsfClass.name,
    activity_id: activity,
    ...(activity === OTHER ? { activity_name: event.change ?? event.title } : {}),
    type_uid: ocsfClass.uid * 100 + activity,
    severity_id: SEVERITY[event.severity],
    time: view.timeMs,
    message: event.title,
    ...outcomeOf(view, event, left),
    ...details,
    metadata: metadataOf(view, programVersion),
    unmapped: left.rest(),
  };
  return jsonLine(json).trimEnd().replace(NOT_ASCII, unicodeEscape);
}

function metadataOf(view: EntryView, programVersion: string): object {
  const callId = view.fields['callId'];
  return {
    version: SCHEMA_VERSION,
    // What the profile is of: an action, which only something that could be refused has.
    ...(isDenied(view) === undefined ? {} : { profiles: ['security_control'] }),
    product: { name: 'Sallyport', vendor_name: 'Sallyport', version: programVersion },
    // The same for ever and in every copy of the ledger: repeats are known by it.
    uid: nameInStream(view, view.seq),
    sequence: view.index,
    event_code: view.type,
    log_name: 'audit-ledger',
    log_provider: view.node,
    ...(typeof callId === 'string' ? { correlation_uid: callId.toWellFormed() } : {}),
  };
}

/** How it ended: the schema's yes or no, the SIP status, and our own code. */
function outcomeOf(view: EntryView, event: SiemEvent, left: FieldsLeft): object {
  const denied = isDenied(view);
  const status = left.number('status');
  const isFailed = denied === true || event.isFailed === true;
  const failed = isFailed || (status !== undefined && status >= 300);
  return {
    status_id: failed ? FAILURE : SUCCESS,
    ...(status === undefined ? {} : { status_code: String(status) }),
    ...left.named('code', 'status_detail'),
    ...(denied === undefined
      ? {}
      : { action_id: denied ? DENIED : ALLOWED, disposition_id: denied ? DENIED : ALLOWED }),
  };
}

function detailsOf(
  view: EntryView,
  event: SiemEvent,
  programVersion: string,
  left: FieldsLeft,
): object {
  switch (event.class) {
    case 'network':
      return networkOf(view, left);
    case 'entity':
      return {
        entity: entityOf(view, left),
        actor: actorOf(view, left),
        ...left.named('note', 'comment'),
      };
    case 'api':
      return {
        actor: actorOf(view, left),
        api: { operation: view.type === 'body-compared' ? 'audit match' : 'audit reveal' },
        src_endpoint: { name: view.node },
        resources: [{ type: 'record', uid: left.text('recordIndex') ?? '' }],
      };
    case 'lifecycle':
      return { app: { name: 'Sallyport', vendor_name: 'Sallyport', version: programVersion } };
    case 'base':
      return {};
  }
}

function entityOf(view: EntryView, left: FieldsLeft): object {
  const type = view.type.replace(/-(?:changed|set|lifted|dropped|key-erased)$/, '');
  const name = left.text('subject') ?? left.text('hold') ?? left.text('day') ?? view.type;
  return { type, name };
}

/** Whoever gave the command; the program itself where nobody did. */
function actorOf(view: EntryView, left: FieldsLeft): object {
  const author = left.text('author');
  return author === undefined
    ? { app_name: `sallyport on ${view.node}` }
    : { user: { name: author, type_id: ADMIN } };
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
