import { ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, type Change, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse, utcText } from '../exchange-refusal.ts';
import { isShortName } from '../short-name.ts';
import type { NodeRecord } from './node-record.ts';

/** A host that asks to belong to the site. */
export interface NodeRequest extends Pick<NodeRecord, 'node' | 'role' | 'hosts'> {
  /** Of the key in its request, as the operator compared it: hexadecimal. */
  readonly keyFingerprint: string;
  /** How long a certificate lives: those that came with a bundle are on no record. */
  readonly certificateMs: number;
}

/**
 * Lets a host have channel certificates; a gateway is an officer's to let in, for proxies give it all that passes.
 *
 * A revoked name comes back only when its last certificate has ended, and one that was written with its bundle would have:
 * until then whoever holds the lost key would come back with it.
 */
export function approveNode(
  nodes: readonly NodeRecord[],
  { node, role, hosts, keyFingerprint, certificateMs }: NodeRequest,
  actor: Actor,
  nowMs: number,
): Result<Change<NodeRecord>, ExchangeRefusal> {
  if (!isShortName(node)) return refuse('node-name-wrong', { node });
  const known = nodes.find((record) => record.node === node);
  if (known !== undefined && known.role !== role) {
    return refuse('node-role-other', { node, role: known.role });
  }
  if (role === 'gateway' && actor.role !== 'officer') {
    return refuse('officer-needed', { operator: actor.name, role: actor.role });
  }
  const endsAtMs = Math.max(
    (known?.revokedAtMs ?? 0) + certificateMs,
    ...(known?.certificates ?? []).map(({ notAfterMs }) => notAfterMs),
  );
  if (known?.state === 'revoked' && endsAtMs >= nowMs) {
    return refuse('node-certificates-live', { node, when: utcText(endsAtMs), endsAtMs });
  }
  const record: NodeRecord = {
    node,
    role,
    state: 'approved',
    hosts,
    certificates: known?.state === 'approved' ? known.certificates : [],
  };
  const detail = { role, hosts, keyFingerprint };
  return ok({ record, events: [eventOf(actor, nowMs, 'node-approved', `node/${node}`, detail)] });
}
