import type { Ladder, LadderStep } from './ladder.ts';
import { instantText } from './time-text.ts';

const LANE_CHARS_MIN = 24;
const LANE_CHARS_MAX = 72;
/** Time of day with milliseconds, and a space. */
const TIME_CHARS = 13;

/** The ladder for a terminal of fixed-width letters; every line can be found again by its record's number. */
export function ladderText(ladder: Ladder): string {
  const { callId, lanes, steps, leftOut } = ladder;
  const longest = Math.max(
    0,
    ...steps.map(({ label }) => label.length),
    ...lanes.map(({ length }) => length),
  );
  const width = Math.min(LANE_CHARS_MAX, Math.max(LANE_CHARS_MIN, longest + 6));
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
    put(left + 1 + Math.max(2, Math.floor((right - left - label.length) / 2) - 1), ` ${label} `);
  }
  return `${instantText(timeMs).slice(11, 23)} ${row.join('').trimEnd()}  #${index}`;
}

function centred(text: string, width: number): string {
  const cut = [...text].slice(0, width - 2).join('');
  const before = Math.floor((width - [...cut].length) / 2);
  return `${' '.repeat(before)}${cut}`.padEnd(width);
}
