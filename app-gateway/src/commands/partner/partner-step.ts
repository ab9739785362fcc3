import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Actor, actorOf, type Change } from '../../domain/exchange/actor.ts';
import type { Author } from '../../domain/exchange/change-event.ts';
import type { PartnerRecord } from '../../domain/exchange/partner/partner-record.ts';
import type { State } from '../../ports/state-store.ts';
import { changeAndApply, changeState, type Decide } from '../change-state.ts';
import type { Applied, CommandContext } from '../command-context.ts';
import type { CommandRefusal } from '../command-refusal.ts';

/** What a step did, before anybody words it. */
export interface StepTaken<C> {
  readonly change: C;
  readonly record: PartnerRecord;
  /** Absent where the step is of no interest to proxies. */
  readonly applied?: Applied;
}

/** Decides a step of one partner on the newest state. */
export type Step<C> = (
  record: PartnerRecord,
  actor: Actor,
  state: State,
) => Result<C, CommandRefusal>;

/** Takes one step of one partner, writes it, and tells the proxies. */
export function takeStep<C extends Change<PartnerRecord>>(
  context: CommandContext,
  author: Author,
  partner: string,
  step: Step<C>,
): Promise<Result<StepTaken<C>, CommandRefusal>> {
  return changeAndApply(context, decided(author, partner, step));
}

/** Takes a step that changes nothing for the proxies: it is written, and that is all. */
export async function noteStep<C extends Change<PartnerRecord>>(
  context: CommandContext,
  author: Author,
  partner: string,
  step: Step<C>,
): Promise<Result<StepTaken<C>, CommandRefusal>> {
  const done = await changeState(context, decided(author, partner, step));
  return done.ok ? ok(done.value.answer) : done;
}

function decided<C extends Change<PartnerRecord>>(
  author: Author,
  partner: string,
  step: Step<C>,
): Decide<StepTaken<C>> {
  return (state) => {
    const known = partnerIn(state, partner);
    if (!known.ok) return known;
    const done = step(known.value, actorOf(author, state.operators), state);
    if (!done.ok) return done;
    const { record, events } = done.value;
    return ok({ change: { partners: [record], events }, answer: { change: done.value, record } });
  };
}

/** The partner of that name. */
export function partnerIn(
  state: Pick<State, 'partners'>,
  partner: string,
): Result<PartnerRecord, CommandRefusal> {
  const record = state.partners.find(({ id }) => id === partner);
  if (record !== undefined) return ok(record);
  return err({
    code: 'partner-unknown',
    message: `there is no partner ${partner}`,
    next: 'sallyport partner list',
    detail: { partner },
  });
}

type SetState = PartnerRecord['trustSets'][number]['state'];

/** Why no set can be meant, in words of what has not happened yet. */
function noneYet(partner: string, states: readonly SetState[]): string {
  if (states.includes('staged')) return `no set of ${partner} is staged`;
  if (states.includes('seen')) return `no handshake of ${partner} has used a new set yet`;
  if (states.includes('verified')) return `no set of ${partner} is verified and waits to be staged`;
  return `no set of ${partner} waits to be verified`;
}

/** How far each set is that is not done with, and by whom alone it was verified where that takes two. */
function progress({ trustSets }: PartnerRecord): string {
  const open = trustSets.filter(({ state }) => state !== 'retired' && state !== 'rejected');
  const words = open.map(({ id, state, verifications }) => {
    const [first] = verifications;
    return state === 'received' && first !== undefined
      ? `${id} is verified by ${first.operator} alone`
      : `${id} is ${state}`;
  });
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

/** The one set that a step can mean where none was named. */
export function onlySet(
  record: PartnerRecord,
  named: string | undefined,
  step: string,
  states: readonly SetState[],
): Result<string, CommandRefusal> {
  if (named !== undefined) return ok(named);
  const sets = record.trustSets.filter(({ state }) => states.includes(state));
  const [only] = sets;
  if (only !== undefined && sets.length === 1) return ok(only.id);
  const ids = sets.map(({ id }) => id);
  const partner = record.id;
  const detail = { partner, sets: ids };
  if (ids.length === 0) {
    const message = `${noneYet(partner, states)}${progress(record)}: there is nothing to ${step}`;
    return err({ code: 'trust-none', message, next: `sallyport partner show ${partner}`, detail });
  }
  const message = `several sets of ${partner} can be meant: ${ids.join(', ')}`;
  return err({ code: 'trust-unclear', message, next: 'name one with --set', detail });
}
