import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import type { NodeRecord } from './node-record.ts';
import { revocationFacts } from './revoke-node.ts';

/** A host that asks more often than this is out of order, or not the host. */
const CERTIFICATES_MAX = 64;

/** Notes a channel certificate before it is handed out; those that have ended leave the record. */
export function noteCertificateIssued(
  record: NodeRecord,
  { serial, notAfterMs }: NodeRecord['certificates'][number],
  actor: Actor,
  nowMs: number,
): Result<Change<NodeRecord>, ExchangeRefusal> {
  const { node } = record;
  if (record.state === 'revoked') return refuse('node-revoked', revocationFacts(record));
  const live = record.certificates.filter((certificate) => certificate.notAfterMs >= nowMs);
  if (live.some((known) => known.serial === serial)) return refuse('serial-known', { serial });
  if (live.length >= CERTIFICATES_MAX)
    return refuse('certificates-max', { node, count: live.length });
  const detail = { serial, notAfterMs };
  return ok({
    record: { ...record, certificates: [...live, { serial, notAfterMs }] },
    events: [eventOf(actor, nowMs, 'channel-certificate-issued', `node/${node}`, detail)],
  });
}
