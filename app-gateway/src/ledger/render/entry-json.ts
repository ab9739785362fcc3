import { instantText } from '@sallyport/shared/io/time-text.ts';
import type { EntryView } from './entry-view.ts';
import { jsonLine } from './json-line.ts';

/** A record as one line of JSON. */
export function entryJson({ timeMs, ...rest }: EntryView): string {
  const { index, type, node, worker, epoch, seq, fields } = rest;
  return jsonLine({ index, time: instantText(timeMs), type, node, worker, epoch, seq, fields });
}
