import { dayText, instantText, minuteText } from '@sallyport/shared/io/time-text.ts';
import { type Counts, monthBounds, type PartnerReport } from '../partner-report.ts';
import { htmlPage, htmlTable } from './html-page.ts';
import { escapedMarkup } from './markup-text.ts';
import { peakOf } from './report-text.ts';

const DAY_HOURS = 24;
const CHART_WIDTH = 720;
const CHART_HEIGHT = 140;
const BAR_GAP = 3;

/**
 * A month of a partner as one page of HTML to print or keep: no script, no style or picture from elsewhere, and everything that
 * came from the wire escaped.
 */
export function reportHtml(report: PartnerReport, origin: string, madeAtMs: number): string {
  const title = escapedMarkup(`${report.partner}, ${report.month}`);
  const { fromMs, untilMs } = monthBounds(report.month);
  const lastDay = dayText(untilMs - 1);
  const isOver = madeAtMs >= untilMs;
  const body = `<p>Audit ledger ${escapedMarkup(origin)}, ${dayText(fromMs)} to ${lastDay} (UTC)${isOver ? '' : ', a month that is not over'}.<br>
${sum(report.hours)} messages in ${report.records} records. Busiest hour: ${escapedMarkup(peakOf(report))}.</p>
<h2>Messages a day (UTC)</h2>
${dayChart(report)}
<div class="columns">
${countTable('Received', 'method', report.received)}
${countTable('Sent', 'method', report.sent)}
${countTable('Answered', 'status', report.answers)}
${countTable('Refused', 'reason', report.refusals)}
${countTable('Connections', 'what', report.connections)}
${hourTable(report)}
</div>
<h2>Certificates seen</h2>
${certificateTable(report)}
<h2>Changes of the partner</h2>
${changeTable(report)}
<footer>Made ${instantText(madeAtMs)} from the records of the ledger ${escapedMarkup(origin)}. Single records are proved with “sallyport audit proof”, all of them with “sallyport audit verify”.</footer>`;
  return htmlPage({ title, style: STYLE, body });
}

const STYLE = `body { font: 11pt/1.4 sans-serif; max-width: 190mm; margin: auto }
h1 { font-size: 17pt } h2 { font-size: 12pt; margin: 6mm 0 1mm }
table { min-width: 60mm } td.mono { font: 8pt monospace; overflow-wrap: anywhere; min-width: 10em } td.names { overflow-wrap: anywhere; min-width: 8em }
.columns { display: flex; flex-wrap: wrap; gap: 0 12mm } footer { margin-top: 8mm; font-size: 9pt; color: #555 }`;

function dayChart({ hours, month }: PartnerReport): string {
  const days = Array.from({ length: hours.length / DAY_HOURS }, (_, day) =>
    sum(hours.slice(day * DAY_HOURS, (day + 1) * DAY_HOURS)),
  );
  const most = Math.max(1, ...days);
  const width = CHART_WIDTH / days.length;
  const bars = days.map((count, day) => {
    const height = Math.round((count / most) * (CHART_HEIGHT - 30));
    const x = (day * width).toFixed(1);
    const bar = `<rect x="${x}" y="${CHART_HEIGHT - 16 - height}" width="${(width - BAR_GAP).toFixed(1)}" height="${height}" fill="#1a4f8b"><title>${month}-${String(day + 1).padStart(2, '0')}: ${count}</title></rect>`;
    const label = `<text x="${(day * width + (width - BAR_GAP) / 2).toFixed(1)}" y="${CHART_HEIGHT - 3}" text-anchor="middle">${day + 1}</text>`;
    return bar + label;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${CHART_WIDTH} ${CHART_HEIGHT}" width="100%" font-size="9" font-family="sans-serif"><text x="0" y="10">most: ${most} a day</text>${bars.join('')}</svg>`;
}

function countTable(title: string, word: string, counts: Counts): string {
  const rows = Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(
      ([key, count]) => `<tr><td>${escapedMarkup(key)}</td><td class="number">${count}</td></tr>`,
    );
  return `<section><h2>${title}</h2>${htmlTable([word, { number: 'count' }], rows)}</section>`;
}

/** The day's course over the whole month. */
function hourTable({ hours }: PartnerReport): string {
  const rows = Array.from({ length: DAY_HOURS }, (_, hour) => {
    const count = sum(hours.filter((_, at) => at % DAY_HOURS === hour));
    return { hour, count };
  })
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, 5)
    .map(
      ({ hour, count }) =>
        `<tr><td>${String(hour).padStart(2, '0')}:00</td><td class="number">${count}</td></tr>`,
    );
  return `<section><h2>Peak hours of the day</h2>${htmlTable(['hour (UTC)', { number: 'count' }], rows)}</section>`;
}

function certificateTable({ certificates, omitted }: PartnerReport): string {
  const rows = certificates.map(
    ({ fingerprint, names, firstMs, lastMs, connections }) =>
      `<tr><td class="mono">${inSixteens(fingerprint)}</td><td class="names">${byLabels(names)}</td><td class="time">${minuteText(firstMs)}</td><td class="time">${minuteText(lastMs)}</td><td class="number">${connections}</td></tr>`,
  );
  const table = htmlTable(
    ['SHA-256', 'names', 'first (UTC)', 'last (UTC)', { number: 'connections' }],
    rows,
  );
  return table + more(omitted.connections, 'connections with certificates that are not listed');
}

/** May be broken after each sixteen digits; what is copied has no break. */
function inSixteens(digits: string): string {
  return escapedMarkup(digits).replace(/.{16}(?=.)/g, '$&<wbr>');
}

/** May be broken between the labels of a name. */
function byLabels(names: string): string {
  return escapedMarkup(names).replaceAll('.', '.<wbr>');
}

function changeTable({ changes, omitted }: PartnerReport): string {
  const rows = changes.map(
    ([timeMs, author, command]) =>
      `<tr><td class="time">${minuteText(timeMs)}</td><td>${escapedMarkup(author)}</td><td>${escapedMarkup(command)}</td></tr>`,
  );
  const table = htmlTable(['when (UTC)', 'who', 'what'], rows);
  return table + more(omitted.changes, 'changes that are not listed');
}

function more(count: number, what: string): string {
  return count === 0 ? '' : `<p>and ${count} ${what}</p>`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
