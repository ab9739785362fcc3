import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import {
  fromTag,
  topViaBranch,
  topViaSentBy,
  topViaValue,
  toTag,
} from '@sallyport/shared/sip/syntax-check.ts';
import {
  hasMagicCookie,
  legacyServerTransactionKey,
  serverTransactionKey,
} from '@sallyport/shared/sip/transaction/transaction-key.ts';
import type { Origin } from '../signalling.ts';

/**
 * Names the server transaction of a request (RFC 3261 §17.2.3), per peer: no partner reaches another's.
 *
 * For a CANCEL ask with `INVITE`; the key of an ACK is that of its INVITE.
 */
export function requestKey(index: MessageIndex, origin: Origin, method: string): string {
  const branch = topViaBranch(index) ?? '';
  if (hasMagicCookie(branch)) {
    const key = serverTransactionKey(branch, topViaSentBy(index) ?? '', method);
    return `${origin.side} ${origin.peer} ${key}`;
  }
  const legacy = legacyServerTransactionKey({
    method,
    requestUri: index.requestUri(),
    callId: index.valueOf(Header.callId) ?? '',
    fromTag: fromTag(index),
    toTag: toTag(index),
    cseqNumber: Number.parseInt(index.valueOf(Header.cseq) ?? '0', 10),
    via: topViaValue(index),
  });
  return `${origin.side} ${origin.peer} ${legacy}`;
}
