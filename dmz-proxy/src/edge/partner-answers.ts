import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { nodeOfBranch } from '@sallyport/shared/sip/proxy/branch.ts';
import { checkResponse, topViaBranch, topViaSentBy } from '@sallyport/shared/sip/syntax-check.ts';
import type { MessageRecords } from '../audit/message-records.ts';
import type { EdgeConfig } from '../bundle/edge-config.ts';
import type { Flow } from '../flows/flow.ts';
import type { Gateways } from '../flows/gateways.ts';
import type { Counters } from '../health/counters.ts';

export interface PartnerAnswersOptions {
  readonly gateways: Gateways;
  readonly counters: Counters;
  readonly config: () => EdgeConfig | undefined;
  readonly nowMs: () => number;
  readonly audit: { readonly messages: MessageRecords };
  /** Keeps it for the gateway of that tag, whose channel is down; false where it cannot. */
  readonly hold: (flow: Flow, index: MessageIndex, tag: string) => boolean;
}

/** What a rate is called that a partner's answers exceed. */
const RATE = 'rate-exceeded';

/** The way in of what partners answer: to the gateway that asked, which its branch in our own Via names (RFC 3261 §18.1.2). */
export class PartnerAnswers {
  readonly #options: PartnerAnswersOptions;

  constructor(options: PartnerAnswersOptions) {
    this.#options = options;
  }

  take(flow: Flow, index: MessageIndex): void {
    const { counters, config, nowMs } = this.#options;
    counters.add('responses');
    if (!flow.identity.partner.load.takeAnswer(nowMs())) return this.drop(flow, index, RATE);
    const fault = checkResponse(index);
    if (index.status >= 200) flow.finalResponse();
    if (fault !== undefined) return this.drop(flow, index, fault);
    if (!isOwnSentBy(topViaSentBy(index), config()?.ownSentBys)) {
      return this.drop(flow, index, 'via-not-ours');
    }
    this.deliver(flow, index);
  }

  /** Of one that was found to be in order. */
  deliver(flow: Flow, index: MessageIndex): void {
    const tag = nodeOfBranch(topViaBranch(index) ?? '');
    const link = tag === undefined ? undefined : this.#options.gateways.byTag(tag);
    if (link === undefined) {
      if (tag !== undefined && this.#options.hold(flow, index, tag)) return;
      return this.drop(flow, index, 'gateway-gone');
    }
    if (index.status >= 200) this.#options.audit.messages.received(flow, index);
    link.pass(flow, index, 0);
  }

  drop(flow: Flow, index: MessageIndex, fault: string): void {
    const { counters, audit } = this.#options;
    counters.add(`response-dropped:${fault}`);
    if (flow.inVain()) counters.add('connections-held');
    audit.messages.refused(flow, index, fault, 0);
  }
}

/** The port may be left out where it is the default, for TLS or for TCP (RFC 3261 §18.2.2). */
function isOwnSentBy(sentBy: string | undefined, own: ReadonlySet<string> | undefined): boolean {
  if (sentBy === undefined || own === undefined) return false;
  return own.has(sentBy) || own.has(`${sentBy}:5061`) || own.has(`${sentBy}:5060`);
}
