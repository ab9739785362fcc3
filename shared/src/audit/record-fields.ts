/**
 * How a field's value lies in its bytes.
 *
 * `text` is what came from the wire or from us, UTF-8 or not; `address` the 4 or 16 bytes of an IP address; `list`
 * well-formed texts, each behind a u16 length; `bytes` a hash, a signature, a key. Numbers are big endian, in as few
 * bytes as they need: 0 in none.
 */
export type FieldKind = 'text' | 'address' | 'u32' | 'u64' | 'bytes' | 'list';

/** One line of the table: what is longer than `bytesMax` is cut, and the record says so. */
export interface FieldRule {
  readonly id: number;
  readonly name: string;
  readonly kind: FieldKind;
  readonly bytesMax: number;
}

/** IPv6. */
const ADDRESS_BYTES_MAX = 16;

/**
 * Every field a record can have. Numbers and kinds are the format of the ledger: a line is added at a free number, and
 * none is ever changed or used again.
 */
export const AUDIT_FIELDS = [
  // The stream: who writes, and what is sealed.
  { id: 1, name: 'node', kind: 'text', bytesMax: 64 },
  { id: 2, name: 'worker', kind: 'u32', bytesMax: 4 },
  { id: 3, name: 'epoch', kind: 'u64', bytesMax: 8 },
  { id: 4, name: 'programVersion', kind: 'text', bytesMax: 64 },
  { id: 5, name: 'previousEpoch', kind: 'u64', bytesMax: 8 },
  { id: 6, name: 'firstSeq', kind: 'u32', bytesMax: 4 },
  { id: 7, name: 'lastSeq', kind: 'u32', bytesMax: 4 },
  { id: 8, name: 'recordsHash', kind: 'bytes', bytesMax: 32 },
  { id: 9, name: 'previousSeal', kind: 'bytes', bytesMax: 32 },
  { id: 10, name: 'signature', kind: 'bytes', bytesMax: 64 },
  { id: 11, name: 'lostRecords', kind: 'u32', bytesMax: 4 },
  { id: 12, name: 'lostFromMs', kind: 'u64', bytesMax: 8 },
  { id: 13, name: 'lostUntilMs', kind: 'u64', bytesMax: 8 },
  { id: 14, name: 'expectedMs', kind: 'u64', bytesMax: 8 },
  { id: 15, name: 'previousSealSeq', kind: 'u32', bytesMax: 4 },

  // Connections.
  { id: 20, name: 'connection', kind: 'u32', bytesMax: 4 },
  { id: 21, name: 'source', kind: 'address', bytesMax: ADDRESS_BYTES_MAX },
  { id: 22, name: 'sourcePort', kind: 'u32', bytesMax: 4 },
  { id: 23, name: 'destination', kind: 'address', bytesMax: ADDRESS_BYTES_MAX },
  { id: 24, name: 'destinationPort', kind: 'u32', bytesMax: 4 },
  { id: 25, name: 'balancer', kind: 'address', bytesMax: ADDRESS_BYTES_MAX },
  { id: 26, name: 'balancerPort', kind: 'u32', bytesMax: 4 },
  { id: 27, name: 'direction', kind: 'text', bytesMax: 16 },
  { id: 28, name: 'transport', kind: 'text', bytesMax: 16 },
  { id: 29, name: 'tlsVersion', kind: 'text', bytesMax: 32 },
  { id: 30, name: 'cipher', kind: 'text', bytesMax: 128 },
  { id: 31, name: 'group', kind: 'text', bytesMax: 64 },
  { id: 32, name: 'certificate', kind: 'bytes', bytesMax: 32 },
  { id: 33, name: 'publicKey', kind: 'bytes', bytesMax: 32 },
  { id: 34, name: 'ownPublicKey', kind: 'bytes', bytesMax: 32 },
  { id: 35, name: 'names', kind: 'list', bytesMax: 2048 },
  { id: 36, name: 'serverName', kind: 'text', bytesMax: 253 },
  { id: 37, name: 'partner', kind: 'text', bytesMax: 128 },
  { id: 38, name: 'trustSet', kind: 'text', bytesMax: 128 },
  { id: 39, name: 'listener', kind: 'text', bytesMax: 64 },
  { id: 40, name: 'durationMs', kind: 'u64', bytesMax: 8 },
  { id: 41, name: 'bytesReceived', kind: 'u64', bytesMax: 8 },
  { id: 42, name: 'bytesSent', kind: 'u64', bytesMax: 8 },
  { id: 43, name: 'messagesReceived', kind: 'u32', bytesMax: 4 },
  { id: 44, name: 'messagesSent', kind: 'u32', bytesMax: 4 },

  // Messages, in the words of RFC 6872 §4.2: what is not here is told by the record's type.
  { id: 50, name: 'exchange', kind: 'u32', bytesMax: 4 },
  { id: 51, name: 'requestSeq', kind: 'u32', bytesMax: 4 },
  { id: 52, name: 'method', kind: 'text', bytesMax: 32 },
  { id: 53, name: 'requestUri', kind: 'text', bytesMax: 512 },
  { id: 54, name: 'status', kind: 'u32', bytesMax: 4 },
  { id: 55, name: 'cseq', kind: 'text', bytesMax: 64 },
  { id: 56, name: 'callId', kind: 'text', bytesMax: 256 },
  { id: 57, name: 'from', kind: 'text', bytesMax: 256 },
  { id: 58, name: 'fromTag', kind: 'text', bytesMax: 128 },
  { id: 59, name: 'to', kind: 'text', bytesMax: 256 },
  { id: 60, name: 'toTag', kind: 'text', bytesMax: 128 },
  { id: 61, name: 'serverTransaction', kind: 'text', bytesMax: 256 },
  { id: 62, name: 'clientTransaction', kind: 'text', bytesMax: 256 },
  { id: 63, name: 'size', kind: 'u32', bytesMax: 4 },
  { id: 64, name: 'bodyHash', kind: 'bytes', bytesMax: 32 },
  { id: 65, name: 'answeredBy', kind: 'text', bytesMax: 16 },

  // Decisions and reasons. `code` is ours and stable, `note` is for people.
  { id: 70, name: 'code', kind: 'text', bytesMax: 64 },
  { id: 71, name: 'rule', kind: 'text', bytesMax: 128 },
  { id: 72, name: 'verdict', kind: 'text', bytesMax: 32 },
  { id: 73, name: 'note', kind: 'text', bytesMax: 512 },

  // Changes, and who wanted them.
  { id: 80, name: 'author', kind: 'text', bytesMax: 128 },
  { id: 81, name: 'command', kind: 'text', bytesMax: 64 },
  { id: 82, name: 'subject', kind: 'text', bytesMax: 256 },
  { id: 83, name: 'before', kind: 'text', bytesMax: 2048 },
  { id: 84, name: 'after', kind: 'text', bytesMax: 2048 },
  { id: 85, name: 'eventSequence', kind: 'u64', bytesMax: 8 },
  { id: 86, name: 'eventHash', kind: 'bytes', bytesMax: 32 },
  { id: 87, name: 'signedText', kind: 'text', bytesMax: 2048 },
  { id: 88, name: 'authorSignature', kind: 'bytes', bytesMax: 64 },
  { id: 89, name: 'version', kind: 'u64', bytesMax: 8 },

  // Bodies, which are kept elsewhere, encrypted.
  { id: 90, name: 'day', kind: 'text', bytesMax: 10 },
  { id: 91, name: 'contentType', kind: 'text', bytesMax: 128 },
  { id: 92, name: 'sealedBodyHash', kind: 'bytes', bytesMax: 32 },
  { id: 93, name: 'sealedBodySize', kind: 'u32', bytesMax: 4 },
  { id: 94, name: 'recipients', kind: 'list', bytesMax: 1024 },
  { id: 95, name: 'recordNode', kind: 'text', bytesMax: 64 },
  { id: 96, name: 'recordWorker', kind: 'u32', bytesMax: 4 },
  { id: 97, name: 'recordEpoch', kind: 'u64', bytesMax: 8 },
  { id: 98, name: 'recordIndex', kind: 'u64', bytesMax: 8 },

  // The channel and the ledger.
  { id: 110, name: 'peerNode', kind: 'text', bytesMax: 64 },
  { id: 111, name: 'origin', kind: 'text', bytesMax: 128 },
  { id: 112, name: 'treeSize', kind: 'u64', bytesMax: 8 },
  { id: 113, name: 'firstIndex', kind: 'u64', bytesMax: 8 },
  { id: 114, name: 'entries', kind: 'u64', bytesMax: 8 },
  { id: 115, name: 'hold', kind: 'text', bytesMax: 64 },
  { id: 116, name: 'firstDay', kind: 'text', bytesMax: 10 },
  { id: 117, name: 'lastDay', kind: 'text', bytesMax: 10 },
  { id: 118, name: 'logKey', kind: 'bytes', bytesMax: 32 },
  { id: 119, name: 'previousDay', kind: 'text', bytesMax: 10 },
  { id: 120, name: 'droppedMs', kind: 'u64', bytesMax: 8 },
  { id: 121, name: 'liftedMs', kind: 'u64', bytesMax: 8 },

  // Last, because it is known last: ids of the fields that were longer than their limit, one byte each, ascending.
  { id: 255, name: 'cut', kind: 'bytes', bytesMax: 64 },
] as const satisfies readonly FieldRule[];

type Row = (typeof AUDIT_FIELDS)[number];

/** The stable name of a field. */
export type FieldName = Row['name'];

interface ValueOfKind {
  readonly text: string;
  /** As RFC 5952 writes it. */
  readonly address: string;
  readonly u32: number;
  readonly u64: bigint;
  readonly bytes: Uint8Array;
  readonly list: readonly string[];
}

/** What a field holds when it is read, by its kind. */
export type FieldValues = {
  readonly [R in Row as R['name']]?: ValueOfKind[R['kind']];
};

/** The number of a field by its name. */
export const FIELD = Object.fromEntries(AUDIT_FIELDS.map(({ id, name }) => [name, id])) as {
  readonly [R in Row as R['name']]: R['id'];
};

const BY_ID: (FieldRule | undefined)[] = new Array<FieldRule | undefined>(256).fill(undefined);
for (const rule of AUDIT_FIELDS) BY_ID[rule.id] = rule;

/** The line of the table for a field's number. */
export function fieldById(id: number): FieldRule | undefined {
  return BY_ID[id];
}
