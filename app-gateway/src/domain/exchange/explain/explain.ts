import { parseSipUri } from '@sallyport/shared/sip/uri.ts';
import { fromX509 } from '@sallyport/shared/x509/peer-certificates.ts';
import { explainInbound } from './explain-inbound.ts';
import { explainOutbound } from './explain-outbound.ts';
import type { ExplainQuery, ExplainView, ReadQuery } from './explain-query.ts';
import { type Explained, explained } from './explained-check.ts';

/** Every check at proxy and gateway that such a message would meet, in their order, and how it would end. */
export function explain(view: ExplainView, query: ExplainQuery, nowMs: number): Explained {
  const peer = query.chain && fromX509(query.chain);
  const read: ReadQuery = {
    ...query,
    fromDomain: domainOf(query.from),
    toDomain: domainOf(query.to),
    peer: peer?.ok === true ? peer.value : undefined,
    peerFault: peer?.ok === false ? peer.error : undefined,
  };
  const { direction } = query;
  return explained(
    direction === 'inbound'
      ? explainInbound(view, read, nowMs)
      : explainOutbound(view, read, nowMs),
  );
}

/** Lower-case host of a URI; undefined where it is none. */
function domainOf(text: string): string | undefined {
  const uri = parseSipUri(/^sips?:/i.test(text) ? text : `sip:${text}`);
  return uri.ok ? uri.value.host : undefined;
}
