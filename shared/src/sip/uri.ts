import { err, ok, type Result } from '../result.ts';
import { bytesIn, bytesOf } from './grammar.ts';
import { comparableAddress } from './ip-address.ts';
import { formatParameters, NO_PARAMETERS, type Parameters } from './parameters.ts';
import type { SipFault } from './sip-fault.ts';
import { endOfScheme, endOfSipScheme, UriSpans } from './uri-spans.ts';

/** A SIP or SIPS URI (RFC 3261 §19.1); escapes stay as written, but for those in names of parameters. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  readonly user?: string;
  readonly password?: string;
  /** Lower case; an IPv6 address in brackets. */
  readonly host: string;
  readonly port?: number;
  readonly parameters: Parameters;
  /** What follows `?`. */
  readonly headers?: string;
}

const spans = new UriSpans();

/** Most URIs fit, and then reading one makes no buffer. */
const SCRATCH = Buffer.alloc(512);

/** Reads a SIP or SIPS URI; other schemes, when well-formed, get the fault that answers 416. */
export function parseSipUri(text: string): Result<SipUri, SipFault> {
  const { length } = text;
  const bytes = length <= SCRATCH.length ? bytesIn(SCRATCH, text) : bytesOf(text);
  if (bytes === undefined) return err('sip-uri-malformed');
  if (!spans.scan(bytes, 0, length)) {
    const isOther = endOfSipScheme(bytes, 0, length) < 0;
    const isWellFormed = isOther && endOfScheme(bytes, 0, length) >= 0;
    return err(isWellFormed ? 'sip-request-uri-scheme-unsupported' : 'sip-uri-malformed');
  }
  const parameters =
    spans.parametersStart === spans.parametersEnd
      ? NO_PARAMETERS
      : uriParameters(text.slice(spans.parametersStart, spans.parametersEnd));
  if (parameters === undefined) return err('sip-uri-malformed');
  const uri: Writable<SipUri> = {
    scheme: spans.isSecure ? 'sips' : 'sip',
    host: text.slice(spans.hostStart, spans.hostEnd).toLowerCase(),
    parameters,
  };
  if (spans.userStart >= 0) uri.user = text.slice(spans.userStart, spans.userEnd);
  if (spans.passwordStart >= 0) uri.password = text.slice(spans.passwordStart, spans.passwordEnd);
  if (spans.portStart >= 0) uri.port = Number(text.slice(spans.portStart, spans.portEnd));
  if (spans.headersStart >= 0) uri.headers = text.slice(spans.headersStart);
  return ok(uri);
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/**
 * `;a=b;c` that the spans found well-formed; a repeated name is refused (RFC 3261 §19.1.1).
 *
 * A name is read without its escapes: `%6Cr` is `lr` (RFC 4475 §3.1.1.3).
 */
function uriParameters(text: string): Parameters | undefined {
  const parameters = new Map<string, string | undefined>();
  let end = 0;
  while (end < text.length) {
    const start = end + 1;
    const next = text.indexOf(';', start);
    end = next < 0 ? text.length : next;
    const part = text.slice(start, end);
    const equals = part.indexOf('=');
    const written = equals < 0 ? part : part.slice(0, equals);
    const name = (written.includes('%') ? unescapedName(written) : written).toLowerCase();
    if (parameters.has(name)) return undefined;
    parameters.set(name, equals < 0 ? undefined : part.slice(equals + 1));
  }
  return parameters;
}

/** The URI as text; its parts are taken to be well-formed. */
export function formatSipUri(uri: SipUri): string {
  let text = `${uri.scheme}:`;
  if (uri.user !== undefined) {
    text += uri.password === undefined ? `${uri.user}@` : `${uri.user}:${uri.password}@`;
  }
  text += uri.host;
  if (uri.port !== undefined) text += `:${uri.port}`;
  text += formatParameters(uri.parameters);
  return uri.headers === undefined ? text : `${text}?${uri.headers}`;
}

/** Whether two URIs name the same resource (RFC 3261 §19.1.4; hosts RFC 5954 §4.2). */
export function sameUri(a: SipUri, b: SipUri): boolean {
  return (
    a.scheme === b.scheme &&
    a.port === b.port &&
    sameText(a.user, b.user) &&
    sameText(a.password, b.password) &&
    comparableHost(a.host) === comparableHost(b.host) &&
    sameParameters(a.parameters, b.parameters) &&
    sameHeaders(a.headers, b.headers)
  );
}

function sameText(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || unescaped(a) === unescaped(b);
}

/** Escapes of characters outside the reserved set are equal to the character itself. */
function unescaped(text: string): string {
  return text.replace(/%[0-9A-Fa-f]{2}/g, (triplet) => {
    const char = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return /[;/?:@&=+$,%]/.test(char) ? triplet.toUpperCase() : char;
  });
}

/** Only `unreserved` characters: any other one means something else without its escape, or may not stand there. */
function unescapedName(text: string): string {
  return text.replace(/%[0-9A-Fa-f]{2}/g, (triplet) => {
    const char = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return /[A-Za-z0-9_.!~*'()-]/.test(char) ? char : triplet;
  });
}

/** Parameters that one URI cannot have alone: the others are ignored when only one side has them. */
const PAIRED = ['user', 'ttl', 'method', 'maddr', 'transport'];

function sameParameters(a: Parameters, b: Parameters): boolean {
  if (PAIRED.some((name) => a.has(name) !== b.has(name))) return false;
  for (const [name, value] of a) {
    if (b.has(name) && comparableValue(value) !== comparableValue(b.get(name))) return false;
  }
  return true;
}

function comparableValue(value: string | undefined): string | undefined {
  return value === undefined ? undefined : unescaped(value).toLowerCase();
}

function sameHeaders(a: string | undefined, b: string | undefined): boolean {
  return comparableHeaders(a) === comparableHeaders(b);
}

function comparableHeaders(headers: string | undefined): string {
  if (headers === undefined) return '';
  const parts = headers.split('&').map((part) => {
    const equals = part.indexOf('=');
    return `${unescaped(part.slice(0, equals)).toLowerCase()}=${unescaped(part.slice(equals + 1))}`;
  });
  return parts.sort().join('&');
}

/** IP addresses have many spellings. */
function comparableHost(host: string): string {
  return comparableAddress(host) ?? host;
}
