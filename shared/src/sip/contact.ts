import { err, ok, type Result } from '../result.ts';
import { parseExpires } from './expires.ts';
import { splitList } from './list.ts';
import { type NameAddr, parseNameAddr } from './name-addr.ts';
import type { SipFault } from './sip-fault.ts';

/** One address in a Contact field (RFC 3261 §20.10). */
export interface Contact extends NameAddr {
  /** Preference from 0 to 1. */
  readonly q?: number;
  /** Lifetime in seconds; 3600 where the parameter is malformed. */
  readonly expires?: number;
}

/** Reads a Contact field: a list of addresses, or `*`, which stands alone. */
export function parseContacts(text: string): Result<'*' | readonly Contact[], SipFault> {
  if (text.trim() === '*') return ok('*');
  const contacts: Contact[] = [];
  for (const part of splitList(text)) {
    const contact = parseContact(part);
    if (!contact.ok) return contact;
    contacts.push(contact.value);
  }
  return ok(contacts);
}

/** Reads one address of a Contact field. */
export function parseContact(text: string): Result<Contact, SipFault> {
  const address = parseNameAddr(text);
  if (!address.ok) return err('sip-contact-malformed');
  const { parameters } = address.value;
  const q = parameters.get('q');
  if (parameters.has('q') && (q === undefined || !isQvalue(q))) return err('sip-contact-malformed');
  return ok({
    ...address.value,
    ...(q !== undefined && { q: Number(q) }),
    ...(parameters.has('expires') && { expires: lifetime(parameters.get('expires')) }),
  });
}

/** `qvalue`: 0 to 1 with three digits at most behind the point (RFC 3261 §25.1). */
function isQvalue(text: string): boolean {
  return /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(text);
}

/** A malformed lifetime counts as an hour (RFC 3261 §20.10). */
function lifetime(text: string | undefined): number {
  const seconds = text === undefined ? undefined : parseExpires(text);
  return seconds?.ok === true ? seconds.value : 3600;
}
