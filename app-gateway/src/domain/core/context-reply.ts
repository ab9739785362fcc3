import type { Outgoing } from '../signalling.ts';
import { type LocalReply, localReply } from './local-reply.ts';
import type { ProxiedRequest } from './proxied-request.ts';

/** The answer that an INVITE gets at once, and any other request that takes long. */
export const TRYING: LocalReply = { status: 100, reasonPhrase: 'Trying', headers: [] };

/** A final response that nobody on the far side gave; an outage says when to come back. */
export function ownReply(
  { head, toTag }: Pick<ProxiedRequest, 'head' | 'toTag'>,
  status: number,
): Outgoing {
  const headers = status === 503 ? ['Retry-After: 5'] : [];
  return localReply(head, { status, reasonPhrase: REASONS.get(status) ?? 'Error', headers }, toTag);
}

/** The final status that a sender is told for one of the response context: outages and refusals are no failure of ours. */
export function statusTold(
  contextStatus: number,
  request: Pick<ProxiedRequest, 'plan' | 'isBusySeen' | 'isPartnerGone'>,
  isAnyProxyUp: boolean,
): number {
  if (contextStatus !== 500) return contextStatus;
  if (request.isPartnerGone) return 403;
  return isOutage(request, isAnyProxyUp) ? 503 : contextStatus;
}

/**
 * Whether every other request would fare the same (RFC 3261 §16.7 step 6): a community of which no host can be
 * reached, or no proxy at all. One partner out of reach is none: our servers would turn from us for all partners.
 */
function isOutage(
  request: Pick<ProxiedRequest, 'plan' | 'isBusySeen'>,
  isAnyProxyUp: boolean,
): boolean {
  return request.plan.direction === 'outward' ? !isAnyProxyUp : !request.isBusySeen;
}

const REASONS: ReadonlyMap<number, string> = new Map([
  [403, 'Forbidden'],
  [408, 'Request Timeout'],
  [480, 'Temporarily Unavailable'],
  [487, 'Request Terminated'],
  [500, 'Server Internal Error'],
  [503, 'Service Unavailable'],
]);
