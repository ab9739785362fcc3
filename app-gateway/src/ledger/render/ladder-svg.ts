import type { Ladder, LadderStep } from './ladder.ts';
import { escapedMarkup } from './markup-text.ts';
import { instantText } from './time-text.ts';

const LANE_WIDTH = 260;
const MARGIN = 130;
const ROW_HEIGHT = 34;
const HEAD_HEIGHT = 70;
const COLOUR: Readonly<Record<LadderStep['kind'], string>> = {
  request: '#1a4f8b',
  answer: '#2f6b2f',
  refusal: '#a31515',
  remark: '#555555',
};

/** The ladder as one SVG picture: no script, no style or font from elsewhere; everything in it is escaped. */
export function ladderSvg(ladder: Ladder): string {
  const { callId, lanes, steps, leftOut } = ladder;
  const width = MARGIN * 2 + Math.max(1, lanes.length) * LANE_WIDTH;
  const height = HEAD_HEIGHT + (steps.length + 2) * ROW_HEIGHT;
  const laneLines = lanes.map((lane, at) => {
    const x = laneX(at);
    return `<text x="${x}" y="${HEAD_HEIGHT - 14}" text-anchor="middle" font-weight="bold">${escapedMarkup(lane)}</text><line x1="${x}" y1="${HEAD_HEIGHT - 6}" x2="${x}" y2="${height - 10}" stroke="#999999"/>`;
  });
  const more =
    leftOut > 0 ? [`<text x="${MARGIN}" y="${height - 12}">and ${leftOut} more</text>`] : [];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="13">`,
    `<title>${escapedMarkup(`Call-ID ${callId}`)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="22" font-size="15">${escapedMarkup(`Call-ID ${callId}`)}</text>`,
    ...laneLines,
    ...steps.map((step, at) => stepMarkup(step, HEAD_HEIGHT + (at + 1) * ROW_HEIGHT)),
    ...more,
    '</svg>',
  ].join('\n')}\n`;
}

function stepMarkup({ from, to, label, kind, timeMs, index }: LadderStep, y: number): string {
  const colour = COLOUR[kind];
  const time = `<text x="12" y="${y}" fill="#555555" font-size="11">${instantText(timeMs).slice(11, 23)} #${index}</text>`;
  const [x1, x2] = [laneX(from), laneX(to)];
  if (from === to) {
    return `${time}<circle cx="${x1}" cy="${y - 4}" r="4" fill="${colour}"/><text x="${x1 + 10}" y="${y}" fill="${colour}" font-size="12">${escapedMarkup(label)}</text>`;
  }
  const back = x2 > x1 ? -8 : 8;
  const head = `<path d="M${x2} ${y} l${back} -4 v8 z" fill="${colour}"/>`;
  const dash = kind === 'answer' ? ' stroke-dasharray="6 3"' : '';
  const line = `<line x1="${x1}" y1="${y}" x2="${x2}" y2="${y}" stroke="${colour}" stroke-width="1.5"${dash}/>`;
  const text = `<text x="${(x1 + x2) / 2}" y="${y - 6}" text-anchor="middle" fill="${colour}" font-size="12">${escapedMarkup(label)}</text>`;
  return `${time}${line}${head}${text}`;
}

function laneX(lane: number): number {
  return MARGIN + lane * LANE_WIDTH + LANE_WIDTH / 2;
}
