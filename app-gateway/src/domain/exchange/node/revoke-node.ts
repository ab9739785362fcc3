import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, checkReason, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse, utcText } from '../exchange-refusal.ts';
import type { NodeRecord } from './node-record.ts';

/** Shuts a lost host out: its channels close everywhere, and it gets no certificate any more. */
export function revokeNode(
  record: NodeRecord,
  reason: string,
  actor: Actor,
  nowMs: number,
): Result<Change<NodeRecord>, ExchangeRefusal> {
  const { node, state, certificates } = record;
  if (state === 'revoked') return refuse('node-revoked', revocationFacts(record));
  const given = checkReason(reason);
  if (!given.ok) return given;
  const detail = { reason: given.value, serials: certificates.map(({ serial }) => serial) };
  return ok({
    record: { ...record, state: 'revoked', revokedAtMs: nowMs, reason: given.value },
    events: [eventOf(actor, nowMs, 'node-revoked', `node/${node}`, detail)],
  });
}

/** Since when and why a node is shut out, for a refusal. */
export function revocationFacts({ node, revokedAtMs, reason }: NodeRecord) {
  return { node, when: utcText(revokedAtMs ?? Number.NaN), reason: reason ?? 'no reason known' };
}
