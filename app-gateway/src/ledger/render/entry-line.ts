import { instantText } from '@sallyport/shared/io/time-text.ts';
import type { EntryView } from './entry-view.ts';
import { fieldText, valueText } from './field-text.ts';
import { visibleText } from './visible-text.ts';

/** Fields that say in one glance what a record is about, in this order; the rest follows with its names. */
const FIRST = ['partner', 'method', 'status', 'code', 'verdict', 'rule', 'from', 'to', 'callId'];
/** What a line leaves out: `audit search --json` has everything. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'recordsHash',
  'previousSeal',
  'previousSealSeq',
  'signature',
  'bodyHash',
  'before',
  'after',
  'signedText',
  'authorSignature',
  'eventHash',
  'serverTransaction',
  'clientTransaction',
  'fromTag',
  'toTag',
]);
const VALUE_CHARS_MAX = 120;

/** A record as one line for a terminal: nothing in it can begin another line or move the cursor. */
export function entryLine(view: EntryView): string {
  const rest = Object.keys(view.fields).filter((name) => !FIRST.includes(name));
  const facts = [...FIRST, ...rest]
    .filter((name) => name in view.fields && !LEFT_OUT.has(name))
    .map((name) => `${name}=${shortened(visibleText(fieldText(view, name) ?? ''))}`);
  const source = `${visibleText(view.node)}/${view.worker}`;
  return [instantText(view.timeMs), `#${view.index}`, source, view.type, ...facts].join('  ');
}

/** Every field of a record, one a line. */
export function entryLines(view: EntryView): readonly string[] {
  const { index, timeMs, type, node, worker, epoch, seq, fields } = view;
  return [
    `#${index}  ${type}  ${instantText(timeMs)}`,
    `  source: ${visibleText(node)}/${worker}, run ${epoch}, number ${seq}`,
    ...Object.entries(fields).map(
      ([name, value]) => `  ${visibleText(name)}: ${visibleText(valueText(value))}`,
    ),
  ];
}

/** Cut at a character, never within an escape's first half of a pair. */
function shortened(text: string): string {
  const characters = [...text];
  const isLong = characters.length > VALUE_CHARS_MAX;
  return isLong ? `${characters.slice(0, VALUE_CHARS_MAX).join('')}…` : text;
}
