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
  readonly where: 'outer DMZ' | 'inner DMZ' | 'intranet' | 'partner' | 'end to end' | 'elsewhere';
  readonly what: string;
  readonly expected: string;
  readonly run: () => Promise<string>;
  /** Finds the index of the ledger's record that tells of it, once it has run. */
  readonly record?: () => Promise<number>;
}

/** What was seen and how long it took, in front of the record's number. */
const SEEN_CHARS = 50;

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
    const { index, missing } = await found(step);
    const isGood = seen === step.expected && missing === undefined;
    if (isGood) this.good++;
    else this.bad++;
    const at = `${((startMs - this.#startedMs) / 1000).toFixed(2)} s`.padStart(8);
    const mark = isGood ? green('✓') : red('✗');
    const took = `${tookMs.toFixed(tookMs < 10 ? 1 : 0)} ms`;
    const gap = ' '.repeat(Math.max(2, SEEN_CHARS - seen.length - took.length - 2));
    const number = index === undefined ? '' : `${gap}#${index}`;
    print(
      `${dim(at)} ${mark} ${step.who.padEnd(17)} ${yellow(step.where.padEnd(10))} ${step.what.padEnd(46)} ${seen}  ${dim(took)}${number}`,
    );
    if (seen !== step.expected) print(red(`           expected: ${step.expected}`));
    if (missing !== undefined) print(red(`           no record in the ledger: ${missing}`));
  }
}

async function found({
  record,
}: Step): Promise<{ readonly index?: number; readonly missing?: string }> {
  if (record === undefined) return {};
  return record().then(
    (index) => ({ index }),
    (cause: unknown) => ({ missing: messageOf(cause) }),
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
