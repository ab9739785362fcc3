import { instantText } from '@sallyport/shared/io/time-text.ts';
import { valueText } from '../render/field-text.ts';
import { visibleText } from '../render/visible-text.ts';
import type { ProofReport } from './proof-verification.ts';
import { findingLines, verdictLine, witnessedLine } from './verify-text.ts';

/** The verdict on a single record for a terminal. */
export function proofText(report: ProofReport): string {
  const { origin, index, size, entry, witnessed, findings } = report;
  return [
    ...(entry === undefined ? [] : entryLines(index, entry)),
    `ledger ${visibleText(origin)}: record ${index}, tree of ${size}`,
    witnessedLine(witnessed),
    ...findingLines(findings),
    verdictLine(report),
  ].join('\n');
}

function entryLines(index: number, entry: NonNullable<ProofReport['entry']>): readonly string[] {
  const { timeMs, type, seq, fields } = entry;
  return [
    `#${index}  ${type}  ${instantText(timeMs)}`,
    `  number ${seq} of its source; which that is, an export shows`,
    ...Object.entries(fields).map(
      ([name, value]) => `  ${visibleText(name)}: ${visibleText(valueText(value))}`,
    ),
  ];
}
