import { AUDIT_FIELDS, FIELD, type FieldName } from './record-fields.ts';

/** One line of the table of types: which fields such a record has, and which it may have besides. */
export interface TypeRule {
  readonly id: number;
  readonly name: string;
  readonly required: readonly FieldName[];
  readonly optional: readonly FieldName[];
}

const CONNECTION = [
  'connection',
  'source',
  'sourcePort',
  'destination',
  'destinationPort',
  'balancer',
  'balancerPort',
  'direction',
  'transport',
  'partner',
  'listener',
] as const;

const TLS = ['tlsVersion', 'cipher', 'group', 'certificate', 'publicKey'] as const;

const HANDSHAKE = [...TLS, 'ownPublicKey', 'names', 'serverName', 'trustSet'] as const;

const MESSAGE = [
  ...CONNECTION,
  'exchange',
  'requestSeq',
  'method',
  'requestUri',
  'status',
  'cseq',
  'callId',
  'from',
  'fromTag',
  'to',
  'toTag',
  'serverTransaction',
  'clientTransaction',
  'size',
  'bodyHash',
] as const;

const CHANGE = [
  'before',
  'after',
  'eventSequence',
  'eventHash',
  'signedText',
  'authorSignature',
  'version',
  'note',
] as const;

const ORDER = ['author', 'note', 'signedText', 'authorSignature'] as const;

const DAYS = [...ORDER, 'firstDay', 'lastDay'] as const;

/**
 * Every kind of thing that is put on record. Names and numbers are the format of the ledger: a line is added at a free
 * number, and none is ever changed or used again.
 */
export const AUDIT_TYPES = [
  {
    id: 1,
    name: 'stream-opened',
    required: ['node', 'worker', 'epoch', 'programVersion'],
    optional: ['previousEpoch', 'previousSeal', 'previousSealSeq'],
  },
  {
    id: 2,
    name: 'seal',
    required: ['firstSeq', 'lastSeq', 'recordsHash', 'signature'],
    optional: ['previousSeal'],
  },
  {
    id: 3,
    name: 'gap',
    required: ['lostRecords', 'lostFromMs', 'lostUntilMs'],
    optional: ['code', 'note'],
  },
  { id: 4, name: 'clock-stepped', required: ['expectedMs'], optional: ['note'] },
  {
    id: 10,
    name: 'connection-opened',
    required: ['connection'],
    optional: [...CONNECTION, ...HANDSHAKE],
  },
  {
    id: 11,
    name: 'connection-refused',
    required: ['code'],
    optional: [...CONNECTION, ...HANDSHAKE, 'note'],
  },
  {
    id: 12,
    name: 'connection-closed',
    required: ['connection', 'code'],
    optional: [
      ...CONNECTION,
      'durationMs',
      'bytesReceived',
      'bytesSent',
      'messagesReceived',
      'messagesSent',
      'note',
    ],
  },
  { id: 20, name: 'message-admitted', required: [], optional: MESSAGE },
  {
    id: 21,
    name: 'message-answered',
    required: ['status'],
    optional: [
      'connection',
      'exchange',
      'requestSeq',
      'toTag',
      'size',
      'bodyHash',
      'answeredBy',
      'code',
    ],
  },
  {
    id: 22,
    name: 'message-refused',
    required: ['code'],
    optional: [...MESSAGE, 'answeredBy', 'rule', 'note'],
  },
  { id: 23, name: 'message-sent', required: [], optional: MESSAGE },
  { id: 24, name: 'response-received', required: [], optional: MESSAGE },
  {
    id: 30,
    name: 'policy-decision',
    required: ['rule', 'verdict'],
    optional: [
      'peerNode',
      'connection',
      'exchange',
      'direction',
      'partner',
      'method',
      'requestUri',
      'status',
      'cseq',
      'callId',
      'from',
      'fromTag',
      'to',
      'toTag',
      'serverTransaction',
      'code',
      'note',
    ],
  },
  { id: 40, name: 'partner-changed', required: ['author', 'command', 'subject'], optional: CHANGE },
  {
    id: 41,
    name: 'identity-changed',
    required: ['author', 'command', 'subject'],
    optional: CHANGE,
  },
  {
    id: 42,
    name: 'configuration-changed',
    required: ['author', 'command', 'subject'],
    optional: CHANGE,
  },
  {
    id: 43,
    name: 'operator-changed',
    required: ['author', 'command', 'subject'],
    optional: CHANGE,
  },
  { id: 44, name: 'node-changed', required: ['author', 'command', 'subject'], optional: CHANGE },
  {
    id: 50,
    name: 'body-recorded',
    required: ['sealedBodyHash', 'sealedBodySize', 'day'],
    optional: [
      'recordNode',
      'recordWorker',
      'recordEpoch',
      'requestSeq',
      'partner',
      'callId',
      'from',
      'to',
      'rule',
      'contentType',
      'recipients',
    ],
  },
  {
    id: 51,
    name: 'body-revealed',
    required: ['author', 'note', 'recordIndex'],
    optional: [
      'partner',
      'callId',
      'day',
      'sealedBodyHash',
      'recipients',
      'signedText',
      'authorSignature',
    ],
  },
  {
    id: 52,
    name: 'body-compared',
    required: ['author', 'note', 'recordIndex', 'verdict'],
    optional: ['partner', 'callId'],
  },
  {
    id: 60,
    name: 'channel-opened',
    required: ['peerNode'],
    optional: [
      'connection',
      'source',
      'sourcePort',
      'destination',
      'destinationPort',
      'direction',
      ...TLS,
      'programVersion',
      'version',
    ],
  },
  {
    id: 61,
    name: 'channel-closed',
    required: ['peerNode', 'code'],
    optional: ['connection', 'durationMs', 'note'],
  },
  {
    id: 70,
    name: 'ledger-opened',
    required: ['origin', 'treeSize'],
    optional: ['logKey', 'author', 'note'],
  },
  {
    id: 71,
    name: 'day-dropped',
    required: ['day', 'firstIndex', 'entries'],
    optional: ['author', 'note', 'droppedMs'],
  },
  { id: 72, name: 'hold-set', required: ['hold'], optional: DAYS },
  { id: 73, name: 'hold-lifted', required: ['hold'], optional: [...DAYS, 'liftedMs'] },
  { id: 74, name: 'day-key-erased', required: ['day'], optional: ORDER },
  {
    id: 75,
    name: 'day-begun',
    required: ['day', 'firstIndex'],
    optional: ['previousDay', 'author'],
  },
  {
    id: 76,
    name: 'day-kept',
    required: ['day', 'firstIndex', 'entries', 'treeSize'],
    optional: ['author', 'note'],
  },
] as const satisfies readonly TypeRule[];

type Row = (typeof AUDIT_TYPES)[number];

/** The stable name of a kind of record. */
export type AuditTypeName = Row['name'];

/** The number of a type by its name. */
export const AUDIT_TYPE = Object.fromEntries(AUDIT_TYPES.map(({ id, name }) => [name, id])) as {
  readonly [R in Row as R['name']]: R['id'];
};

const BY_ID: (Row | undefined)[] = new Array<Row | undefined>(256).fill(undefined);
for (const rule of AUDIT_TYPES) BY_ID[rule.id] = rule;

/** The line of the table for a type's number. */
export function typeById(id: number): Row | undefined {
  return BY_ID[id];
}

/** What a record of this type may hold, in the order it is written. */
export function fieldsOf(type: AuditTypeName): readonly FieldName[] {
  const rule = typeById(AUDIT_TYPE[type]) as TypeRule;
  const names: ReadonlySet<FieldName> = new Set([...rule.required, ...rule.optional, 'cut']);
  return AUDIT_FIELDS.filter(({ name }) => names.has(name)).map(({ name }) => name);
}

/** Set in `FIELD_USE` where a record of the type may hold the field. */
export const FIELD_MAY = 1;
/** Set besides where it must. */
export const FIELD_MUST = 2;

/** How a type uses a field, at `type << 8 | field`: one load wherever a record is written or read. */
export const FIELD_USE: Readonly<Uint8Array> = fieldUse();

function fieldUse(): Uint8Array {
  const use = new Uint8Array(256 * 256);
  for (const { id, name, required } of AUDIT_TYPES) {
    for (const field of fieldsOf(name)) use[(id << 8) | FIELD[field]] = FIELD_MAY;
    for (const field of required) use[(id << 8) | FIELD[field]] = FIELD_MAY | FIELD_MUST;
  }
  return use;
}
