import type { MessageIndex } from './message-index.ts';

/** Whether a response that was found sound has no reason phrase, or one of white space alone. */
export function isWordless({ bytes, start, startLineEnd }: MessageIndex): boolean {
  const phrase = start + PHRASE_AT;
  let end = startLineEnd - 2;
  while (end > phrase && (bytes[end - 1] === SP || bytes[end - 1] === TAB)) end--;
  return end <= phrase;
}

/** Behind `SIP/2.0 200 `. */
const PHRASE_AT = 12;
const SP = 0x20;
const TAB = 0x09;

/**
 * What a response says by the class of its status (RFC 3261 §7.2), for one without words of its own.
 *
 * A reason phrase may be empty (§25.1), but Net::SIP takes such a response for a broken request.
 */
export function phraseOfClass(status: number): string {
  return PHRASES[Math.floor(status / 100) - 1] ?? 'Unknown';
}

const PHRASES: readonly string[] = [
  'Provisional',
  'Success',
  'Redirection',
  'Client Error',
  'Server Error',
  'Global Failure',
];
