import type { Ladder, LadderStep } from './ladder.ts';
import { instantText } from './time-text.ts';

const LANE_CHARS_MIN = 24;
const LANE_CHARS_MAX = 72;
/** Where the window is narrow: a name, and the end of an arrow. */
const LANE_CHARS_NARROW = 16;
/** Time of day with milliseconds, and a space. */
const TIME_CHARS = 13;
/** Two spaces and the record's number. */
const INDEX_CHARS = 9;
/** The ends of an arrow, and a space on each side of what stands on it. */
const ARROW_CHARS = 6;

/**
 * The ladder for a terminal of fixed-width letters; every line can be found again by its record's number.
 *
 * In a window of so many columns labels are cut to fit; without a number, as into a file, the longest is shown whole.
 */
export function ladderText(ladder: Ladder, columns = Number.POSITIVE_INFINITY): string {
  const { callId, lanes, steps, leftOut } = ladder;
  const longest = Math.max(
    0,
    ...steps.map(({ label }) => label.length),
    ...lanes.map(({ length }) => length),
  );
  const fitting = Math.floor((columns - TIME_CHARS - INDEX_CHARS) / Math.max(1, lanes.length));
  const width = Math.max(
    LANE_CHARS_NARROW,
    Math.min(fitting, LANE_CHARS_MAX, Math.max(LANE_CHARS_MIN, longest + 6)),
  );
  const [first] = steps;
  return [
    `Call-ID ${callId}`,
    ...(first === undefined ? ['no records'] : [`from ${instantText(first.timeMs)}`]),
    '',
    `${' '.repeat(TIME_CHARS)}${lanes.map((lane) => centred(lane, width)).join('')}`.trimEnd(),
    ...steps.map((step) => stepLine(step, lanes.length, width)),
    ...(leftOut > 0 ? [`… and ${leftOut} more`] : []),
  ].join('\n');
}

function stepLine(
  { timeMs, index, from, to, label, kind }: LadderStep,
  lanes: number,
  width: number,
): string {
  const middle = Math.floor(width / 2);
  const row: string[] = Array.from({ length: lanes * width }, (_, at) =>
    at % width === middle ? '|' : ' ',
  );
  const put = (at: number, text: string) => {
    for (const [offset, character] of [...text].entries()) row[at + offset] = character;
  };
  const [left, right] = [Math.min(from, to), Math.max(from, to)].map(
    (lane) => lane * width + middle,
  ) as [number, number];
  if (from === to) {
    put(left, `* ${label}`);
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

function centred(text: string, width: number): string {
  const cut = [...text].slice(0, width - 2).join('');
  const before = Math.floor((width - [...cut].length) / 2);
  return `${' '.repeat(before)}${cut}`.padEnd(width);
}
