/** Methods whose meaning this program knows. */
export const KNOWN_METHODS: ReadonlySet<string> = new Set([
  ...['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'MESSAGE', 'SUBSCRIBE', 'NOTIFY', 'PUBLISH'],
  ...['INFO', 'UPDATE', 'PRACK', 'REFER'],
]);

/** With those above, the whole IANA registry "SIP Methods". */
const REGISTERED_METHODS: readonly string[] = [...KNOWN_METHODS, 'REGISTER'];

/**
 * Why an operator should look again at a method that was written down; undefined where it is a known one.
 *
 * Extension methods may be allowed on purpose, so this is never more than a warning; but of a misspelt one nothing else
 * would ever tell.
 */
export function doubtOfMethod(method: string): string | undefined {
  if (KNOWN_METHODS.has(method)) return undefined;
  if (REGISTERED_METHODS.includes(method)) {
    return `${method} is a method that this program knows nothing of; it is passed on as it is`;
  }
  const meant = meantMethod(method);
  const question = meant === undefined ? '' : `did you mean ${meant}? `;
  return `${method} is no registered SIP method; ${question}as an extension it is passed on as it is`;
}

/** The registered method that at most one slip in three letters, and two in all, make into that word. */
function meantMethod(method: string): string | undefined {
  const slipsMax = Math.min(2, Math.floor(method.length / 3));
  const [nearest] = REGISTERED_METHODS.map((name) => ({ name, slips: slipsBetween(method, name) }))
    .filter(({ slips }) => slips <= slipsMax)
    .sort((a, b) => a.slips - b.slips);
  return nearest?.name;
}

/** Letters left out, added, mistaken, or swapped with their neighbour (optimal string alignment). */
function slipsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const least = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (isSame ? 0 : 1),
      );
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(isSwap ? Math.min(least, at(i - 2, j - 2) + 1) : least);
    }
  }
  return at(a.length, b.length);
}
