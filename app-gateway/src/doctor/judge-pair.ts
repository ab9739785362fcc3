/** What came of a try. */
export type Seen =
  /** A connection stood, or an answer came. */
  | 'open'
  /** The other host said that nobody listens (TCP reset, ICMP port unreachable); a firewall that rejects says the same. */
  | 'refused'
  /** Nothing came within the time. */
  | 'silent'
  /** The network said that there is no way there. */
  | 'unreachable'
  /** This machine’s own packet filter let nothing out. */
  | 'blocked-here'
  | 'not-tried';

/** What a try shows about the plan. */
export type PairVerdict =
  | 'as-planned'
  /** Forbidden and open: what the firewall should stop goes through, and somebody answers. */
  | 'hole'
  /** Forbidden, and the other host answered that nobody listens: the packet went through. */
  | 'let-through'
  /** Allowed, and nothing came back: something on the way stops it. */
  | 'blocked'
  /** Allowed, and the other host answered that nobody listens. */
  | 'nobody-listens'
  | 'not-tried';

/** Compares what a plan says with what was seen. */
export function judgePair(isAllowed: boolean, seen: Seen): PairVerdict {
  switch (seen) {
    case 'open':
      return isAllowed ? 'as-planned' : 'hole';
    case 'refused':
      return isAllowed ? 'nobody-listens' : 'let-through';
    case 'silent':
    case 'unreachable':
    case 'blocked-here':
      return isAllowed ? 'blocked' : 'as-planned';
    case 'not-tried':
      return 'not-tried';
  }
}

/** Whether a verdict is a difference from the plan. */
export function isDifference(verdict: PairVerdict): boolean {
  return verdict !== 'as-planned' && verdict !== 'not-tried';
}

/** What a difference means, and what to do about it. */
export function adviceOn(verdict: PairVerdict, seen: Seen): { what: string; next: string } {
  switch (verdict) {
    case 'hole':
      return {
        what: 'HOLE: forbidden, and open',
        next: 'find the rule that lets it through, on the firewall and on the host',
      };
    case 'let-through':
      return {
        what: 'forbidden, and the host answered that nobody listens: the packet went through',
        next: 'find the rule that lets it through; where the firewall rejects instead of dropping, let it drop',
      };
    case 'blocked':
      return { what: `allowed, and ${BLOCKED[seen] ?? 'blocked'}`, next: BLOCKED_NEXT };
    case 'nobody-listens':
      return {
        what: 'allowed, and nobody listens',
        next: 'start the program there; where the firewall rejects, see whether it has this rule',
      };
    case 'as-planned':
    case 'not-tried':
      return { what: '', next: '' };
  }
}

const BLOCKED: Partial<Record<Seen, string>> = {
  silent: 'no answer came: blocked',
  unreachable: 'there is no way there',
  'blocked-here': 'this machine’s own packet filter stops it',
};
const BLOCKED_NEXT =
  'see whether both hosts and every firewall between have the plan’s rules, and whether the host is up';
