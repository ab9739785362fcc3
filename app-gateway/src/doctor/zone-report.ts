import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { counted, textTable } from '../commands/text-table.ts';
import type { ListeningDifference } from './compare-listening.ts';
import { adviceOn, isDifference } from './judge-pair.ts';
import type { JudgedPair, JudgedResult, Untried } from './judge-result.ts';
import type { ZoneResult } from './zone-result.ts';

/** How many pairs and places are as planned, differ, or could not be tried. */
export interface Tally {
  readonly asPlanned: number;
  readonly differences: number;
  readonly notTried: number;
  /** Of those: by nobody, from nowhere. */
  readonly notProvable: number;
}

/** Counts the pairs and places of a result; what listens on loopback alone is no difference. */
export function tally({ pairs, listening = [] }: JudgedResult): Tally {
  const notTried = pairs.filter(({ verdict }) => verdict === 'not-tried').length;
  const differing = pairs.filter(({ verdict }) => isDifference(verdict)).length;
  return {
    asPlanned: pairs.length - notTried - differing,
    differences: differing + listening.filter(isRealDifference).length,
    notTried,
    notProvable: pairs.filter(({ untried }) => untried === 'no-question').length,
  };
}

/** Whether a place was looked from at all, and nothing differs. */
export function isAsPlanned({ asPlanned, differences, notTried, notProvable }: Tally): boolean {
  return differences === 0 && (asPlanned > 0 || notTried === notProvable);
}

/** Whether a place differs from the plan in a way that others can reach. */
export function isRealDifference({ kind }: ListeningDifference): boolean {
  return kind !== 'unplanned-loopback';
}

/** What a difference of listening sockets means, and what to do about it. */
export function listeningAdvice({ kind, purpose }: ListeningDifference): {
  readonly what: string;
  readonly next: string;
} {
  switch (kind) {
    case 'unplanned':
      return {
        what: 'listens, and is in no plan',
        next: 'see whose it is (ss -lntup); stop it, or bind it to loopback',
      };
    case 'wider-than-planned':
      return { what: `listens on every address (${purpose})`, next: 'bind it to the planned ones' };
    case 'not-listening':
      return { what: `is planned (${purpose}), and nobody listens`, next: 'start what should' };
    case 'unplanned-loopback':
      return { what: 'listens on loopback alone', next: 'no other host reaches it' };
  }
}

/** A result for people: differences first, then what could not be tried, the rest as a count unless all is asked for. */
export function zoneReportText(result: ZoneResult, judged: JudgedResult, all: boolean): string {
  const counts = tally(judged);
  const { asPlanned, differences, notTried, notProvable } = counts;
  const { pairs, listening = [] } = judged;
  const from = result.host === undefined ? result.zone : `${result.host} (${result.zone})`;
  const shown = pairs
    .filter(({ verdict }) => all || verdict !== 'as-planned')
    .toSorted((a, b) => rank(a) - rank(b));
  const places = listening.filter((place) => all || isRealDifference(place));
  const loopback = listening.length - listening.filter(isRealDifference).length;
  return [
    ...places.map((place) => {
      const { what, next } = listeningAdvice(place);
      const mark = isRealDifference(place) ? 'FAULT ' : 'notice';
      return `${mark} ${place.protocol} ${hostPort(place.address, place.port)} ${what}\n       next: ${next}`;
    }),
    ...(shown.length === 0 ? [] : [textTable(HEADINGS, shown.map(pairRow))]),
    ...nexts(shown),
    `from ${from}: ${asPlanned} as planned, ${counted(differences, 'difference')}, ${notTried} not tried${notProvable > 0 ? ` (${notProvable} of them not provable by anybody)` : ''}`,
    ...(loopback > 0 && !all
      ? [`${counted(loopback, 'socket')} on loopback alone in no plan`]
      : []),
    lastWord(counts),
  ].join('\n');
}

function lastWord(counts: Tally): string {
  if (counts.differences > 0) return 'NOT as planned';
  if (!isAsPlanned(counts)) return 'NOTHING could be tried from here: this shows nothing';
  return counts.notTried > 0 ? 'as planned, as far as it could be tried' : 'as planned';
}

const HEADINGS = ['', 'to', 'place', 'plan', 'seen', 'what'];
const UNTRIED: Readonly<Record<Untried, string>> = {
  'no-question':
    'not provable from here: no question is known that a server on this UDP port answers',
  'no-source': 'not provable from here: this machine has no address of that family',
  'other-source': 'not provable from here: packets would carry an address of another zone',
  failed: 'could not be tried',
};
const ORDER = ['hole', 'let-through', 'blocked', 'nobody-listens', 'not-tried', 'as-planned'];

function rank({ verdict }: JudgedPair): number {
  return ORDER.indexOf(verdict);
}

function pairRow({
  socket,
  dial,
  isAllowed,
  seen,
  verdict,
  flowId,
  source,
  untried,
}: JudgedPair): readonly string[] {
  const what = untried === undefined ? adviceOn(verdict, seen).what : UNTRIED[untried];
  const mark = isDifference(verdict) ? 'FAULT' : verdict === 'not-tried' ? '-' : 'ok';
  return [
    mark,
    socket.host,
    `${socket.protocol} ${hostPort(dial.address, dial.port)}`,
    source === undefined ? '' : isAllowed ? 'allowed' : 'forbidden',
    seen,
    [what, flowId === undefined ? '' : `flow ${flowId}`].filter((text) => text !== '').join('; '),
  ];
}

function nexts(shown: readonly JudgedPair[]): readonly string[] {
  const lines = shown.map(({ verdict, seen }) => adviceOn(verdict, seen).next);
  return [...new Set(lines)].filter((next) => next !== '').map((next) => `next: ${next}`);
}
