import {
  boundedStep,
  PROBE_STEPS_MAX,
  type ProbeOutcome,
  type ProbeStep,
  type ProbeStepName,
} from '@sallyport/shared/channel/probe.ts';

/** What was seen, before it is put into a list. */
export interface Seen {
  readonly expected: string;
  readonly seen: string;
  readonly outcome: ProbeOutcome;
  readonly code?: string;
}

/** The steps of one probe, each with the time since the one before; those beyond the frame's limit are left out. */
export class StepList {
  readonly #nowMs: () => number;
  readonly #steps: ProbeStep[] = [];
  #sinceMs: number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#sinceMs = nowMs();
  }

  get steps(): readonly ProbeStep[] {
    return this.#steps;
  }

  add(step: ProbeStepName, target: string | undefined, seen: Seen): void {
    const nowMs = this.#nowMs();
    const ms = nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
    if (this.#steps.length >= PROBE_STEPS_MAX) return;
    this.#steps.push(boundedStep({ step, ...(target !== undefined && { target }), ...seen, ms }));
  }
}
