import { statusOf } from '@sallyport/shared/sip/fault-status.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { formatReply } from '@sallyport/shared/sip/reply.ts';
import type { SipFault } from '@sallyport/shared/sip/sip-fault.ts';
import { topViaBranch, toTag } from '@sallyport/shared/sip/syntax-check.ts';
import { hasMagicCookie } from '@sallyport/shared/sip/transaction/transaction-key.ts';
import { RecentValues } from '../recent-values.ts';
import { type Refusal, refusal } from '../routing/refusal.ts';
import type { Origin } from '../signalling.ts';
import { localReply, OutgoingBytes } from './local-reply.ts';
import { requestKey } from './request-key.ts';
import type { UpstreamHead } from './upstream-head.ts';

type Observed = (origin: Origin, refused: Refusal, method: string, index: MessageIndex) => void;

/**
 * Answers requests that are not carried on. They begin no transaction: what comes again is answered again.
 *
 * Of an INVITE in a dialog the answer bears the far side's tag, not ours, so the ACK to it is known by its branch alone; of the
 * last 512 at least, which is many times what waits for its ACK.
 */
export class OwnRefusals {
  readonly #observed: Observed;
  readonly #newTag: () => string;
  readonly #invites = new RecentValues<true>();

  constructor(observed: Observed, newTag: () => string) {
    this.#observed = observed;
    this.#newTag = newTag;
  }

  refuse(
    index: MessageIndex,
    origin: Origin,
    exchange: number,
    head: UpstreamHead,
    method: string,
    refused: Refusal,
  ): void {
    this.#observed(origin, refused, method, index);
    if (method === 'INVITE' && toTag(index) !== '' && hasMagicCookie(topViaBranch(index) ?? '')) {
      this.#invites.add(requestKey(index, origin, method), true);
    }
    origin.respond(exchange, true, localReply(head, refused, this.#newTag()));
  }

  /** Only lines that are sane by themselves go into the answer. */
  refuseMalformed(
    index: MessageIndex,
    origin: Origin,
    exchange: number,
    method: string,
    fault: SipFault,
  ): void {
    const { status, reasonPhrase } = statusOf(fault);
    this.#observed(origin, refusal(status, reasonPhrase, fault), method, index);
    const source = { address: origin.sourceAddress, port: origin.sourcePort };
    const reply = formatReply(index, { status, reasonPhrase, toTag: this.#newTag(), source });
    origin.respond(exchange, true, new OutgoingBytes(reply));
  }

  /** Whether an ACK of no transaction answers such a refusal, by the key of its INVITE; nobody else has heard of that. */
  isEndedBy(key: string): boolean {
    return this.#invites.of(key) !== undefined;
  }
}
