import assert from 'node:assert/strict';
import type {
  TransactionEffect,
  Turn,
} from '@sallyport/shared/sip/transaction/transaction-effect.ts';
import type { TimerName } from '@sallyport/shared/sip/transaction/transaction-timers.ts';
import fc from 'fast-check';

/** Effects as one line: `clear F, pass-response-up`. */
export function describeEffects(effects: readonly TransactionEffect[]): string {
  return effects.map(describeEffect).join(', ');
}

function describeEffect(effect: TransactionEffect): string {
  switch (effect.type) {
    case 'arm-timer':
      return `arm ${effect.timer}`;
    case 'clear-timer':
      return `clear ${effect.timer}`;
    case 'fail':
      return `fail ${effect.reason}`;
    case 'send-request':
    case 'send-ack':
    case 'send-trying':
    case 'send-response':
    case 'send-last-response':
    case 'pass-response-up':
    case 'pass-ack-up':
      return effect.type;
  }
}

interface Machine<State, Input> {
  readonly start: Turn<State>;
  readonly step: (state: State, input: Input) => Turn<State>;
  readonly inputs: readonly Input[];
  readonly timers: Partial<Readonly<Record<TimerName, Input>>>;
  /** What the layer above does in the end, where no timer does. */
  readonly ending?: Input;
}

/**
 * Runs a machine with any inputs in any order, then lets the armed timers fire; it must come to `terminated`,
 * stay there in silence, and hold no timer. A timer input comes only while that timer runs.
 */
export function everyRunEnds<State, Input>(machine: Machine<State, Input>): void {
  const ownInput = fc.record({ input: fc.constantFrom(...machine.inputs) });
  const anyTimer = fc.record({
    timer: fc.constantFrom(...(Object.keys(machine.timers) as TimerName[])),
  });
  const move = fc.oneof(ownInput, anyTimer);
  fc.assert(
    fc.property(fc.array(move, { maxLength: 12 }), (moves) => {
      const run = new Run(machine);
      for (const given of moves) {
        if ('timer' in given) run.fire(given.timer);
        else run.input(given.input);
      }
      if (machine.ending !== undefined) run.input(machine.ending);
      for (const timer of [...run.armed]) run.fire(timer);
      for (const timer of [...run.armed]) run.fire(timer);
      assert.equal(run.state, 'terminated');
      assert.deepEqual([...run.armed], []);
      for (const input of machine.inputs) run.input(input);
    }),
    { seed: 3261, numRuns: 2000 },
  );
}

class Run<State, Input> {
  readonly #machine: Machine<State, Input>;
  readonly armed = new Set<TimerName>();
  state: State;

  constructor(machine: Machine<State, Input>) {
    this.#machine = machine;
    this.state = machine.start.state;
    this.#take(machine.start);
  }

  fire(timer: TimerName): void {
    const input = this.#machine.timers[timer];
    if (this.armed.delete(timer) && input !== undefined) this.input(input);
  }

  input(input: Input): void {
    const before = this.state;
    const turn = this.#machine.step(before, input);
    if (before === 'terminated') {
      assert.equal(turn.state, 'terminated');
      assert.deepEqual(turn.effects, []);
    }
    this.#take(turn);
  }

  #take(turn: Turn<State>): void {
    this.state = turn.state;
    for (const effect of turn.effects) {
      if (effect.type === 'arm-timer') this.armed.add(effect.timer);
      if (effect.type === 'clear-timer') assert.ok(this.armed.delete(effect.timer), effect.timer);
    }
  }
}
