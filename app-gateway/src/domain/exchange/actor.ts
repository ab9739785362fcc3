import { ok, type Result } from '@sallyport/shared/result.ts';
import type { Author, ChangeKind, NewChangeEvent } from './change-event.ts';
import { type ExchangeRefusal, refuse } from './exchange-refusal.ts';
import type { OperatorRecord, OperatorRole } from './operator/operator-record.ts';

/** Who takes a step, and what they may do. */
export interface Actor {
  readonly author: Author;
  /** Operator's or node's. */
  readonly name: string;
  readonly role: OperatorRole | 'program';
}

/** A record after a step, and what goes into the history for it. */
export interface Change<Subject> {
  readonly record: Subject;
  readonly events: readonly [NewChangeEvent, ...NewChangeEvent[]];
}

/** An officer's word that a safeguard is to be passed over, and why. */
export interface Force {
  readonly reason: string;
}

const REASON = /^[^\p{Cc}]{1,500}$/u;

/** The actor behind an author; whoever is on no list, or disabled, may only read. */
export function actorOf(author: Author, operators: readonly OperatorRecord[]): Actor {
  if (author.kind === 'program') return { author, name: author.node, role: 'program' };
  const name = author.approval.operator;
  const operator = operators.find((known) => known.name === name && !known.isDisabled);
  return { author, name, role: operator?.role ?? 'auditor' };
}

/** One line of the history. */
export function eventOf(
  actor: Actor,
  atMs: number,
  kind: ChangeKind,
  subject: string,
  detail: Readonly<Record<string, unknown>> = {},
): NewChangeEvent {
  return { atMs, author: actor.author, kind, subject, detail };
}

/** A reason in words, without space around it. */
export function checkReason(text: string): Result<string, ExchangeRefusal> {
  const reason = text.trim();
  return REASON.test(reason) ? ok(reason) : refuse('reason-needed', {});
}

/** Only an officer passes over a safeguard, and says why. */
export function checkForce(actor: Actor, force: Force): Result<string, ExchangeRefusal> {
  return requireOfficer(actor, () => checkReason(force.reason));
}

/** Goes on when the actor is an officer. */
export function requireOfficer<T>(
  { name, role }: Actor,
  goOn: () => Result<T, ExchangeRefusal>,
): Result<T, ExchangeRefusal> {
  return role === 'officer' ? goOn() : refuse('officer-needed', { operator: name, role });
}
