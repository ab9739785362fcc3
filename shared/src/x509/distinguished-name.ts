import { type DerReader, Tag } from './der-reader.ts';

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const ORGANIZATIONAL_UNIT = '2.5.4.11';
const EMAIL_ADDRESS = '1.2.840.113549.1.9.1';
const RDNS_MAX = 64;
const ASCII = /^[\x20-\x7e]*$/;

/** A subject or issuer, read once into what path validation compares (RFC 5280 §4.1.2.4, §7.1). */
export interface DistinguishedName {
  /** One comparable text per relative distinguished name; two names are equal when these are. */
  readonly rdns: readonly string[];
  readonly commonNames: readonly string[];
  /** Organizations and their units in the order of the name: what old roots are called by instead of a common name. */
  readonly organizations: readonly string[];
  readonly emails: readonly string[];
}

/** Reads a Name; a text that is not valid in its own string type is a breach. */
export function readDistinguishedName(reader: DerReader): DistinguishedName {
  const rdns: string[] = [];
  const commonNames: string[] = [];
  const organizations: string[] = [];
  const emails: string[] = [];
  const sequence = reader.enter(Tag.sequence);
  while (sequence.hasMore) {
    const attributes = readAttributes(sequence.enter(Tag.set));
    if (attributes.length === 0 || rdns.length >= RDNS_MAX) reader.fail();
    rdns.push(relativeNameOf(attributes));
    for (const { type, text } of attributes) {
      if (text !== undefined && type === COMMON_NAME) commonNames.push(text);
      if (text !== undefined && type === EMAIL_ADDRESS) emails.push(text);
      if (text !== undefined && (type === ORGANIZATION || type === ORGANIZATIONAL_UNIT)) {
        organizations.push(text);
      }
    }
  }
  return { rdns, commonNames, organizations, emails };
}

/** Reads what is inside one RelativeDistinguishedName, as one of `rdns`. */
export function readRelativeName(set: DerReader): string {
  const attributes = readAttributes(set);
  if (attributes.length === 0) set.fail();
  return relativeNameOf(attributes);
}

/** Whether two names are the same by the comparison of RFC 5280 §7.1. */
export function sameName(left: DistinguishedName, right: DistinguishedName): boolean {
  return left.rdns.length === right.rdns.length && isWithin(left, right);
}

/** Whether `name` lies in the subtree below `base` (RFC 5280 §4.2.1.10, directoryName). */
export function isWithin(name: DistinguishedName, base: DistinguishedName): boolean {
  return base.rdns.every((rdn, n) => name.rdns[n] === rdn);
}

interface Attribute {
  readonly type: string;
  /** Undefined for types of string that are not read. */
  readonly text: string | undefined;
  readonly comparable: string;
}

function readAttributes(set: DerReader): Attribute[] {
  const attributes: Attribute[] = [];
  while (set.hasMore) {
    const attribute = set.enter(Tag.sequence);
    const type = attribute.objectIdentifier();
    const value = readText(attribute);
    attribute.finish();
    const text = typeof value === 'string' ? value : undefined;
    const shown = typeof value === 'string' ? comparable(value) : value.hex;
    attributes.push({ type, text, comparable: `${type}=${shown}` });
  }
  return attributes;
}

/** The sets are unordered; the lengths keep one attribute from imitating two. */
function relativeNameOf(attributes: readonly Attribute[]): string {
  const [first, ...others] = attributes.map(({ comparable: text }) => text);
  if (first === undefined || others.length === 0) return first ?? '';
  return [first, ...others]
    .toSorted()
    .map((attribute) => `${attribute.length}:${attribute}`)
    .join('+');
}

/** Case, width and runs of spaces do not tell names apart (RFC 5280 §7.1, RFC 4518 §2). */
function comparable(text: string): string {
  const plain = ASCII.test(text) ? text : text.normalize('NFKC');
  return `"${plain.toLowerCase().trim().replace(/\s+/g, ' ')}`;
}

function readText(reader: DerReader): string | { hex: string } {
  const tag = reader.peek();
  const content = reader.content(tag);
  switch (tag) {
    case Tag.utf8String: {
      const text = content.toString('utf8');
      if (Buffer.byteLength(text) !== content.length || text.includes('\ufffd')) reader.fail();
      return text;
    }
    case Tag.printableString:
    case Tag.ia5String:
      if (content.some((byte) => byte > 0x7f)) reader.fail();
      return content.toString('latin1');
    case Tag.teletexString:
      return content.toString('latin1');
    case Tag.bmpString:
      if (content.length % 2 === 1) reader.fail();
      return reader.failed ? '' : Buffer.from(content).swap16().toString('utf16le');
    default:
      return { hex: `#${tag}:${content.toString('hex')}` };
  }
}
