/** Something a command did not do: what, and what to do next; never a secret. */
export interface CommandRefusal {
  /** A stable word for scripts, like `fingerprint-wrong`. */
  readonly code: string;
  readonly message: string;
  readonly next: string;
  /** Further facts for `--json`. */
  readonly detail?: Readonly<Record<string, unknown>>;
}
