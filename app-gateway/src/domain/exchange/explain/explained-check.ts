/** One check that a message would meet. */
export interface ExplainedCheck {
  readonly where: 'proxy' | 'gateway';
  readonly check: string;
  /** `not-known`: it hangs on what was not told, or on what only a live message shows. */
  readonly outcome: 'pass' | 'fail' | 'not-known';
  /** As the programs log and count it; absent where nothing is refused. */
  readonly code?: string;
  readonly detail: string;
}

/** The whole row in one word, and the check that decided. */
export interface Explained {
  readonly outcome: ExplainedCheck['outcome'];
  /** The first that fails, or else the first that is not known. */
  readonly decidedBy?: ExplainedCheck;
  readonly checks: readonly ExplainedCheck[];
}

/** The first failure decides, as it does for a message. */
export function explained(checks: readonly ExplainedCheck[]): Explained {
  const failed = checks.find(({ outcome }) => outcome === 'fail');
  if (failed !== undefined) return { outcome: 'fail', decidedBy: failed, checks };
  const open = checks.find(({ outcome }) => outcome === 'not-known');
  return open ? { outcome: 'not-known', decidedBy: open, checks } : { outcome: 'pass', checks };
}

/** Collects checks in their order. */
export class CheckList {
  readonly #checks: ExplainedCheck[] = [];
  readonly #where: ExplainedCheck['where'];

  constructor(where: ExplainedCheck['where']) {
    this.#where = where;
  }

  get checks(): readonly ExplainedCheck[] {
    return this.#checks;
  }

  pass(check: string, detail: string): void {
    this.#checks.push({ where: this.#where, check, outcome: 'pass', detail });
  }

  fail(check: string, code: string, detail: string): void {
    this.#checks.push({ where: this.#where, check, outcome: 'fail', code, detail });
  }

  notKnown(check: string, detail: string, code?: string): void {
    const outcome = 'not-known';
    this.#checks.push({ where: this.#where, check, outcome, detail, ...(code && { code }) });
  }

  /** Passes or fails; `code` is for the failure. */
  judge(isGood: boolean, check: string, code: string, detail: string): void {
    if (isGood) this.pass(check, detail);
    else this.fail(check, code, detail);
  }
}
