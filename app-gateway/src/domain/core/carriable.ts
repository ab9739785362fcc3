import { SIP_BYTES_MAX } from '@sallyport/shared/channel/frame.ts';
import type { Outgoing } from '../signalling.ts';

/**
 * Whether a channel carries a message as it was edited. A few octets of an address inside become a token of hundreds, so that one within all
 * limits of its connection may be too large when it leaves.
 */
export function isCarriable(message: Pick<Outgoing, 'byteLength'>): boolean {
  return message.byteLength() <= SIP_BYTES_MAX;
}
