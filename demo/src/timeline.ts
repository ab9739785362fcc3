import process from 'node:process';

const isColoured = process.stdout.isTTY && process.stdout.hasColors();
const paint = (code: number) => (text: string) =>
  isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;
const bold = paint(1);
const dim = paint(2);
const red = paint(31);
const green = paint(32);
const yellow = paint(33);

/** One thing that happened: who did what, where it was decided, and how it went. */
export interface Step {
  readonly who: string;
  readonly where: 'outer DMZ' | 'inner DMZ' | 'intranet' | 'partner' | 'end to end';
  readonly what: string;
  readonly expected: string;
  readonly run: () => Promise<string>;
}

/** Prints what happens as a table that grows, and keeps the count of what went as stated. */
export class Timeline {
  readonly #startedMs = performance.now();
  good = 0;
  bad = 0;

  title(text: string): void {
    print(`\n${bold(text)}`);
  }

  note(text: string): void {
    print(dim(`  ${text}`));
  }

  /** Runs a step and prints it; a step that throws went wrong. */
  async step(step: Step): Promise<void> {
    const startMs = performance.now();
    const seen = await step.run().catch((cause: unknown) => `failed: ${messageOf(cause)}`);
    const tookMs = performance.now() - startMs;
    const isGood = seen === step.expected;
    if (isGood) this.good++;
    else this.bad++;
    const at = `${((startMs - this.#startedMs) / 1000).toFixed(2)} s`.padStart(8);
    const mark = isGood ? green('✓') : red('✗');
    const took = dim(`${tookMs.toFixed(tookMs < 10 ? 1 : 0)} ms`);
    print(
      `${dim(at)} ${mark} ${step.who.padEnd(17)} ${yellow(step.where.padEnd(10))} ${step.what.padEnd(46)} ${seen}  ${took}`,
    );
    if (!isGood) print(red(`           expected: ${step.expected}`));
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
