import { dayText, instantText } from '@sallyport/shared/io/time-text.ts';
import { z } from 'zod';
import { type LedgerStatistics, ledgerStatistics } from '../../ledger/ledger-statistics.ts';
import { visibleText } from '../../ledger/render/visible-text.ts';
import type { CommandDefinition } from '../command.ts';
import { instantMs, isSpan, SPAN_WRONG, time } from '../parameter-schema.ts';
import { counted, textTable } from '../text-table.ts';
import { AUDIT_STATS } from './audit-descriptions.ts';
import { answered, ledgerIn } from './audit-ledger.ts';

const DAYS_SHOWN = 14;
const MEBIBYTE = 1_048_576;

const schema = z
  .strictObject({ from: time.optional(), to: time.optional() })
  .refine(isSpan, SPAN_WRONG);

/** How the ledger is: its size, its days, what is signed and what not yet. */
export const auditStats: CommandDefinition<z.infer<typeof schema>, LedgerStatistics> = {
  ...AUDIT_STATS,
  schema,
  async run(context, { from, to }) {
    const ledger = ledgerIn(context);
    if (!ledger.ok) return ledger;
    const span = {
      ...(from !== undefined && { fromMs: instantMs(from) }),
      ...(to !== undefined && { untilMs: instantMs(to) }),
    };
    return answered(await ledgerStatistics(ledger.value.reader, span));
  },
  text(statistics) {
    const { size, root, days, holds, sources, checkpoint, witnessedSize } = statistics;
    const rows = days
      .slice(-DAYS_SHOWN)
      .map(({ day, firstIndex, endIndex, recordBytes, droppedAtMs }) => [
        day,
        String(endIndex - firstIndex),
        (recordBytes / MEBIBYTE).toFixed(1),
        `${firstIndex} to ${endIndex - 1}`,
        droppedAtMs === undefined ? '' : `dropped ${dayText(droppedAtMs)}`,
      ]);
    return [
      `${counted(size, 'record')} of ${counted(sources, 'run')} of programs, root ${root}`,
      checkpoint === undefined
        ? 'nothing is signed yet'
        : `newest checkpoint: ${checkpoint.size} records, ${instantText(checkpoint.atMs)}, witnesses: ${checkpoint.witnesses.map(visibleText).join(', ') || 'none yet'}`,
      `witnessed up to: ${witnessedSize ?? 'nothing'}`,
      textTable(['DAY', 'RECORDS', 'MIB', 'INDEX', ''], rows),
      ...holds
        .filter(({ liftedAtMs }) => liftedAtMs === undefined)
        .map(
          ({ name, firstDay, lastDay }) => `hold ${visibleText(name)}: ${firstDay} to ${lastDay}`,
        ),
      ...typeLines(statistics),
    ].join('\n');
  },
};

function typeLines({ types, hours, unsealed }: LedgerStatistics): readonly string[] {
  const sorted = Object.entries(types).toSorted(([, a], [, b]) => b - a);
  return [
    `${spanText(hours)}: ${sorted.map(([name, count]) => `${name} ${count}`).join(', ') || 'none'}`,
    `not sealed yet: ${unsealed.map(({ source, records }) => `${visibleText(source)} ${records}`).join(', ') || 'nothing'}`,
  ];
}

function spanText({ fromMs, untilMs }: LedgerStatistics['hours']): string {
  if (fromMs === undefined && untilMs === undefined) return 'of all records';
  const from = fromMs === undefined ? '' : ` from ${instantText(fromMs)}`;
  const until = untilMs === undefined ? '' : ` to ${instantText(untilMs)}`;
  return `of the hours${from}${until}`;
}
