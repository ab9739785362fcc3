/** A request understood and not carried on: the answer it gets, with the rule that decided. */
export interface Refusal {
  readonly status: number;
  readonly reasonPhrase: string;
  readonly rule: string;
  readonly headers: readonly string[];
}

export function refusal(
  status: number,
  reasonPhrase: string,
  rule: string,
  ...headers: readonly string[]
): Refusal {
  return { status, reasonPhrase, rule, headers };
}

/** One text for everything that policy forbids, so that a partner learns nothing from it. */
export function forbidden(rule: string): Refusal {
  return refusal(403, 'Forbidden', rule);
}
