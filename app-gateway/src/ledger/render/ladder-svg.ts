import { instantText } from '@sallyport/shared/io/time-text.ts';
import { type Ladder, type LadderStep, spanText } from './ladder.ts';
import { escapedMarkup } from './markup-text.ts';

const MARGIN = 12;
const ROW_HEIGHT = 34;
const HEAD_HEIGHT = 90;
const LANE_GAP_MIN = 160;
/** Space on both sides of what stands on an arrow, its head included. */
const ARROW_SPACE = 40;
/** What a letter takes at most of a usual text, in sizes of its font. */
const LETTER = 0.62;
const TITLE_CHARS_MAX = 120;
const COLOUR: Readonly<Record<LadderStep['kind'], string>> = {
  request: '#1a4f8b',
  answer: '#2f6b2f',
  refusal: '#a31515',
  remark: '#555555',
};

/**
 * The ladder as one SVG picture: no script, no style or font from elsewhere; everything in it is escaped. It is as wide as its
 * longest words need, and shrinks to a narrower window or sheet of paper.
 */
export function ladderSvg(ladder: Ladder): string {
  const { callId, lanes, steps, leftOut } = ladder;
  const title = `Call-ID ${callId}`;
  const shownTitle = firstOf(title, TITLE_CHARS_MAX);
  const laneX = lanePlaces(ladder);
  const width = Math.ceil(
    MARGIN +
      Math.max(
        MARGIN + widthOf(shownTitle, 15),
        MARGIN + widthOf(spanText(ladder), 11),
        ...lanes.map((lane, at) => laneX(at) + widthOf(lane, 14) / 2),
        ...steps
          .filter(({ from, to }) => from === to)
          .map(({ from, label }) => laneX(from) + 10 + widthOf(label, 12)),
      ),
  );
  const height = HEAD_HEIGHT + (steps.length + (leftOut > 0 ? 2 : 1)) * ROW_HEIGHT;
  const laneLines = lanes.map((lane, at) => {
    const x = laneX(at);
    return `<text x="${x}" y="${HEAD_HEIGHT - 14}" text-anchor="middle" font-weight="bold">${escapedMarkup(lane)}</text><line x1="${x}" y1="${HEAD_HEIGHT - 6}" x2="${x}" y2="${height - (leftOut > 0 ? ROW_HEIGHT : 10)}" stroke="#999999"/>`;
  });
  const more =
    leftOut > 0 ? [`<text x="${MARGIN}" y="${height - 12}">and ${leftOut} more</text>`] : [];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="13">`,
    '<style>@page { margin: 12mm } svg { max-width: 100%; height: auto }</style>',
    `<title>${escapedMarkup(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="22" font-size="15">${escapedMarkup(shownTitle)}</text>`,
    `<text x="${MARGIN}" y="42" font-size="11" fill="#555555">${spanText(ladder)}</text>`,
    ...laneLines,
    ...steps.map((step, at) => stepMarkup(step, HEAD_HEIGHT + (at + 1) * ROW_HEIGHT - 6, laneX)),
    ...more,
    '</svg>',
  ].join('\n')}\n`;
}

/** Where a lane stands: the first one right of the longest time, the others as far apart as the longest words ask for. */
function lanePlaces({ lanes, steps }: Ladder): (lane: number) => number {
  const arrows = steps.filter(({ from, to }) => from !== to);
  const first =
    MARGIN * 2 +
    Math.max(0, ...steps.map((step) => widthOf(timeOf(step), 11))) +
    Math.max(16, widthOf(lanes[0] ?? '', 14) / 2);
  const gap = Math.max(
    LANE_GAP_MIN,
    ...arrows.map(({ label }) => widthOf(label, 12) + ARROW_SPACE),
    ...lanes.map((lane) => widthOf(lane, 14) + MARGIN),
  );
  return (lane) => Math.round(first + lane * gap);
}

function stepMarkup(step: LadderStep, y: number, laneX: (lane: number) => number): string {
  const { from, to, label, kind } = step;
  const colour = COLOUR[kind];
  const time = `<text x="${MARGIN}" y="${y}" fill="#555555" font-size="11">${timeOf(step)}</text>`;
  const [x1, x2] = [laneX(from), laneX(to)];
  if (from === to) {
    return `${time}<circle cx="${x1}" cy="${y - 4}" r="4" fill="${colour}"/><text x="${x1 + 10}" y="${y}" fill="${colour}" font-size="12">${escapedMarkup(label)}</text>`;
  }
  const back = x2 > x1 ? -8 : 8;
  const head = `<path d="M${x2} ${y} l${back} -4 v8 z" fill="${colour}"/>`;
  const dash = kind === 'answer' ? ' stroke-dasharray="6 3"' : '';
  const line = `<line x1="${x1}" y1="${y}" x2="${x2}" y2="${y}" stroke="${colour}" stroke-width="1.5"${dash}/>`;
  const middle = (x1 + x2) / 2;
  const text = `${Math.abs(to - from) > 1 ? clearing(middle, y, label) : ''}<text x="${middle}" y="${y - 6}" text-anchor="middle" fill="${colour}" font-size="12">${escapedMarkup(label)}</text>`;
  return `${time}${line}${head}${text}`;
}

/** No lane’s line runs through what stands on an arrow across it. */
function clearing(middle: number, y: number, label: string): string {
  const width = Math.ceil(widthOf(label, 12));
  return `<rect x="${middle - width / 2}" y="${y - 18}" width="${width}" height="16" fill="#ffffff"/>`;
}

function timeOf({ timeMs, index }: LadderStep): string {
  return `${instantText(timeMs).slice(11, 23)} #${index}`;
}

function widthOf(text: string, fontSize: number): number {
  return [...text].length * fontSize * LETTER;
}

function firstOf(text: string, count: number): string {
  const characters = [...text];
  return characters.length > count ? `${characters.slice(0, count - 1).join('')}…` : text;
}
