/** Whose bodies are recorded. At least one of the lists must say something: nothing means nobody. */
export interface BodyRule {
  /** What stands in the record as the reason. */
  readonly name: string;
  /** Ids of partners. Absent: of every partner. */
  readonly partners?: readonly string[];
  /** Users on either side, `user@domain` or `@domain` for all of a domain. Absent: everybody. */
  readonly users?: readonly string[];
}

/** Who speaks with whom. */
export interface BodyParties {
  readonly partner: string;
  /** `user@domain` of the From and of the To. */
  readonly users: readonly string[];
}

/**
 * The name of the first rule that demands the body of a message; undefined: it is not recorded, as is every body
 * of which no rule speaks. Host parts are compared without regard to case, user parts as they stand (RFC 3261 §19.1.4).
 */
export function recordsBody(
  rules: readonly BodyRule[],
  { partner, users }: BodyParties,
): string | undefined {
  const addresses = users.map(normalised);
  return rules.find((rule) => {
    if (rule.partners === undefined && rule.users === undefined) return false;
    return (
      (rule.partners?.includes(partner) ?? true) &&
      (rule.users?.some((wanted) => addresses.some((user) => isMeant(normalised(wanted), user))) ??
        true)
    );
  })?.name;
}

function isMeant(wanted: string, user: string): boolean {
  return wanted.startsWith('@') ? user.slice(user.lastIndexOf('@')) === wanted : user === wanted;
}

function normalised(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? address : address.slice(0, at) + address.slice(at).toLowerCase();
}
