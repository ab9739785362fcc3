import type { Surroundings } from './surroundings.ts';

/** Soon on a terminal, and seldom where a log is read. */
const TERMINAL_STEP_MS = 1000;
const LOG_STEP_MS = 10_000;

/** Tells how far something that takes its time has come, a line now and then: `3000 of 12000 records …`. */
export function progressLines(
  what: string,
  { messages, nowMs }: Pick<Surroundings, 'messages' | 'nowMs'>,
): (done: number, total: number) => void {
  const stepMs = messages.isTTY === true ? TERMINAL_STEP_MS : LOG_STEP_MS;
  let toldMs = nowMs();
  return (done, total) => {
    if (nowMs() - toldMs < stepMs) return;
    toldMs = nowMs();
    messages.write(`${done} of ${total} ${what} …\n`);
  };
}
