import { ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerReader } from '../ports/ledger-reader.ts';
import type { LedgerEntry, LedgerFailure } from '../ports/ledger-store.ts';
import type { ExportFormat } from './export-format.ts';
import { firstPackPage, type PackPlace, packPage } from './pack-pages.ts';
import { csvHeading, entryCsv } from './render/entry-csv.ts';
import { entryJson } from './render/entry-json.ts';
import { type EntryView, entryView, nameInStream } from './render/entry-view.ts';
import { refusalClf, sipClf } from './render/sip-clf.ts';
import type { LedgerKeys } from './verify/pack-format.ts';

/** Where an export goes on; `at` below `from`: nothing has been written yet. */
export type ExportPlace = PackPlace;

/** A piece of an export. */
export interface ExportPage {
  readonly bytes: Buffer;
  /** So far, this piece included. */
  readonly records: number;
  readonly next: ExportPlace | undefined;
}

const ENTRIES_MAX = 500;
const ANSWER = 'message-answered';

/** The next piece: a file is all of them, one behind the other. */
export async function exportPage(
  reader: LedgerReader,
  keys: LedgerKeys,
  format: ExportFormat,
  place: ExportPlace,
): Promise<Result<ExportPage, LedgerFailure>> {
  const { from, to } = place;
  const isFirst = place.at < from;
  if (format === 'pack') {
    const page = isFirst ? await firstPackPage(reader, keys, place) : await packPage(reader, place);
    if (!page.ok) return page;
    const { bytes, next } = page.value;
    return ok({ bytes, next, records: next?.records ?? to - from });
  }
  const at = Math.max(from, place.at);
  const end = Math.min(to, at + ENTRIES_MAX);
  const entries = await reader.entries(at, end);
  if (!entries.ok) return entries;
  const lines = await linesOf(reader, format, entries.value);
  if (!lines.ok) return lines;
  const heading = isFirst && format === 'csv' ? [csvHeading()] : [];
  const records = place.records + lines.value.length;
  return ok({
    bytes: Buffer.from([...heading, ...lines.value].join('')),
    records,
    next: end < to ? { ...place, at: end, records } : undefined,
  });
}

async function linesOf(
  reader: LedgerReader,
  format: Exclude<ExportFormat, 'pack'>,
  entries: readonly LedgerEntry[],
): Promise<Result<readonly string[], LedgerFailure>> {
  const views = entries.map(entryView);
  switch (format) {
    case 'jsonl':
      return ok(views.map(entryJson));
    case 'csv':
      return ok(views.map(entryCsv));
    case 'rfc6873':
      return clfLines(reader, entries, views);
  }
}

/** Each request, and behind it what was answered: an answer alone does not say to what. */
async function clfLines(
  reader: LedgerReader,
  entries: readonly LedgerEntry[],
  views: readonly EntryView[],
): Promise<Result<readonly string[], LedgerFailure>> {
  const requests = entries.filter((_, at) => views[at]?.type === 'message-admitted');
  const answers = requests.length === 0 ? ok([]) : await reader.referring(requests);
  if (!answers.ok) return answers;
  const byRequest = Map.groupBy(answers.value.map(entryView), (view) =>
    nameInStream(view, Number(view.fields['requestSeq'])),
  );
  const lines = views.flatMap((view) => [
    view.type === ANSWER ? undefined : sipClf(view),
    refusalClf(view),
    ...(byRequest.get(nameInStream(view, view.seq)) ?? [])
      .filter(({ type }) => type === ANSWER)
      .map((answer) => sipClf(answer, view)),
  ]);
  return ok(lines.filter((line) => line !== undefined));
}
