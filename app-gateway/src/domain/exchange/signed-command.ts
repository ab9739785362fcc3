import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { canonicalJson } from '@sallyport/shared/channel/snapshot.ts';
import { parsedJson } from '@sallyport/shared/parsed-json.ts';
import { ok, type Result } from '@sallyport/shared/result.ts';
import { type ExchangeRefusal, refuse, utcText } from './exchange-refusal.ts';
import type { OperatorRecord } from './operator/operator-record.ts';

/** What an operator signs: one command, for one site, at one time, carried out once. */
export interface SignedCommand {
  /** `['partner', 'verify']`. */
  readonly command: readonly string[];
  /** Files by name, SHA-256 and size (`signed-file.ts`); secrets are left out, since this text is kept for good. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly site: string;
  readonly operator: string;
  readonly atMs: number;
  /** 22 to 64 characters of base64url: no two commands are the same text. */
  readonly nonce: string;
}

/** A command that an operator has proven to want. */
export interface VerifiedCommand {
  readonly operator: OperatorRecord;
  readonly command: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

export const PAYLOAD_BYTES_MAX = 65_536;
export const CLOCK_SKEW_MAX_MS = 300_000;

/** So that a signature by this key over anything else is never a command. */
const LABEL = 'sallyport command v1\n';
const KEYS = ['atMs', 'command', 'nonce', 'operator', 'parameters', 'site'];
const WORD = /^[a-z][a-z0-9-]{0,31}$/;
const WORDS_MAX = 4;
const NAME_CHARS_MAX = 63;
const NONCE = /^[A-Za-z0-9_-]{22,64}$/;
const DEPTH_MAX = 12;
const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/;

/** The text that is signed: a label, then canonical JSON. */
export function commandPayload({
  command,
  parameters,
  site,
  operator,
  atMs,
  nonce,
}: SignedCommand): string {
  return LABEL + canonicalJson({ command, parameters, site, operator, atMs, nonce });
}

/**
 * Opens a signed command: whose it is, and that it is meant for this site now.
 *
 * There is one text for one command: a payload that is not canonical is refused, so that nobody reads
 * it otherwise than it was signed. That it is carried out only once is the store's part.
 */
export function verifySignedCommand(
  operators: readonly OperatorRecord[],
  payload: string,
  signature: string,
  site: string,
  nowMs: number,
): Result<VerifiedCommand, ExchangeRefusal> {
  const bytes = Buffer.byteLength(payload);
  if (bytes > PAYLOAD_BYTES_MAX) {
    return refuse('payload-too-large', { bytes, bytesMax: PAYLOAD_BYTES_MAX });
  }
  const signed = readPayload(payload);
  if (signed === undefined) return refuse('payload-malformed', {});
  const operator = operators.find(({ name }) => name === signed.operator);
  if (operator === undefined) return refuse('operator-unknown', { operator: signed.operator });
  if (!isSignedBy(payload, signature, operator)) {
    return refuse('signature-wrong', { operator: operator.name });
  }
  if (operator.isDisabled) return refuse('operator-disabled', { operator: operator.name });
  if (signed.site !== site) return refuse('site-wrong', { site, signedFor: signed.site });
  const skewMs = Math.abs(nowMs - signed.atMs);
  if (skewMs > CLOCK_SKEW_MAX_MS) {
    const signedAt = utcText(signed.atMs);
    return refuse('clock-wrong', { signedAt, seconds: Math.ceil(skewMs / 1000) });
  }
  return ok({ operator, command: signed.command, parameters: signed.parameters });
}

/** Undefined for whatever `commandPayload` would not have written. */
function readPayload(payload: string): SignedCommand | undefined {
  if (!payload.startsWith(LABEL)) return undefined;
  const value = parsedJson(payload.slice(LABEL.length));
  if (!isCommand(value) || !isShallow(value, DEPTH_MAX)) return undefined;
  return commandPayload(value) === payload ? value : undefined;
}

function isCommand(value: unknown): value is SignedCommand {
  if (!isPlain(value) || Object.keys(value).toSorted().join() !== KEYS.join()) return false;
  const { command, parameters, site, operator, atMs, nonce } = value;
  return (
    Array.isArray(command) &&
    command.length >= 1 &&
    command.length <= WORDS_MAX &&
    command.every((word) => typeof word === 'string' && WORD.test(word)) &&
    isPlain(parameters) &&
    isName(site) &&
    isName(operator) &&
    Number.isSafeInteger(atMs) &&
    typeof nonce === 'string' &&
    NONCE.test(nonce)
  );
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= NAME_CHARS_MAX;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Asked before anything walks the value by recursion: a text of brackets would exhaust the stack. */
function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1));
}

function isSignedBy(payload: string, signature: string, operator: OperatorRecord): boolean {
  if (!SIGNATURE.test(signature)) return false;
  const key = ed25519Key(operator.publicKeyPem);
  if (key === undefined) return false;
  return verify(null, Buffer.from(payload, 'utf8'), key, Buffer.from(signature, 'base64'));
}

/** Undefined for a text that is no Ed25519 public key. */
export function ed25519Key(publicKeyPem: string): KeyObject | undefined {
  if (!publicKeyPem.trim().startsWith('-----BEGIN PUBLIC KEY-----')) return undefined;
  try {
    const key = createPublicKey({ key: publicKeyPem, format: 'pem', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    // OpenSSL throws for everything that it cannot decode.
    return undefined;
  }
}
