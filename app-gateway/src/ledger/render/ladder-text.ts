import { instantText } from '@sallyport/shared/io/time-text.ts';
import { type Ladder, type LadderStep, spanText } from './ladder.ts';

const LANE_CHARS_MIN = 24;
const LANE_CHARS_MAX = 72;
/** Where the window is narrow: a name, and the end of an arrow. */
const LANE_CHARS_NARROW = 16;
/** Left of the first lane: half of its name. */
const LEAD_CHARS_MAX = 12;
/** What a narrow window leaves to remarks right of the last lane, its star included. */
const REMARK_CHARS = 18;
const REMARK_CHARS_MIN = 8;
/** Time of day with milliseconds, and a space. */
const TIME_CHARS = 13;
/** Two spaces and the record's number. */
const INDEX_CHARS = 9;
/** The ends of an arrow, and a space on each side of what stands on it. */
const ARROW_CHARS = 6;

/** Where lanes stand, counted from behind the time: the first at `lead`, the others `gap` apart. */
interface Places {
  readonly lead: number;
  readonly gap: number;
  readonly lanes: number;
  /** As much as fits between time and number. */
  readonly columns: number;
}

/**
 * The ladder for a terminal of fixed-width letters; every line can be found again by its record's number.
 *
 * In a window of so many columns labels are cut to fit; without a number, as into a file, the longest is shown whole.
 */
export function ladderText(ladder: Ladder, columns = Number.POSITIVE_INFINITY): string {
  const { callId, lanes, steps, leftOut } = ladder;
  const places = placesOf(ladder, columns - TIME_CHARS - INDEX_CHARS);
  return [
    `Call-ID ${callId}`,
    steps.length === 0 ? 'no records' : spanText(ladder),
    '',
    `${' '.repeat(TIME_CHARS)}${namesLine(lanes, places)}`.trimEnd(),
    ...steps.map((step) => stepLine(step, places)),
    ...(leftOut > 0 ? [`… and ${leftOut} more`] : []),
  ].join('\n');
}

function placesOf({ lanes, steps }: Ladder, columns: number): Places {
  const longest = Math.max(
    0,
    ...steps.map(({ label }) => label.length),
    ...lanes.map(({ length }) => length),
  );
  const lead = Math.min(LEAD_CHARS_MAX, Math.max(1, Math.floor((lanes[0] ?? '').length / 2)));
  const remarks = steps.filter(({ from, to }) => from === to && to === lanes.length - 1);
  const tail = Math.max(1, ...remarks.map(({ label }) => Math.min(REMARK_CHARS, label.length + 2)));
  const fitting = Math.floor((columns - lead - tail) / Math.max(1, lanes.length - 1));
  const gap = Math.max(
    LANE_CHARS_NARROW,
    Math.min(fitting, LANE_CHARS_MAX, Math.max(LANE_CHARS_MIN, longest + ARROW_CHARS)),
  );
  return { lead, gap, lanes: lanes.length, columns };
}

/** Names over their lanes: the first and the last within what the window has left and right of them. */
function namesLine(lanes: readonly string[], { lead, gap }: Places): string {
  return lanes.reduce((line, lane, at) => {
    const isRim = at === 0 || at === lanes.length - 1;
    const name = shortened(lane, isRim ? Math.min(gap - 2, 2 * LEAD_CHARS_MAX) : gap - 2);
    const start = lead + at * gap - Math.floor([...name].length / 2);
    return line.padEnd(Math.max(0, start)) + name;
  }, '');
}

function stepLine(step: LadderStep, { lead, gap, lanes, columns }: Places): string {
  const { timeMs, index, from, to, label, kind } = step;
  const row: string[] = Array.from({ length: lead + (lanes - 1) * gap + 1 }, (_, at) =>
    at >= lead && (at - lead) % gap === 0 ? '|' : ' ',
  );
  const put = (at: number, text: string) => {
    for (const [offset, character] of [...text].entries()) row[at + offset] = character;
  };
  const [left, right] = [Math.min(from, to), Math.max(from, to)].map(
    (lane) => lead + lane * gap,
  ) as [number, number];
  if (from === to) {
    put(left, `* ${shortened(label, Math.max(REMARK_CHARS_MIN, columns - left - 2))}`);
  } else {
    const line = kind === 'answer' ? '-' : '=';
    put(left + 1, line.repeat(right - left - 1));
    put(from < to ? right - 1 : left + 1, kind === 'refusal' ? 'X' : from < to ? '>' : '<');
    const shown = shortened(label, right - left - ARROW_CHARS);
    put(left + 1 + Math.max(2, Math.floor((right - left - shown.length) / 2) - 1), ` ${shown} `);
  }
  return `${instantText(timeMs).slice(11, 23)} ${row.join('').trimEnd()}  #${index}`;
}

function shortened(label: string, length: number): string {
  const characters = [...label];
  return characters.length <= length ? label : `${characters.slice(0, length - 1).join('')}…`;
}
