import type { MessageIndex } from './message-index.ts';

/** Whether the SIP-Version of a message that was found sound is in capitals, as it has to be sent (RFC 3261 §7.1). */
export function hasVersionInCapitals(index: MessageIndex): boolean {
  const { bytes } = index;
  const at = index.isRequest ? index.requestUriEnd + 1 : index.start;
  return bytes[at] === 0x53 && bytes[at + 1] === 0x49 && bytes[at + 2] === 0x50;
}

/**
 * Whether a start line shows, however distorted, that a SIP message starts here. Without it the place where the
 * last message ended was probably wrong, and what follows must not be taken for messages.
 */
export function hasVersion(bytes: Buffer, start: number, end: number): boolean {
  return /(?:^|[ \t])SIP\/[0-9]+\.[0-9]+(?:[ \t]|$)/i.test(bytes.toString('latin1', start, end));
}
