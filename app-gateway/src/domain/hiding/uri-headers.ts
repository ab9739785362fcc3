import { unescapedText } from '@sallyport/shared/sip/escapes.ts';
import { CALL_ID_FIELDS } from './hidden-headers.ts';

/**
 * The headers part of a URI in Refer-To, with every Call-ID in it put through `translate` (RFC 3891 §3, RFC 3261 §19.1.1).
 *
 * Only fields that are known to tell nothing of a host come through; undefined where none is left.
 */
export function translatedUriHeaders(
  headers: string | undefined,
  translate: (callId: string) => string | undefined,
): string | undefined {
  if (headers === undefined) return undefined;
  const kept: string[] = [];
  for (const part of headers.split('&')) {
    const equals = part.indexOf('=');
    const name = unescapedText(part.slice(0, Math.max(equals, 0))).toLowerCase();
    if (PASSING.has(name)) kept.push(part);
    if (!CALL_ID_FIELDS.has(name)) continue;
    const value = translateLeadingCallId(unescapedText(part.slice(equals + 1)), translate);
    if (value !== undefined) kept.push(`${part.slice(0, equals)}=${escaped(value)}`);
  }
  return kept.length === 0 ? undefined : kept.join('&');
}

/** Translates the Call-ID at the front of a Replaces, Join or Target-Dialog value (RFC 3891 §6.1). */
export function translateLeadingCallId(
  value: string,
  translate: (callId: string) => string | undefined,
): string | undefined {
  const end = value.search(/[;\s]/);
  const callId = end < 0 ? value : value.slice(0, end);
  const translated = translate(callId);
  return translated === undefined ? undefined : translated + (end < 0 ? '' : value.slice(end));
}

const PASSING: ReadonlySet<string> = new Set([
  'require',
  'supported',
  'subject',
  'event',
  'accept',
]);

function escaped(text: string): string {
  return text.replace(
    /[^A-Za-z0-9\-_.!~*'()]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
