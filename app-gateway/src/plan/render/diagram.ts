import { markupText } from '../../ledger/render/markup-text.ts';
import type { NetworkPlan, PlanFirewall } from '../network-plan.ts';
import {
  BOX_WIDTH,
  type DiagramLayout,
  GAP_WIDTH,
  LINE_HEIGHT,
  layOut,
  MARGIN,
  NAME_HEIGHT,
  type PlacedArrow,
  type PlacedBox,
  TOP,
} from './diagram-layout.ts';

const LEGEND_HEIGHT = 60;
const WALL_WIDTH = 10;
const NETWORKS_SHOWN = 3;
const LANE_OFFSETS = 12;
const LANE_OFFSET = 6;

/**
 * The network as one picture (SVG): the internet on the left, zones as columns, firewalls as walls between them,
 * arrows to whoever is dialled. No script, no font or style from elsewhere; it follows the reader's light or dark, and fits
 * on one sheet of paper.
 */
export function diagram(plan: NetworkPlan): string {
  const layout = layOut(plan);
  // The last column needs room for arrows between its own boxes alone.
  const width = MARGIN + plan.zones.length * (BOX_WIDTH + GAP_WIDTH) - GAP_WIDTH / 2;
  const height = layout.bottom + LEGEND_HEIGHT;
  const title = `Network of ${plan.site} (${plan.layout})`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${markupText(title)}</title>`,
    STYLE,
    ARROW_HEADS,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="title" x="${MARGIN}" y="34">${markupText(title)}</text>`,
    ...plan.zones.map((zone, at) => zoneMarkup(zone, layout, at)),
    ...plan.firewalls.flatMap((firewall, at) => wallMarkup(plan, firewall, at, layout.bottom)),
    ...layout.arrows.map(arrowLine),
    ...layout.boxes.map(boxMarkup),
    ...layout.arrows.map(arrowLabel),
    legend(layout.bottom + 36),
    '</svg>',
  ].join('\n')}\n`;
}

const STYLE = `<style>
@page { size: A4 landscape; margin: 10mm }
@media print { svg { width: 100%; height: auto } }
text { font-family: sans-serif; fill: #1b1f24 }
.title { font-size: 18px; font-weight: bold }
.zone { font-size: 15px; font-weight: bold }
.small { font-size: 10.5px; font-family: monospace }
.name { font-size: 13px; font-weight: bold }
.label { font-size: 10px; font-family: monospace; paint-order: stroke; stroke: #ffffff; stroke-width: 3px }
.paper { fill: #ffffff }
.column { fill: #f3f5f8 }
.host { fill: #ffffff; stroke: #57606a }
.networks { fill: #eef3fb; stroke: #57606a; stroke-dasharray: 4 3 }
.wall { fill: #b4553d }
.arrow { fill: none; stroke-width: 1.4 }
.udp { stroke-dasharray: 5 4 }
.partners { stroke: #1a5fb4 } .channel { stroke: #26763b } .inside { stroke: #7a4b00 } .operation { stroke: #77767b }
.head-partners { fill: #1a5fb4 } .head-channel { fill: #26763b } .head-inside { fill: #7a4b00 } .head-operation { fill: #77767b }
@media screen and (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.label { stroke: #0d1117 }
.paper { fill: #0d1117 }
.column { fill: #161b22 }
.host { fill: #0d1117; stroke: #8b949e }
.networks { fill: #1c2738; stroke: #8b949e }
.wall { fill: #d9795f }
.partners { stroke: #62a0ea } .channel { stroke: #57c777 } .inside { stroke: #e0a84f } .operation { stroke: #9a9996 }
.head-partners { fill: #62a0ea } .head-channel { fill: #57c777 } .head-inside { fill: #e0a84f } .head-operation { fill: #9a9996 }
}
</style>`;

const KINDS = ['partners', 'channel', 'inside', 'operation'] as const;

const ARROW_HEADS = `<defs>${KINDS.map(
  (kind) =>
    `<marker id="head-${kind}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="head-${kind}" d="M0 0 L8 4 L0 8 z"/></marker>`,
).join('')}</defs>`;

function zoneMarkup(
  { name, networks }: NetworkPlan['zones'][number],
  { columns, bottom }: DiagramLayout,
  at: number,
): string {
  const x = columns[at]?.x ?? 0;
  const more = networks.length - NETWORKS_SHOWN;
  const shown = [...networks.slice(0, NETWORKS_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])];
  return [
    `<rect class="column" x="${x - 12}" y="50" width="${BOX_WIDTH + 24}" height="${bottom - 36}" rx="8"/>`,
    `<text class="zone" x="${x}" y="72">${markupText(name)}</text>`,
    ...shown.map(
      (network, line) =>
        `<text class="small" x="${x}" y="${90 + line * 14}">${markupText(network)}</text>`,
    ),
  ].join('\n');
}

/** A wall in every gap between two neighbours that the firewall joins, and in those it goes around. */
function wallMarkup(
  { zones }: NetworkPlan,
  { name, joins }: PlanFirewall,
  at: number,
  bottom: number,
): readonly string[] {
  const columns = joins.map((zone) => zones.findIndex((each) => each.name === zone));
  const [first, last] = [Math.min(...columns), Math.max(...columns)];
  return Array.from({ length: Math.max(0, last - first) }, (_, gap) => {
    const middle = MARGIN + (first + gap) * (BOX_WIDTH + GAP_WIDTH) + BOX_WIDTH + GAP_WIDTH / 2;
    const x = middle - WALL_WIDTH / 2;
    return [
      `<rect class="wall" x="${x}" y="${TOP - 30}" width="${WALL_WIDTH}" height="${bottom - TOP + 44}" rx="2"/>`,
      `<text class="name" x="${middle}" y="${72 + (at % 3) * 18}" text-anchor="middle">${markupText(name)}</text>`,
    ].join('\n');
  });
}

function boxMarkup({ x, y, height, name, lines, isHost }: PlacedBox): string {
  const below = y + 33 + (name.length - 1) * NAME_HEIGHT;
  return [
    `<rect class="${isHost ? 'host' : 'networks'}" x="${x}" y="${y}" width="${BOX_WIDTH}" height="${height}" rx="5"/>`,
    ...name.map(
      (part, at) =>
        `<text class="name" x="${x + 10}" y="${y + 18 + at * NAME_HEIGHT}">${markupText(part)}</text>`,
    ),
    ...lines.map(
      (line, at) =>
        `<text class="small" x="${x + 10}" y="${below + at * LINE_HEIGHT}">${markupText(line)}</text>`,
    ),
  ].join('\n');
}

function arrowLine(arrow: PlacedArrow): string {
  const { kind, isUdp } = arrow;
  return `<path class="arrow ${kind}${isUdp ? ' udp' : ''}" d="${arrowPath(arrow)}" marker-end="url(#head-${kind})"/>`;
}

function arrowPath({ x1, y1, x2, y2, isSameColumn, lane }: PlacedArrow): string {
  if (lane !== undefined) {
    // Through the wall beside each end, then down into the lane that no box stands in.
    const side = x2 < x1 ? -1 : 1;
    const off = GAP_WIDTH / 2 + WALL_WIDTH + (lane.index % LANE_OFFSETS) * LANE_OFFSET;
    return `M${x1} ${y1} H${x1 + side * off} V${lane.y} H${x2 - side * off} V${y2} H${x2}`;
  }
  const bend = isSameColumn ? GAP_WIDTH * 0.55 : Math.max(GAP_WIDTH * 0.5, Math.abs(x2 - x1) / 3);
  const away = x2 < x1 ? -bend : bend;
  const back = isSameColumn ? x2 + bend : x2 - away;
  return `M${x1} ${y1} C${x1 + away} ${y1} ${back} ${y2} ${x2} ${y2}`;
}

/** Beside the arrow's head, where every arrow has a height of its own. */
function arrowLabel({ x1, x2, y2, label, isSameColumn }: PlacedArrow): string {
  const isFromRight = isSameColumn || x1 > x2;
  const x = isFromRight ? x2 + 12 : x2 - 12;
  const anchor = isFromRight ? 'start' : 'end';
  return `<text class="label" x="${x}" y="${y2 - 3}" text-anchor="${anchor}">${markupText(label)}</text>`;
}

function legend(y: number): string {
  const words = {
    partners: 'partners',
    channel: 'channel',
    inside: 'inner servers',
    operation: 'DNS, time, administration',
  };
  const parts = KINDS.map((kind, at) => {
    const x = MARGIN + at * 190;
    return `<path class="arrow ${kind}" d="M${x} ${y} h36" marker-end="url(#head-${kind})"/><text class="small" x="${x + 44}" y="${y + 4}">${words[kind]}</text>`;
  });
  const x = MARGIN + KINDS.length * 190 + 40;
  return `${parts.join('')}<text class="small" x="${x}" y="${y + 4}">dashed: UDP; the head is at who is dialled; what has no arrow is forbidden</text>`;
}
