import { contextTag, type DerReader, Tag } from './der-reader.ts';
import { isWithin } from './distinguished-name.ts';
import { isAtOrBelow, isConstrainableName, isDomainName } from './domain-name.ts';
import { type GeneralName, readGeneralName } from './general-name.ts';

/** The name space that a CA was given (RFC 5280 §4.2.1.10). */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

const SUBTREES_MAX = 250;
const MINIMUM = contextTag(0, false);
/** In quotes one mailbox has many spellings (RFC 5321 §4.1.2). */
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~.-]+$/;
const URI_HOST = /^[a-z][a-z0-9+.-]*:\/\/(?:[\w.~!$&'()*+,;=:%-]*@)?([\w.-]+)(?::\d*)?(?:[/?#]|$)/i;

/** Reads the nameConstraints extension: at most 250 subtrees each way, none empty or with a depth. */
export function readNameConstraints(reader: DerReader): NameConstraints {
  const sequence = reader.enter(Tag.sequence);
  if (!sequence.hasMore) reader.fail();
  const permitted = readSubtrees(sequence, contextTag(0, true));
  const excluded = readSubtrees(sequence, contextTag(1, true));
  sequence.finish();
  return { permitted, excluded };
}

/**
 * Whether a certificate with these names may stand below the CA.
 *
 * A form that a subtree uses and we cannot compare makes every name of that form forbidden, as does a
 * name that is malformed in a constrained form: what cannot be placed is not inside.
 */
export function allowsNames(constraints: NameConstraints, names: readonly GeneralName[]): boolean {
  return names.every((name) => {
    const permitted = constraints.permitted.filter((subtree) => isSameForm(subtree, name));
    const excluded = constraints.excluded.filter((subtree) => isSameForm(subtree, name));
    if (permitted.length === 0 && excluded.length === 0) return true;
    if (!isComparable(name)) return false;
    const isPermitted =
      permitted.length === 0 || permitted.some((subtree) => isInside(name, subtree));
    return isPermitted && !excluded.some((subtree) => isTouching(name, subtree));
  });
}

function readSubtrees(reader: DerReader, tag: number): GeneralName[] {
  const subtrees: GeneralName[] = [];
  if (reader.peek() !== tag) return subtrees;
  const sequence = reader.enter(tag);
  if (!sequence.hasMore) reader.fail();
  while (sequence.hasMore) {
    const subtree = sequence.enter(Tag.sequence);
    const base = readGeneralName(subtree);
    // A minimum other than zero and a maximum are forbidden. Zero need not be written, and is harmless where it is.
    if (subtree.peek() === MINIMUM) subtree.smallInteger(0, MINIMUM);
    subtree.finish();
    if (!isUsableBase(base) || subtrees.length >= SUBTREES_MAX) reader.fail();
    subtrees.push(base);
  }
  return subtrees;
}

function isUsableBase(base: GeneralName): boolean {
  switch (base.kind) {
    case 'dns':
      // A leading dot means something in URIs and mail addresses alone; here its readers differ, so it is malformed.
      return base.text === '' || isConstrainableName(base.text);
    case 'uri':
      return base.text === '' || isConstrainableName(base.text.replace(/^\./, ''));
    case 'email': {
      const at = base.text.lastIndexOf('@');
      if (at >= 0) return isComparable(base);
      return base.text === '' || isConstrainableName(base.text.replace(/^\./, ''));
    }
    case 'ip':
      return isNetwork(base.bytes);
    case 'directory':
    case 'other':
      return true;
  }
}

function isNetwork(bytes: Buffer): boolean {
  const half = bytes.length / 2;
  if (half !== 4 && half !== 16) return false;
  const mask = [...bytes.subarray(half)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(mask);
}

/** IPv4 and IPv6 are one form: a CA that permits networks of the one alone permits no address of the other. */
function isSameForm(subtree: GeneralName, name: GeneralName): boolean {
  if (subtree.kind === 'other' && name.kind === 'other') return subtree.tag === name.tag;
  return subtree.kind === name.kind;
}

function isComparable(name: GeneralName): boolean {
  switch (name.kind) {
    case 'dns':
      return isConstrainableName(name.text.replace(/^\*\./, ''));
    case 'uri':
      return hostOfUri(name.text) !== undefined;
    case 'email': {
      const [local, host, ...rest] = name.text.split('@');
      const isPlain = LOCAL_PART.test(local ?? '') && rest.length === 0;
      return isPlain && host !== undefined && isConstrainableName(host);
    }
    case 'ip':
    case 'directory':
      return true;
    case 'other':
      return false;
  }
}

function isInside(name: GeneralName, base: GeneralName): boolean {
  if (name.kind === 'dns' && base.kind === 'dns') {
    const host = name.text.toLowerCase().replace(/^\*\./, '');
    const domain = base.text.toLowerCase();
    return domain === '' || isAtOrBelow(host, domain);
  }
  if (name.kind === 'uri' && base.kind === 'uri') {
    return isHostInside(hostOfUri(name.text) ?? '', base.text.toLowerCase());
  }
  if (name.kind === 'email' && base.kind === 'email') return isMailboxInside(name.text, base.text);
  if (name.kind === 'ip' && base.kind === 'ip') return isAddressInside(name.bytes, base.bytes);
  if (name.kind === 'directory' && base.kind === 'directory') return isWithin(name.name, base.name);
  return false;
}

/** Like `isInside`, but what overlaps an excluded subtree only in part is excluded as well. */
function isTouching(name: GeneralName, base: GeneralName): boolean {
  if (name.kind !== 'dns' || base.kind !== 'dns') return isInside(name, base);
  const host = name.text.toLowerCase();
  const domain = base.text.toLowerCase();
  if (domain === '' || isAtOrBelow(host, domain)) return true;
  return host.startsWith('*.') && isAtOrBelow(domain, host.slice(2));
}

/** A bare host stands for itself, one with a leading dot for everything below it. */
function isHostInside(host: string, base: string): boolean {
  return base.startsWith('.') ? host.endsWith(base) : base === '' || host === base;
}

function isMailboxInside(mailbox: string, base: string): boolean {
  const at = mailbox.lastIndexOf('@');
  const host = mailbox.slice(at + 1).toLowerCase();
  const baseAt = base.lastIndexOf('@');
  if (baseAt < 0) return isHostInside(host, base.toLowerCase());
  const isSameLocal = mailbox.slice(0, at) === base.slice(0, baseAt);
  return isSameLocal && host === base.slice(baseAt + 1).toLowerCase();
}

function isAddressInside(address: Buffer, network: Buffer): boolean {
  if (network.length !== address.length * 2) return false;
  return address.every((byte, n) => {
    const mask = network[address.length + n] as number;
    return (byte & mask) === ((network[n] as number) & mask);
  });
}

/** A URI without an authority that names a host by a domain cannot be placed (RFC 5280 §4.2.1.10). */
function hostOfUri(uri: string): string | undefined {
  const host = URI_HOST.exec(uri)?.[1]?.toLowerCase();
  return host !== undefined && isDomainName(host) ? host : undefined;
}
