import type { HashSeed } from '@sallyport/shared/net/text-table.ts';
import type { MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import type { OwnName } from '../signalling.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';
import type { TransactionShare } from './transaction-share.ts';

/** What the driver of transactions is told of the world. */
export interface DriverOptions {
  readonly limits: MessageLimits;
  readonly transactionsMax: TransactionShare;
  readonly nowMs: () => number;
  /** Calls back in another turn of the loop. */
  readonly nextTurn: (then: () => void) => void;
  readonly hashSeed: HashSeed;
  /** The last number that a try gets before they start over. */
  readonly clientNumberMax: number;
  /** Branch of the client transaction of that number. */
  readonly branch: (number: number, plan: ForwardingPlan) => string;
  /** A Via line of ours with that branch. */
  readonly viaLine: (branch: string, ownName: OwnName) => string;
  readonly answered: (method: string, status: number) => void;
}
