import type {
  FlowEnd,
  FlowKind,
  NetworkPlan,
  PlanFlow,
  PlanHost,
  ZoneName,
} from '../network-plan.ts';
import { portWords } from './flow-words.ts';
import { movingAddress } from './moving-address.ts';

/** A host, or networks that a flow begins or ends in, as a box of its column. */
export interface DiagramBox {
  readonly key: string;
  readonly zone: ZoneName;
  /** In as many lines as the box's width asks for, as the others. */
  readonly name: readonly string[];
  readonly lines: readonly string[];
  readonly isHost: boolean;
}

/** What a reader tells arrows apart by. */
export type ArrowKind = 'partners' | 'channel' | 'inside' | 'operation';

/** All flows between two boxes over one protocol, as one arrow. */
export interface DiagramArrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly kind: ArrowKind;
  readonly isUdp: boolean;
}

/** A box with its place, and where arrows touch it. */
export interface PlacedBox extends DiagramBox {
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

/** An arrow with its ends; both on the right where it stays in its column. */
export interface PlacedArrow extends DiagramArrow {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly isSameColumn: boolean;
  /** Arrows over a whole column run below its boxes, each at a height of its own. */
  readonly lane?: { readonly y: number; readonly index: number };
}

/** Everything that is drawn, in pixels. */
export interface DiagramLayout {
  readonly columns: readonly { readonly zone: ZoneName; readonly x: number }[];
  readonly boxes: readonly PlacedBox[];
  readonly arrows: readonly PlacedArrow[];
  readonly bottom: number;
}

export const BOX_WIDTH = 250;
export const GAP_WIDTH = 210;
export const MARGIN = 24;
/** Where the first box begins: below title, zone and its networks. */
export const TOP = 150;
export const LINE_HEIGHT = 14;
export const NAME_HEIGHT = 16;
/** Characters that fit into a box, of a name and of what stands below it. */
const NAME_CHARACTERS = 27;
const LINE_CHARACTERS = 36;
const PIN_SPACING = 17;
const BOX_SPACING = 22;
const BOX_PADDING = 26;
const LANE_SPACING = 9;

/**
 * Puts zones into columns, hosts below each other and every arrow end on a pin of its own, so that neither ends nor
 * labels ever lie on each other, however many there are.
 */
export function layOut(plan: NetworkPlan): DiagramLayout {
  const columns = plan.zones.map(({ name: zone }, at) => {
    return { zone, x: MARGIN + at * (BOX_WIDTH + GAP_WIDTH) };
  });
  const unplacedBoxes = boxesOf(plan);
  const columnOf: ColumnOf = new Map(
    unplacedBoxes.map(({ key, zone }) => [
      key,
      columns.findIndex((column) => column.zone === zone),
    ]),
  );
  const unplacedArrows = arrowsOf(plan);
  const pins = unplacedArrows.flatMap((arrow) =>
    (['from', 'to'] as const).map((end) => ({ arrow, end, side: sideOf(arrow, end, columnOf) })),
  );
  const boxes = placeBoxes(unplacedBoxes, columns, (key) =>
    Math.max(pinsAt(pins, key, 'left').length, pinsAt(pins, key, 'right').length),
  );
  const boxBottom = Math.max(TOP, ...boxes.map(({ y, height }) => y + height));
  const arrows = placeArrows(unplacedArrows, placePins(pins, boxes), columnOf, boxBottom);
  const lanes = arrows.filter(({ lane }) => lane !== undefined).length;
  const bottom = boxBottom + (lanes === 0 ? 0 : lanes * LANE_SPACING + 16);
  return { columns, boxes, arrows, bottom };
}

type Side = 'left' | 'right';

/** Place of the column that a box stands in, from 0, by the box's key. */
type ColumnOf = ReadonlyMap<string, number>;

/** Where one end of an arrow touches a box. */
interface Pin {
  readonly arrow: DiagramArrow;
  readonly end: 'from' | 'to';
  readonly side: Side;
}

/** Pins by `pinKey`. */
type PinPlaces = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

function sideOf(arrow: DiagramArrow, end: Pin['end'], columnOf: ColumnOf): Side {
  const own = columnOf.get(arrow[end]) ?? 0;
  const other = columnOf.get(otherEnd({ arrow, end })) ?? 0;
  return other < own ? 'left' : 'right';
}

function pinsAt(pins: readonly Pin[], key: string, side: Side): readonly Pin[] {
  return pins.filter((pin) => pin.side === side && pin.arrow[pin.end] === key);
}

/** Pins of one side lie around its middle, in the order of the boxes that they lead to. */
function placePins(pins: readonly Pin[], boxes: readonly PlacedBox[]): PinPlaces {
  const middles = new Map(boxes.map(({ key, y, height }) => [key, y + height / 2]));
  const middleOf = (pin: Pin) => middles.get(otherEnd(pin)) ?? 0;
  const places = new Map<string, { x: number; y: number }>();
  for (const box of boxes) {
    for (const side of ['left', 'right'] as const) {
      const own = pinsAt(pins, box.key, side).toSorted((a, b) => middleOf(a) - middleOf(b));
      const x = side === 'left' ? box.x : box.x + BOX_WIDTH;
      const first = box.y + box.height / 2 - ((own.length - 1) * PIN_SPACING) / 2;
      for (const [at, { arrow, end }] of own.entries()) {
        places.set(pinKey(arrow, end), { x, y: Math.round(first + at * PIN_SPACING) });
      }
    }
  }
  return places;
}

function placeArrows(
  arrows: readonly DiagramArrow[],
  places: PinPlaces,
  columnOf: ColumnOf,
  boxBottom: number,
): readonly PlacedArrow[] {
  let lanes = 0;
  return arrows.map((arrow): PlacedArrow => {
    const from = places.get(pinKey(arrow, 'from')) ?? { x: 0, y: 0 };
    const to = places.get(pinKey(arrow, 'to')) ?? { x: 0, y: 0 };
    const distance = Math.abs((columnOf.get(arrow.from) ?? 0) - (columnOf.get(arrow.to) ?? 0));
    const ends = { x1: from.x, y1: from.y, x2: to.x, y2: to.y, isSameColumn: distance === 0 };
    if (distance < 2) return { ...arrow, ...ends };
    const index = lanes++;
    return { ...arrow, ...ends, lane: { y: boxBottom + lanes * LANE_SPACING + 8, index } };
  });
}

function otherEnd({ arrow, end }: Omit<Pin, 'side'>): string {
  return end === 'from' ? arrow.to : arrow.from;
}

function pinKey({ from, to, isUdp }: DiagramArrow, end: Pin['end']): string {
  return `${end} ${isUdp ? 'udp' : 'tcp'} ${from} ${to}`;
}

function placeBoxes(
  boxes: readonly DiagramBox[],
  columns: DiagramLayout['columns'],
  pinsOf: (key: string) => number,
): readonly PlacedBox[] {
  return columns.flatMap(({ zone, x }) => {
    let y = TOP;
    return boxes
      .filter((box) => box.zone === zone)
      .map((box) => {
        const nameHeight = (box.name.length - 1) * NAME_HEIGHT;
        const textHeight = BOX_PADDING + nameHeight + box.lines.length * LINE_HEIGHT;
        const height = Math.max(textHeight, (pinsOf(box.key) + 1) * PIN_SPACING);
        const placed = { ...box, x, y, height };
        y += height + BOX_SPACING;
        return placed;
      });
  });
}

function boxesOf(plan: NetworkPlan): readonly DiagramBox[] {
  const { hosts, flows } = plan;
  const networks = new Map<string, DiagramBox>();
  const ends = flows.flatMap(({ purpose, from, to }) => [
    { end: from, purpose },
    { end: to, purpose },
  ]);
  for (const { end, purpose } of ends) {
    if (end.host !== undefined || networks.has(keyOf(end))) continue;
    const isAnyone = end.networks.every((network) => network.endsWith('/0'));
    networks.set(keyOf(end), {
      key: keyOf(end),
      zone: end.zone,
      name: folded(end.zone === 'internet' ? 'partners' : purpose, NAME_CHARACTERS),
      lines: isAnyone ? ['any address'] : end.networks.flatMap(foldedLine),
      isHost: false,
    });
  }
  return [...networks.values(), ...hosts.map((host) => hostBox(plan, host))];
}

function hostBox(plan: NetworkPlan, host: PlanHost): DiagramBox {
  const { name, zone, roles, addresses, nodes } = host;
  const programs = nodes.length === 0 ? [] : [`runs ${nodes.join(', ')}`];
  const moving = movingAddress(plan, host);
  return {
    key: name,
    zone,
    name: folded(name, NAME_CHARACTERS),
    lines: [
      [...roles, ...(moving === undefined ? [] : [`${moving.owns.length} hosts`])].join(', '),
      ...programs,
      ...addresses.map((each) => (each === moving?.address ? `${each} moves between them` : each)),
    ].flatMap(foldedLine),
    isHost: true,
  };
}

/** Broken behind a sign between words where there is one, and within a word where there is none. */
function folded(text: string, characters: number): readonly string[] {
  const line = new RegExp(`.{1,${characters}}(?:(?<=[-.,: ])|$)|.{1,${characters}}`, 'gu');
  return text.match(line) ?? [text];
}

function foldedLine(text: string): readonly string[] {
  return folded(text, LINE_CHARACTERS);
}

function arrowsOf({ flows }: NetworkPlan): readonly DiagramArrow[] {
  const merged = new Map<string, PlanFlow[]>();
  for (const flow of flows) {
    if (flow.via !== undefined) continue;
    const key = `${keyOf(flow.from)} ${keyOf(flow.to)} ${flow.protocol}`;
    merged.set(key, [...(merged.get(key) ?? []), flow]);
  }
  return [...merged.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const ports = [...new Set(all.map(portWords))];
    return [
      {
        from: keyOf(first.from),
        to: keyOf(first.to),
        label: `${first.protocol} ${ports.join(', ')}`,
        kind: ARROW_KINDS[first.kind],
        isUdp: first.protocol === 'udp',
      },
    ];
  });
}

function keyOf({ zone, host, networks }: FlowEnd): string {
  return host ?? `${zone} ${networks.join()}`;
}

const ARROW_KINDS: Readonly<Record<FlowKind, ArrowKind>> = {
  partners: 'partners',
  'partners-plain': 'partners',
  'to-partners': 'partners',
  balancer: 'partners',
  health: 'operation',
  channel: 'channel',
  'signalling-inside': 'inside',
  database: 'inside',
  directory: 'inside',
  siem: 'inside',
  dns: 'operation',
  time: 'operation',
  administration: 'operation',
  monitoring: 'operation',
  web: 'operation',
  service: 'inside',
};
