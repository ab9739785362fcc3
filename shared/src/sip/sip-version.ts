import type { MessageIndex } from './message-index.ts';

/** Whether the SIP-Version of a message that was found sound is in capitals, as it has to be sent (RFC 3261 §7.1). */
export function hasVersionInCapitals(index: MessageIndex): boolean {
  const { bytes } = index;
  const at = index.isRequest ? index.requestUriEnd + 1 : index.start;
  return bytes[at] === 0x53 && bytes[at + 1] === 0x49 && bytes[at + 2] === 0x50;
}
