import type { KeyObject } from 'node:crypto';
import { isSignedJson, signJson } from '@sallyport/shared/channel/signed-json.ts';
import {
  type Decoder,
  decodeJson,
  integer,
  list,
  oneOf,
  record,
  text,
} from '@sallyport/shared/channel/strict-json.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { spkiBase64 } from '@sallyport/shared/x509/spki.ts';
import type { LivePlace } from './compare-listening.ts';
import { PLACES_MAX, TRIES_MAX, type Try, type ZoneResult } from './zone-result.ts';

/** Whose key a result is signed with. */
export interface ResultSigner {
  /** A host signs with the key of its bundle that seals its records; an operator with theirs. */
  readonly kind: 'node' | 'operator';
  readonly name: string;
}

/** A result as it was read, and whose signature it bears; absent: nobody’s. */
export interface ReadResult {
  readonly result: ZoneResult;
  readonly signedBy?: ResultSigner & {
    /** Base64 SPKI. */
    readonly publicKey: string;
  };
}

/** Why a result is not believed. */
export type ResultFault = 'result-malformed' | 'result-signature-wrong';

/** What a file of a result holds at most. */
export const RESULT_BYTES_MAX = 4_194_304;

interface ResultDocument extends Omit<ZoneResult, 'madeAtMs'> {
  readonly format: typeof FORMAT;
  readonly madeAt: string;
  readonly signer?: ResultSigner & { readonly publicKey: string };
  readonly signature?: string;
}

const FORMAT = 'sallyport-doctor-result-1';
const SIGNATURE_LABEL = 'sallyport doctor result v1\n';

const name = text(128, /^[a-z0-9][a-z0-9._-]*$/, 'a name');
const address = text(45, /^[0-9a-f.:]+$/, 'an IP address');
const base64 = text(400, /^[A-Za-z0-9+/]+={0,2}$/, 'base64');
const protocol = oneOf('tcp', 'udp');
const port = integer(1, 65_535);
const oneTry: Decoder<Try> = record<Try>(
  {
    host: name,
    address,
    protocol,
    port,
    source: address,
    seen: oneOf('open', 'refused', 'silent', 'unreachable', 'blocked-here', 'not-tried'),
  },
  ['source'],
);
const document = record<ResultDocument>(
  {
    format: oneOf(FORMAT),
    site: name,
    planSha256: text(64, /^[0-9a-f]{64}$/, 'a SHA-256'),
    zone: oneOf('internet', 'outer-dmz', 'dmz', 'inner-dmz', 'intranet'),
    host: name,
    addresses: list(256, address),
    madeAt: text(24, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'a time in UTC'),
    tookMs: integer(0, 86_400_000),
    tries: list(TRIES_MAX, oneTry),
    listening: record<NonNullable<ZoneResult['listening']>>({
      places: list(PLACES_MAX, record<LivePlace>({ protocol, address, port })),
      ephemeral: record({ first: integer(0, 65_535), last: integer(0, 65_535) }),
    }),
    signer: record<NonNullable<ResultDocument['signer']>>({
      kind: oneOf('node', 'operator'),
      name,
      publicKey: base64,
    }),
    signature: base64,
  },
  ['host', 'listening', 'signer', 'signature'],
);

/** Writes a result as one JSON text, signed (Ed25519) where a key is given. */
export function writeResult(
  { madeAtMs, ...facts }: ZoneResult,
  signer?: ResultSigner & { readonly key: KeyObject },
): string {
  const unsigned: ResultDocument = {
    format: FORMAT,
    ...facts,
    madeAt: new Date(madeAtMs).toISOString(),
    ...(signer && {
      signer: { kind: signer.kind, name: signer.name, publicKey: spkiBase64(signer.key) },
    }),
  };
  const signature = signer && signJson(SIGNATURE_LABEL, unsigned, signer.key);
  return `${JSON.stringify({ ...unsigned, ...(signature !== undefined && { signature }) }, null, 1)}\n`;
}

/** Reads a result; a signature must fit the key that the file names. Whether that key is known, the caller says. */
export function readResult(file: Buffer): Result<ReadResult, ResultFault> {
  if (file.length > RESULT_BYTES_MAX) return err('result-malformed');
  const decoded = decodeJson(file, document);
  if (!decoded.ok) return err('result-malformed');
  const { signature, ...unsigned } = decoded.value;
  const { format: _format, madeAt, signer, ...facts } = unsigned;
  const madeAtMs = Date.parse(madeAt);
  if (Number.isNaN(madeAtMs) || (signer === undefined) !== (signature === undefined)) {
    return err('result-malformed');
  }
  const result: ZoneResult = { ...facts, madeAtMs };
  if (signer === undefined || signature === undefined) return ok({ result });
  return isSignedJson(SIGNATURE_LABEL, unsigned, signer.publicKey, signature)
    ? ok({ result, signedBy: signer })
    : err('result-signature-wrong');
}
