import { AUDIT_FIELDS } from '@sallyport/shared/audit/record-fields.ts';
import { instantText } from '@sallyport/shared/io/time-text.ts';
import { csvRow } from './csv-row.ts';
import type { EntryView } from './entry-view.ts';
import { fieldText } from './field-text.ts';

const NAMES: readonly string[] = AUDIT_FIELDS.map(({ name }) => name);

/** The first row: one column for each field that there is, so that every export has the same. */
export function csvHeading(): string {
  return csvRow([
    'index',
    'time',
    'type',
    'streamNode',
    'streamWorker',
    'streamEpoch',
    'seq',
    ...NAMES,
  ]);
}

/** A record as a row; what it does not have is an empty cell. */
export function entryCsv(view: EntryView): string {
  const { index, timeMs, type, node, worker, epoch, seq } = view;
  return csvRow([
    String(index),
    instantText(timeMs),
    type,
    node,
    String(worker),
    epoch,
    String(seq),
    ...NAMES.map((name) => fieldText(view, name) ?? ''),
  ]);
}
