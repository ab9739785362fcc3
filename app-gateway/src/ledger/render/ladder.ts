import { instantText } from '@sallyport/shared/io/time-text.ts';
import { type EntryView, nameInStream } from './entry-view.ts';
import { visibleField } from './field-text.ts';
import { visibleText } from './visible-text.ts';

/** One arrow between two lanes, or a remark at one; texts are visible texts already. */
export interface LadderStep {
  readonly index: number;
  readonly timeMs: number;
  /** Positions in `lanes`; equal: a remark. */
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly kind: 'request' | 'answer' | 'refusal' | 'remark';
}

/** A call or a conversation as arrows between partners (left) and hosts of ours (right), in the order of time. */
export interface Ladder {
  readonly callId: string;
  readonly lanes: readonly string[];
  readonly steps: readonly LadderStep[];
  /** Entries that were left out because there were too many. */
  readonly leftOut: number;
}

const STEPS_MAX = 500;
const LANES_MAX = 12;
const UNKNOWN_PARTNER = '(no partner)';
const OTHERS = '(others)';
const LABEL_CHARS_MAX = 60;

/** Draws nothing yet: says who spoke to whom. Answers find the partner of the request they refer to. */
export function ladderOf(callId: string, views: readonly EntryView[]): Ladder {
  const ordered = views.toSorted((a, b) => a.timeMs - b.timeMs || a.index - b.index);
  const shown = ordered.slice(0, STEPS_MAX);
  const requests = new Map(ordered.map((view) => [nameInStream(view, view.seq), view]));
  const lines = shown.map((view) => lineOf(view, requests.get(referredKey(view))));
  const partners = unique(lines.flatMap(({ partner }) => partner ?? []));
  // Who speaks with partners stands beside them, whoever was first.
  const nodes = unique(
    [...lines.filter(({ partner }) => partner !== undefined), ...lines].map(({ node }) => node),
  );
  const lanes = limited([...partners, ...nodes]);
  const laneOf = (name: string) => {
    const at = lanes.indexOf(name);
    return at === -1 ? lanes.length - 1 : at;
  };
  return {
    callId: visibleText(callId),
    lanes,
    steps: lines.map(({ view, partner, node, isOutward, label, kind }) => {
      const ends = [partner === undefined ? laneOf(node) : laneOf(partner), laneOf(node)] as const;
      const [from, to] = isOutward ? [ends[1], ends[0]] : ends;
      return { index: view.index, timeMs: view.timeMs, from, to, label, kind };
    }),
    leftOut: ordered.length - shown.length,
  };
}

/** The time that the steps take up, with the days that their own times leave out; empty without steps. */
export function spanText({ steps }: Ladder): string {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return '';
  const until = last.timeMs > first.timeMs ? ` to ${instantText(last.timeMs)}` : '';
  return `from ${instantText(first.timeMs)}${until}`;
}

interface Line {
  readonly view: EntryView;
  /** Undefined: a remark of the node. */
  readonly partner: string | undefined;
  readonly node: string;
  readonly isOutward: boolean;
  readonly label: string;
  readonly kind: LadderStep['kind'];
}

function lineOf(view: EntryView, request: EntryView | undefined): Line {
  const node = `${visibleText(view.node)}/${view.worker}`;
  const partner = visibleField(view, 'partner') ?? (request && visibleField(request, 'partner'));
  const arrow = (
    isOutward: boolean,
    label: readonly (string | undefined)[],
    kind: LadderStep['kind'],
  ) => ({
    view,
    partner: partner ?? UNKNOWN_PARTNER,
    node,
    isOutward,
    label: cut(label.filter((part) => part !== undefined).join(' ')),
    kind,
  });
  const method =
    visibleField(view, 'method') ?? (request && visibleField(request, 'method')) ?? methodOf(view);
  const status = visibleField(view, 'status');
  switch (view.type) {
    case 'message-admitted':
      return status === undefined
        ? arrow(false, [method, visibleField(view, 'requestUri')], 'request')
        : arrow(false, [status, method && `(${method})`], 'answer');
    case 'message-refused':
      return arrow(false, [method, 'refused:', status, visibleField(view, 'code')], 'refusal');
    case 'message-answered':
      return arrow(true, [status, method && `(${method})`, delay(view, request)], 'answer');
    case 'message-sent':
      return status === undefined
        ? arrow(true, [method, visibleField(view, 'requestUri')], 'request')
        : arrow(true, [status, method && `(${method})`], 'answer');
    case 'response-received':
      return arrow(false, [status, method && `(${method})`, delay(view, request)], 'answer');
    default: {
      const facts = [
        visibleField(view, 'verdict'),
        visibleField(view, 'rule'),
        visibleField(view, 'code'),
      ];
      const label = [view.type, ...facts].filter((part) => part !== undefined).join(' ');
      return {
        view,
        partner: undefined,
        node,
        isOutward: false,
        label: cut(label),
        kind: 'remark',
      };
    }
  }
}

/** `314159 INVITE` names the method where the record has no field of its own. */
function methodOf(view: EntryView): string | undefined {
  return visibleField(view, 'cseq')?.split(' ')[1];
}

function delay(view: EntryView, request: EntryView | undefined): string | undefined {
  return request === undefined
    ? undefined
    : `after ${Math.max(0, view.timeMs - request.timeMs)} ms`;
}

function referredKey(view: EntryView): string {
  return nameInStream(view, Number(view.fields['requestSeq'] ?? -1));
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function limited(lanes: readonly string[]): readonly string[] {
  return lanes.length > LANES_MAX ? [...lanes.slice(0, LANES_MAX - 1), OTHERS] : lanes;
}

function cut(label: string): string {
  const characters = [...label];
  return characters.length > LABEL_CHARS_MAX
    ? `${characters.slice(0, LABEL_CHARS_MAX - 1).join('')}…`
    : label;
}
