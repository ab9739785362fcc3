import { type Address, formatAddress } from '../net/address.ts';
import { contextTag, type DerReader, Tag } from './der-reader.ts';
import { type DistinguishedName, readDistinguishedName } from './distinguished-name.ts';

/** One GeneralName (RFC 5280 §4.2.1.6); `other` is a form that only its tag is known of. */
export type GeneralName =
  | { readonly kind: 'dns' | 'uri' | 'email'; readonly text: string }
  | { readonly kind: 'ip'; readonly bytes: Buffer }
  | { readonly kind: 'directory'; readonly name: DistinguishedName }
  | { readonly kind: 'other'; readonly tag: number };

/** What a certificate says its subject is also called, sorted by what asks for it. */
export interface SubjectAltName {
  readonly isCritical: boolean;
  /** As written in the certificate: case kept, wildcards and odd labels included. */
  readonly dns: readonly string[];
  readonly uri: readonly string[];
  /** In canonical text. */
  readonly ip: readonly string[];
  readonly email: readonly string[];
  readonly names: readonly GeneralName[];
}

const NAMES_MAX = 500;
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * Reads a GeneralName; texts with NUL, control or 8-bit characters are breaches.
 *
 * Empty ones and spaces are read, since common tools of private authorities write them; whoever asks for a host
 * finds none in them.
 */
export function readGeneralName(reader: DerReader): GeneralName {
  const tag = reader.peek();
  switch (tag) {
    case contextTag(1, false):
      return { kind: 'email', text: readPrintable(reader, tag) };
    case contextTag(2, false):
      return { kind: 'dns', text: readPrintable(reader, tag) };
    case contextTag(6, false):
      return { kind: 'uri', text: readPrintable(reader, tag) };
    case contextTag(7, false):
      return { kind: 'ip', bytes: reader.content(tag) };
    case contextTag(4, true): {
      const explicit = reader.enter(tag);
      const name = readDistinguishedName(explicit);
      explicit.finish();
      return { kind: 'directory', name };
    }
    case contextTag(0, true):
    case contextTag(3, true):
    case contextTag(5, true):
    case contextTag(8, false):
      reader.content(tag);
      return { kind: 'other', tag };
    default:
      reader.fail();
      return { kind: 'other', tag };
  }
}

/**
 * Reads the subjectAltName extension: up to 500 names (RFC 5280 §4.2.1.6).
 *
 * No name at all, or none but empty ones, is a CA's mistake, which certificates have lived with: it says nothing,
 * and as it is there, the common name does not say anything either.
 */
export function readSubjectAltName(reader: DerReader, isCritical: boolean): SubjectAltName {
  const names: GeneralName[] = [];
  const sequence = reader.enter(Tag.sequence);
  while (sequence.hasMore) {
    const name = readGeneralName(sequence);
    const isOddAddress = name.kind === 'ip' && name.bytes.length !== 4 && name.bytes.length !== 16;
    if (isOddAddress || names.length >= NAMES_MAX) reader.fail();
    names.push(name);
  }
  return {
    isCritical,
    dns: textsOf(names, 'dns'),
    uri: textsOf(names, 'uri'),
    email: textsOf(names, 'email'),
    ip: reader.failed
      ? []
      : names.flatMap((name) => (name.kind === 'ip' ? addressText(name.bytes) : [])),
    names,
  };
}

function textsOf(names: readonly GeneralName[], kind: 'dns' | 'uri' | 'email'): string[] {
  return names.flatMap((name) => (name.kind === kind ? name.text : []));
}

function addressText(bytes: Buffer): string {
  const word = (n: number) => bytes.readUInt32BE(n);
  const address: Address =
    bytes.length === 4
      ? { family: 4, words: [0, 0, 0, word(0)] }
      : { family: 6, words: [word(0), word(4), word(8), word(12)] };
  return formatAddress(address);
}

function readPrintable(reader: DerReader, tag: number): string {
  const text = reader.content(tag).toString('latin1');
  if (!PRINTABLE.test(text)) reader.fail();
  return text;
}
