import { parseSipUri, type SipUri } from '@sallyport/shared/sip/uri.ts';
import { fromX509 } from '@sallyport/shared/x509/peer-certificates.ts';
import { explainInbound, inboundPartner } from './explain-inbound.ts';
import { explainOutbound, outboundPartner } from './explain-outbound.ts';
import type { ExplainQuery, ExplainView, ReadQuery } from './explain-query.ts';
import { type ExplainedTrial, explainTrials } from './explain-trial.ts';
import { type Explained, explained } from './explained-check.ts';

/** What becomes of a message, and what would where rules on trial were in force. */
export interface ExplainedMessage extends Explained {
  readonly trials: readonly ExplainedTrial[];
}

/** Every check at proxy and gateway that such a message would meet, in their order, and how it would end. */
export function explain(view: ExplainView, query: ExplainQuery, nowMs: number): ExplainedMessage {
  const peer = query.chain && fromX509(query.chain);
  const to = readUri(query.to);
  const read: ReadQuery = {
    ...query,
    fromDomain: readUri(query.from)?.host,
    toDomain: to?.host,
    isToHost: to?.user === undefined,
    peer: peer?.ok === true ? peer.value : undefined,
    peerFault: peer?.ok === false ? peer.error : undefined,
  };
  const { direction } = query;
  const isInbound = direction === 'inbound';
  const checksIn = (seen: ExplainView) =>
    isInbound ? explainInbound(seen, read, nowMs) : explainOutbound(seen, read, nowMs);
  const partner = isInbound ? inboundPartner(view, read, nowMs) : outboundPartner(view, read);
  const trials = partner === undefined ? [] : explainTrials(view, partner, direction, checksIn);
  return { ...explained(checksIn(view)), trials };
}

/** Of a URI, or of one without its scheme; undefined where it is none. Its host is in lower case. */
function readUri(text: string): SipUri | undefined {
  const uri = parseSipUri(/^sips?:/i.test(text) ? text : `sip:${text}`);
  return uri.ok ? uri.value : undefined;
}
