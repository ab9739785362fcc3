import { unescapedText } from '@sallyport/shared/sip/escapes.ts';
import { CALL_ID_FIELDS } from './hidden-headers.ts';

/**
 * The headers part of a URI in Refer-To, with every Call-ID in it put through `translate` (RFC 3891 §3, RFC 3261 §19.1.1).
 *
 * Only fields that are known to tell nothing of a host come through; undefined where none is left.
 */
export function translatedUriHeaders(
  headers: string | undefined,
  translate: TranslateCallId,
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
  translate: TranslateCallId,
): string | undefined {
  const end = value.search(/[;\s]/);
  const callId = end < 0 ? value : value.slice(0, end);
  const behind = end < 0 ? '' : value.slice(end);
  const translated = translate(callId, behind.replace(TAG, ''));
  return translated === undefined ? undefined : translated + behind;
}

/**
 * The Call-ID as the other side knows it; undefined where it does not go there. `behind` are the parameters that stand behind it, but for
 * those of the dialog, which each side has to find as they are.
 */
export type TranslateCallId = (callId: string, behind: string) => string | undefined;

const TAG = /;\s*(?:to|from|local|remote)-tag\s*=\s*[^;\s]*/gi;

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
