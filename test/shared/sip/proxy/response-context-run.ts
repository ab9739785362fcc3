import assert from 'node:assert/strict';
import {
  type ContextInput,
  IDLE,
  type ResponseContext,
  step,
} from '@sallyport/shared/sip/proxy/response-context.ts';
import type { ContextEffect } from '@sallyport/shared/sip/proxy/response-context-effect.ts';

/** Carries a context through a run and checks what must hold after each turn. */
export class ContextRun {
  state: ResponseContext = IDLE;
  readonly armed = new Set<string>();
  endings = 0;
  #isInvite = false;
  #isProvisionalSeen = false;
  #isCancelled = false;
  #isBranchCancelled = false;

  input(input: ContextInput): void {
    if (input.type === 'timer-c' && !this.armed.delete('C')) return;
    if (input.type === 'timer-cancel' && !this.armed.delete('cancel')) return;
    if (input.type === 'start') this.#isInvite = input.isInvite;
    if (input.type === 'provisional') this.#isProvisionalSeen = true;
    const wasDone = this.state.phase === 'done';
    const turn = step(this.state, input);
    if (input.type === 'cancel-received' && this.#isInvite) this.#isCancelled = true;
    this.state = turn.state;
    for (const effect of turn.effects) {
      if (wasDone) assert.equal(effect.type, 'forward-late-2xx');
      this.#take(effect);
    }
  }

  /** The world goes silent: timers fire, and the last client transaction times out. */
  letTimersFire(): void {
    for (let turns = 0; turns < 10 && this.state.phase !== 'done'; turns++) {
      const isCalling = !this.#isInvite || !this.#isProvisionalSeen;
      if (isCalling) this.input({ type: 'timeout' });
      else this.input({ type: this.armed.has('cancel') ? 'timer-cancel' : 'timer-c' });
    }
  }

  #take(effect: ContextEffect): void {
    switch (effect.type) {
      case 'try-target':
        assert.ok(!this.#isCancelled, 'no failover after a CANCEL');
        assert.ok(!this.#isBranchCancelled, 'no failover after our own CANCEL');
        this.#isProvisionalSeen = false;
        return;
      case 'cancel-branch':
        assert.ok(this.#isProvisionalSeen, 'CANCEL before a provisional');
        assert.ok(!this.#isBranchCancelled, 'a second CANCEL');
        this.#isBranchCancelled = true;
        return;
      case 'reply':
        assert.ok(this.#isInvite || effect.status !== 408, '408 to a non-INVITE');
        this.endings++;
        return;
      case 'forward-final':
      case 'abandon':
        this.endings++;
        return;
      case 'arm-timer':
        this.armed.add(effect.timer);
        return;
      case 'clear-timer':
        this.armed.delete(effect.timer);
        return;
      case 'forward-provisional':
        assert.ok(this.#isInvite, 'a provisional response to a non-INVITE');
        assert.equal(this.endings, 0, 'a provisional response after a final one');
        return;
      case 'forward-late-2xx':
      case 'drop-branch':
      case 'done':
        return;
    }
  }
}
