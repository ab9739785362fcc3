import { err, ok, type Result } from '../result.ts';
import { BYTE_CLASS, CONTROL } from './byte-class.ts';
import { bytesOf } from './grammar.ts';
import { NameAddrSpans } from './name-addr-spans.ts';
import { formatParameters, type Parameters, parseParameters } from './parameters.ts';
import { unfolded } from './plain-text.ts';
import type { SipFault } from './sip-fault.ts';

/** Who or where: one value of From, To, Contact, Route, Record-Route, Refer-To (RFC 3261 §20.10, §25.1). */
export interface NameAddr {
  /** Without quotes and their backslashes. */
  readonly displayName?: string;
  /** As written; not always a SIP URI. */
  readonly uri: string;
  /** Parameters of the field, not of the URI. */
  readonly parameters: Parameters;
}

const spans = new NameAddrSpans();

/** Reads one value with nothing behind it; a list is for `splitList` first. */
export function parseNameAddr(text: string): Result<NameAddr, SipFault> {
  const bytes = bytesOf(text);
  if (bytes === undefined || spans.scan(bytes, 0, bytes.length) !== bytes.length) {
    return err('sip-name-addr-malformed');
  }
  const { displayNameStart, displayNameEnd, uriStart, uriEnd, parametersStart } = spans;
  const parameters = parseParameters(text, bytes, parametersStart);
  if (parameters === undefined) return err('sip-name-addr-malformed');
  return ok({
    ...(displayNameStart >= 0 && {
      displayName: unquoted(text.slice(displayNameStart, displayNameEnd)),
    }),
    uri: text.slice(uriStart, uriEnd),
    parameters,
  });
}

/** The value with its URI in brackets and its display name quoted, whatever was read. */
export function formatNameAddr(value: NameAddr): string {
  const name = value.displayName === undefined ? '' : `${quoted(value.displayName)} `;
  return `${name}<${value.uri}>${formatParameters(value.parameters)}`;
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return unfolded(text);
  return unfolded(text.slice(1, -1)).replace(/\\(.)/gs, '$1');
}

/** `quoted-string` of a text; CR and LF, which no quoted string can carry, become spaces. */
function quoted(text: string): string {
  let escaped = '';
  for (const char of text) {
    const bits = BYTE_CLASS[char.charCodeAt(0)] ?? 0;
    if (char === '\r' || char === '\n') escaped += ' ';
    else if (char === '"' || char === '\\' || (bits & CONTROL) !== 0) escaped += `\\${char}`;
    else escaped += char;
  }
  return `"${escaped}"`;
}
