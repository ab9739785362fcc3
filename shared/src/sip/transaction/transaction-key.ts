const MAGIC_COOKIE = 'z9hg4bk';

/** True for a branch that its sender made unique as RFC 3261 §8.1.1.7 asks; others come from RFC 2543 elements. */
export function hasMagicCookie(branch: string): boolean {
  return branch.length > 7 && branch.slice(0, 7).toLowerCase() === MAGIC_COOKIE;
}

/**
 * Which server transaction a request belongs to: branch, sent-by and method, with ACK counted as INVITE (RFC 3261 §17.2.3).
 *
 * Only for a branch with the magic cookie. The sent-by is part of the key, so that a peer that copies another's
 * branch reaches no foreign transaction; both compare without case, as host names and tokens do (§7.3.1). The
 * transaction that a CANCEL means is the one under the method `INVITE` (§9.2).
 */
export function serverTransactionKey(branch: string, sentBy: string, method: string): string {
  return `${transactionMethod(method)} ${`${sentBy} ${branch}`.toLowerCase()}`;
}

/** What identifies a request of an RFC 2543 element; `via` is the whole topmost Via value. */
export interface LegacyRequest {
  readonly method: string;
  readonly requestUri: string;
  readonly callId: string;
  readonly fromTag: string;
  readonly toTag: string;
  readonly cseqNumber: number;
  readonly via: string;
}

/**
 * Which server transaction a request without the magic cookie belongs to (RFC 3261 §17.2.3).
 *
 * The To tag is left out for INVITE and ACK: the ACK carries the tag of the response, the INVITE does not. A CANCEL asks for its INVITE.
 */
export function legacyServerTransactionKey(request: LegacyRequest): string {
  const method = transactionMethod(request.method);
  const toTag = method === 'INVITE' ? '' : request.toTag;
  return JSON.stringify([
    method,
    request.requestUri,
    request.callId,
    request.fromTag,
    toTag,
    request.cseqNumber,
    request.via,
  ]);
}

function transactionMethod(method: string): string {
  return method === 'ACK' ? 'INVITE' : method;
}
