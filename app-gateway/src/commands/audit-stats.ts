import { z } from 'zod';
import { type LedgerStatistics, ledgerStatistics } from '../ledger/ledger-statistics.ts';
import { instantText } from '../ledger/render/time-text.ts';
import { visibleText } from '../ledger/render/visible-text.ts';
import { answered, ledgerIn } from './audit-ledger.ts';
import type { CommandDefinition } from './command.ts';
import { counted, textTable } from './text-table.ts';

const DAYS_SHOWN = 14;
const MEBIBYTE = 1_048_576;

const schema = z.strictObject({});

/** How the ledger is: its size, its days, what is signed and what not yet. */
export const auditStats: CommandDefinition<z.infer<typeof schema>, LedgerStatistics> = {
  words: ['audit', 'stats'],
  summary: 'show the ledger’s size, days, head, cosignatures and tails that are not sealed',
  description: ['Types, and tails that are not sealed, are those of the newest 10,000 records.'],
  examples: ['sallyport audit stats'],
  parameters: [],
  schema,
  async run(context) {
    const ledger = ledgerIn(context);
    return ledger.ok ? answered(await ledgerStatistics(ledger.value.reader)) : ledger;
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
        droppedAtMs === undefined ? '' : `dropped ${instantText(droppedAtMs).slice(0, 10)}`,
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

function typeLines({ types, sampled, unsealed }: LedgerStatistics): readonly string[] {
  const sorted = Object.entries(types).toSorted(([, a], [, b]) => b - a);
  return [
    `of the newest ${counted(sampled, 'record')}: ${sorted.map(([name, count]) => `${name} ${count}`).join(', ') || 'none'}`,
    `not sealed yet: ${unsealed.map(({ source, records }) => `${visibleText(source)} ${records}`).join(', ') || 'nothing'}`,
  ];
}
