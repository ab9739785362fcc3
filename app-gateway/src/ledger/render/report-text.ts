import { instantText } from '@sallyport/shared/io/time-text.ts';
import { type Counts, monthBounds, type PartnerReport } from '../partner-report.ts';

const HOUR_MS = 3_600_000;

/** The report's figures for a terminal. */
export function reportText(report: PartnerReport): string {
  const { partner, month, records, received, sent, answers, refusals, connections } = report;
  return [
    `${partner}, ${month}: ${records} records`,
    ...countLine('received', received),
    ...countLine('sent', sent),
    ...countLine('answered', answers),
    ...countLine('refused', refusals),
    ...countLine('connections', connections),
    `certificates seen: ${report.certificates.length}${report.omitted.connections === 0 ? '' : `, and others in ${report.omitted.connections} connections`}`,
    `busiest hour: ${peakOf(report)}`,
  ].join('\n');
}

/** `2026-11-21T08, 412 messages` */
export function peakOf({ month, hours }: PartnerReport): string {
  const most = Math.max(0, ...hours);
  if (most === 0) return 'none';
  const timeMs = monthBounds(month).fromMs + hours.indexOf(most) * HOUR_MS;
  return `${instantText(timeMs).slice(0, 13)}:00 UTC, ${most} ${most === 1 ? 'message' : 'messages'}`;
}

function countLine(word: string, counts: Counts): readonly string[] {
  const sorted = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  return sorted.length === 0
    ? []
    : [`${word}: ${sorted.map(([key, count]) => `${key} ${count}`).join(', ')}`];
}
