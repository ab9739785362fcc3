import { sign } from 'node:crypto';
import {
  algorithm,
  bitString,
  der,
  extension,
  integer,
  nameOf,
  sequence,
  type TestKey,
  utcTime,
} from './x509-builder.ts';

/** One certificate that a test list takes back. */
export interface EntryDraft {
  /** Content octets of the serial number. */
  readonly serial: Buffer;
  readonly reason?: number;
  readonly revokedAtMs?: number;
  /** In DER, in place of the above. */
  readonly revokedAt?: Buffer;
  readonly extensions?: readonly Buffer[];
}

/** What to put into a test list; whatever is absent gets a value that is taken. */
export interface ListDraft {
  readonly issuer: { readonly subject: string | Buffer; readonly key: TestKey };
  /** Signs in the issuer's place. */
  readonly signer?: TestKey;
  readonly version?: number;
  /** In DER; null leaves it out. */
  readonly thisUpdate?: Buffer;
  readonly nextUpdate?: Buffer | null;
  readonly entries?: readonly EntryDraft[];
  /** Beside the list's number, unless that is null. */
  readonly extensions?: readonly Buffer[];
  readonly number?: Buffer | null;
  /** Where it should be another than inside. */
  readonly outerAlgorithm?: Buffer;
  /** In DER, in place of the issuer's. */
  readonly issuerName?: Buffer;
  /** In DER, in place of the entries. */
  readonly revoked?: Buffer;
}

const THIS_UPDATE_MS = Date.UTC(2026, 4, 30);
const NEXT_UPDATE_MS = Date.UTC(2026, 5, 30);
const REASON_CODE = '2.5.29.21';
const ECDSA_SHA256 = algorithm('1.2.840.10045.4.3.2');

/** Builds and signs one revocation list with a P-256 key; takes what no library would write. */
export function buildRevocationList(draft: ListDraft): Buffer {
  const { issuer, version = 2, entries = [], number = listNumber(1) } = draft;
  const extensions = [...(number === null ? [] : [number]), ...(draft.extensions ?? [])];
  const tbs = sequence(
    version === 1 ? Buffer.alloc(0) : integer(version - 1),
    ECDSA_SHA256,
    draft.issuerName ?? nameOf(issuer.subject),
    draft.thisUpdate ?? utcTime(THIS_UPDATE_MS),
    draft.nextUpdate === null ? Buffer.alloc(0) : (draft.nextUpdate ?? utcTime(NEXT_UPDATE_MS)),
    draft.revoked ?? (entries.length === 0 ? Buffer.alloc(0) : sequence(...entries.map(entryOf))),
    extensions.length === 0 ? Buffer.alloc(0) : der(0xa0, sequence(...extensions)),
  );
  const { privateKey } = draft.signer ?? issuer.key;
  return sequence(
    tbs,
    draft.outerAlgorithm ?? ECDSA_SHA256,
    bitString(sign('sha256', tbs, privateKey)),
  );
}

export function listNumber(value: number, isCritical = false): Buffer {
  return extension('2.5.29.20', isCritical, integer(value));
}

/** issuingDistributionPoint from a name in DER and the numbers of the flags that are true. */
export function issuingPoint(name: Buffer | undefined, ...flags: readonly number[]): Buffer {
  const point = name === undefined ? [] : [der(0xa0, name)];
  const trues = flags.map((flag) => der(0x80 | flag, Buffer.of(0xff)));
  return extension('2.5.29.28', true, sequence(...point, ...trues));
}

function entryOf({ serial, reason, revokedAtMs, revokedAt, extensions = [] }: EntryDraft): Buffer {
  const all = [
    ...(reason === undefined ? [] : [extension(REASON_CODE, false, der(0x0a, Buffer.of(reason)))]),
    ...extensions,
  ];
  return sequence(
    der(0x02, serial),
    revokedAt ?? utcTime(revokedAtMs ?? THIS_UPDATE_MS),
    all.length === 0 ? Buffer.alloc(0) : sequence(...all),
  );
}
