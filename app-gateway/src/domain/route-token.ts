import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hash,
  type KeyObject,
} from 'node:crypto';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { derive } from './derived-key.ts';
import { RecentValues } from './recent-values.ts';

/** What an in-dialog request must bring back so that any gateway can route it. */
export interface RouteToken {
  /** `contact`: a hidden inner Contact. `route`: our own Record-Route entry. `call-id`: a hidden Call-ID. */
  readonly kind: 'contact' | 'route' | 'call-id';
  /** The one partner that may use it, or that a request carrying it goes to. */
  readonly partner: string;
  /** Community that lies behind it; empty where none is meant. */
  readonly community: string;
  /** URI of the hidden Contact, the hidden Call-ID, or the flow a dialog began on. */
  readonly value: string;
  /** Inner route set in the order in which requests travel it (RFC 3261 §12.1.1). */
  readonly routes: readonly string[];
}

export type TokenFault = 'token-malformed' | 'token-not-ours';
/** Why state cannot be sealed: it would not come back as it was. */
export type SealFault = 'token-too-long' | 'token-field-malformed' | 'token-too-many';

const PREFIX = 'sp1-';
const NONCE_BYTES = 12;
const TAG_BYTES = 12;
const PLAIN_BYTES_MAX = 3045;
const TOKEN_CHARACTERS_MAX =
  PREFIX.length + Math.ceil(((NONCE_BYTES + PLAIN_BYTES_MAX + TAG_BYTES) * 4) / 3);
/** What ends a field, and what one byte does not hold. */
const NOT_IN_FIELD = /[\n\u0100-\uffff]/;
/** Of the addresses, and of the Call-IDs, that one message names. */
export const NAMED_MAX = 256;
const KINDS = ['contact', 'route', 'call-id'] as const;

/**
 * Seals routing state into a short value that fits the user part of a SIP URI.
 *
 * AES-256-GCM under keys derived from the cluster key. The nonce is a MAC of the plaintext (a hash behind a key, cut
 * to less than half, so that nothing can be appended): the same state always gives the same token, so a peer sees a
 * stable Contact, and no counter is needed that two gateways would have to share. A token tells nobody outside
 * anything but its length.
 */
export class RouteTokens {
  readonly #sealKey: KeyObject;
  readonly #nonceKey: Buffer;
  /** A dialog shows the same tokens with each of its requests, and the first comes right after the token was given out. */
  readonly #opened = new RecentValues<RouteToken>();
  /** The same Contact and Record-Route go with every answer, and to everybody on a connection. */
  readonly #sealed = new RecentValues<string>();
  /** Call-IDs come once, as a rule: a message has one of its own. */
  #lastCallId: readonly [plain: string, text: string] | undefined;
  #namedLeft = NAMED_MAX;

  constructor(clusterKey: Buffer) {
    this.#sealKey = createSecretKey(derive(clusterKey, 'sallyport route token seal'));
    this.#nonceKey = derive(clusterKey, 'sallyport route token nonce');
  }

  /** At most 4096 characters; whatever is sealed, `open` gives back. */
  seal(token: RouteToken): Result<string, SealFault> {
    const fields = [
      String(KINDS.indexOf(token.kind)),
      token.partner,
      token.community,
      token.value,
      ...token.routes,
    ];
    if (fields.some((field) => NOT_IN_FIELD.test(field))) return err('token-field-malformed');
    const text = fields.join('\n');
    const known = this.#known(token.kind, text);
    if (known !== undefined) return ok(known);
    const plain = Buffer.from(text, 'latin1');
    if (plain.length > PLAIN_BYTES_MAX) return err('token-too-long');
    const mac = hash('sha256', Buffer.concat([this.#nonceKey, plain]), 'buffer');
    const nonce = mac.subarray(0, NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#sealKey, nonce, {
      authTagLength: TAG_BYTES,
    });
    const sealed = Buffer.concat([
      nonce,
      cipher.update(plain),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    const made = PREFIX + sealed.toString('base64url');
    if (token.kind === 'call-id') this.#lastCallId = [text, made];
    else {
      this.#sealed.add(text, made);
      this.#remember(made, decode(text));
    }
    return ok(made);
  }

  /** From here on `sealNamed` counts anew. */
  beginNamed(): void {
    this.#namedLeft = NAMED_MAX;
  }

  /** The same for what a message names besides: an inner server may name thousands of addresses, and past 256 it is `token-too-many`. */
  sealNamed(token: RouteToken): Result<string, SealFault> {
    if (this.#namedLeft === 0) return err('token-too-many');
    this.#namedLeft--;
    return this.seal(token);
  }

  open(text: string): Result<RouteToken, TokenFault> {
    // Most texts that are asked about are a partner's own: they are not looked for.
    if (!isToken(text) || text.length > TOKEN_CHARACTERS_MAX) return err('token-malformed');
    const known = this.#opened.of(text);
    if (known !== undefined) return ok(known);
    const opened = this.#decrypt(text);
    // A copy: a part of a message keeps the whole of it.
    this.#remember(Buffer.from(text, 'latin1').toString('latin1'), opened);
    return opened;
  }

  /** Neither may be a part of a message's text, which would be kept as long. */
  #remember(text: string, opened: Result<RouteToken, TokenFault>): void {
    if (opened.ok) this.#opened.add(text, opened.value);
  }

  #known(kind: RouteToken['kind'], plain: string): string | undefined {
    if (kind !== 'call-id') return this.#sealed.of(plain);
    return this.#lastCallId?.[0] === plain ? this.#lastCallId[1] : undefined;
  }

  #decrypt(text: string): Result<RouteToken, TokenFault> {
    const encoded = text.slice(PREFIX.length);
    const sealed = Buffer.from(encoded, 'base64url');
    // The decoder skips what it does not know: a token has one spelling only.
    if (sealed.toString('base64url') !== encoded) return err('token-malformed');
    if (sealed.length <= NONCE_BYTES + TAG_BYTES) return err('token-malformed');
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.#sealKey, nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    try {
      const body = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
      return decode(Buffer.concat([decipher.update(body), decipher.final()]).toString('latin1'));
    } catch {
      return err('token-not-ours');
    }
  }
}

/** Whether a user part or Call-ID has the form of one of our tokens; says nothing of who made it. */
export function isToken(text: string | undefined): boolean {
  return text?.startsWith(PREFIX) ?? false;
}

function decode(plain: string): Result<RouteToken, TokenFault> {
  const [kindText, partner, community, value, ...routes] = plain.split('\n');
  const kind = KINDS[Number(kindText)];
  if (kind === undefined || partner === undefined) return err('token-malformed');
  if (community === undefined || value === undefined) return err('token-malformed');
  return ok({ kind, partner, community, value, routes });
}
