import { type ChannelRole, SIP_BYTES_MAX, SIP_TO_TARGET_BYTES_MAX } from './frame.ts';
import { integer, list, ofPayload, oneOf, record, text } from './strict-json.ts';

/**
 * The protocol versions this program speaks, best last.
 *
 * 2, 3 and 4 add frames and change none: towards a peer that does not speak them they are not sent.
 */
export const PROTOCOL_VERSIONS: readonly number[] = [1, 2, 3, 4];

/** A window must hold two of the largest frames: see `ReceiveCredit`. */
export const CREDIT_BYTES_MIN = 2 * (SIP_BYTES_MAX + SIP_TO_TARGET_BYTES_MAX + 2);

const CREDIT_BYTES_MAX = 1_073_741_824;

/** Name of a site or a node, as it stands in the channel certificate. */
export const CHANNEL_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The first frame of each side: who it is and how much it takes before credit must return. */
export interface Hello {
  readonly protocolVersions: readonly number[];
  readonly role: ChannelRole;
  readonly site: string;
  readonly node: string;
  /** Which of the node's processes this is, from 0. */
  readonly worker: number;
  readonly workers: number;
  /** Window of the whole channel towards the sender of this hello. */
  readonly creditBytes: number;
  /** Window of each flow towards the sender of this hello. */
  readonly flowCreditBytes: number;
}

const channelName = text(63, CHANNEL_NAME, 'a name of lower-case letters, digits and hyphens');
const credit = integer(CREDIT_BYTES_MIN, CREDIT_BYTES_MAX);
const hello = record<Hello>({
  protocolVersions: list(16, integer(1, 65_535), 1),
  role: oneOf('proxy', 'gateway'),
  site: channelName,
  node: channelName,
  worker: integer(0, 255),
  workers: integer(1, 256),
  creditBytes: credit,
  flowCreditBytes: credit,
});

export const decodeHello = ofPayload(hello);

/** The best version both speak. */
export function commonVersion(
  ours: readonly number[],
  theirs: readonly number[],
): number | undefined {
  const shared = ours.filter((version) => theirs.includes(version));
  return shared.length === 0 ? undefined : Math.max(...shared);
}
