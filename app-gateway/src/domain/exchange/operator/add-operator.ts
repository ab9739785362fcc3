import { hash } from 'node:crypto';
import { ok, type Result } from '@sallyport/shared/result.ts';
import { spkiDer } from '@sallyport/shared/x509/spki.ts';
import { type Actor, type Change, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import { isShortName } from '../short-name.ts';
import { ed25519Key } from '../signed-command.ts';
import type { OperatorRecord } from './operator-record.ts';

/**
 * Adds a person. The first is an officer and comes without a signature: the socket is the gate.
 *
 * Afterwards only officers add. Names and keys are for good, those of disabled operators too, so that an old
 * signature always means one person.
 */
export function addOperator(
  operators: readonly OperatorRecord[],
  { name, role, publicKeyPem }: Pick<OperatorRecord, 'name' | 'role' | 'publicKeyPem'>,
  actor: Actor,
  nowMs: number,
): Result<Change<OperatorRecord>, ExchangeRefusal> {
  if (operators.length > 0 && actor.role !== 'officer') {
    return refuse('officer-needed', { operator: actor.name, role: actor.role });
  }
  if (operators.length === 0 && role !== 'officer') return refuse('first-operator-officer', {});
  if (!isShortName(name)) return refuse('operator-name-wrong', { operator: name });
  if (operators.some((known) => known.name === name)) {
    return refuse('operator-known', { operator: name });
  }
  const spki = spkiOf(publicKeyPem);
  if (spki === undefined) return refuse('operator-key-wrong', {});
  const holder = operators.find((known) => spkiOf(known.publicKeyPem)?.equals(spki) === true);
  if (holder !== undefined) return refuse('operator-key-known', { operator: holder.name });
  const record: OperatorRecord = {
    name,
    role,
    publicKeyPem,
    isDisabled: false,
    addedAtMs: nowMs,
    addedBy: actor.name,
  };
  const detail = { role, keySha256: hash('sha256', spki, 'base64') };
  const event = eventOf(actor, nowMs, 'operator-added', `operator/${name}`, detail);
  return ok({ record, events: [event] });
}

function spkiOf(publicKeyPem: string): Buffer | undefined {
  const key = ed25519Key(publicKeyPem);
  return key && spkiDer(key);
}
