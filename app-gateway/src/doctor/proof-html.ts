import { instantText, minuteText } from '@sallyport/shared/io/time-text.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { htmlPage, htmlTable } from '../ledger/render/html-page.ts';
import { markupText } from '../ledger/render/markup-text.ts';
import { adviceOn } from './judge-pair.ts';
import { type Proof, type ProofDifference, placeOf, seenFrom, type ZoneCell } from './proof.ts';
import { listeningAdvice } from './zone-report.ts';

/**
 * A proof as one page of HTML to print or keep: no script, no style or picture from elsewhere, and everything that came
 * from files escaped.
 */
export function proofHtml(proof: Proof, signedBy: string | undefined): string {
  const title = `${markupText(proof.site)}: what reaches what`;
  const verdict = proof.isProven ? 'PROVEN' : 'NOT PROVEN';
  const body = `<p class="verdict ${proof.isProven ? 'proven' : 'unproven'}">${verdict}</p>
<p>Made ${instantText(proof.madeAtMs)} from ${proof.counted.length} results against the plan with the SHA-256<br><span class="mono">${markupText(proof.planSha256)}</span></p>
${proof.isProven ? '' : `<h2>Why not</h2>\n${list(proof.reasons)}`}
<h2>Differences</h2>
${table(['seen from', 'place', 'what', 'next'], proof.differences.map(differenceRow))}
<h2>From zone to zone</h2>
<div class="facts">${table(['from', 'to', 'allowed and open', 'forbidden and closed', 'differences', 'not tried'], proof.cells.map(cellRow))}</div>
<h2>Looked from</h2>
<div class="facts">${table(
    ['place', 'zone', 'when (UTC)', 'as planned', 'differences', 'not tried', 'signed by', 'file'],
    proof.counted.map(({ file, result, tally, signedBy: by }) => [
      seenFrom(result),
      result.zone,
      minuteText(result.madeAtMs),
      tally.asPlanned,
      tally.differences,
      tally.notTried,
      by,
      { file },
    ]),
  )}</div>
<h2>Not looked from</h2>
${list([...proof.missing.zones.map((zone) => `zone ${zone}`), ...proof.missing.hosts.map((host) => `host ${host}`)])}
<h2>Closed, and never seen alive</h2>
${list(proof.lifeless.map((socket) => `${placeOf(socket)} (${socket.purpose})`))}
<h2>Results that do not count</h2>
${table(
  ['file', 'why'],
  proof.rejected.map(({ file, why }) => [file, why]),
)}
<h2>What this does not show</h2>
${list(proof.limits)}
<footer>${signedBy === undefined ? 'This page itself bears no signature; the results that count do.' : `Signed by ${markupText(signedBy)}: the signature lies beside this file, with the ending .sig.`}</footer>`;
  return htmlPage({ title, style: STYLE, body });
}

const STYLE = `body { font: 11pt/1.4 sans-serif; max-width: 190mm; margin: auto }
h1 { font-size: 17pt } h2 { font-size: 12pt; margin: 6mm 0 1mm }
table { width: 100% } .facts { font-size: 9pt } .facts td { white-space: nowrap } .facts td.file { white-space: normal; overflow-wrap: anywhere; min-width: 6em } .mono { font: 8pt monospace; overflow-wrap: anywhere }
.verdict { font-size: 14pt; font-weight: bold; padding: 2mm 4mm; border: 2px solid } .proven { border-color: #1b7a34 } .unproven { border-color: #b3261e }
footer { margin-top: 8mm; font-size: 9pt; color: #555 }`;

/** A file’s name may be as long as it likes: it is broken where the others are not. */
type Cell = string | number | { readonly file: string };

function differenceRow({ seenFrom: from, pair, listening }: ProofDifference): readonly Cell[] {
  if (pair !== undefined) {
    const { what, next } = adviceOn(pair.verdict, pair.seen);
    const flow = pair.flowId === undefined ? '' : ` (flow ${pair.flowId})`;
    return [from, `${placeOf(pair.socket)} ${pair.socket.purpose}`, `${what}${flow}`, next];
  }
  if (listening === undefined) return [from, '', '', ''];
  const { what, next } = listeningAdvice(listening);
  const place = `${listening.protocol} ${hostPort(listening.address, listening.port)}`;
  return [from, `${from} ${place}`, what, next];
}

function cellRow(cell: ZoneCell): readonly Cell[] {
  const { from, to, allowedOpen, forbiddenBlocked, differences, notTried } = cell;
  return [from, to, allowedOpen, forbiddenBlocked, differences, notTried];
}

function list(lines: readonly string[]): string {
  if (lines.length === 0) return '<p>none</p>';
  return `<ul>${lines.map((line) => `<li>${markupText(line)}</li>`).join('')}</ul>`;
}

function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const rowMarkup = (row: readonly Cell[]) => `<tr>${row.map(cellMarkup).join('')}</tr>`;
  const [first = []] = rows;
  const over = headings.map((word, at) =>
    typeof first[at] === 'number' ? { number: word } : word,
  );
  return htmlTable(over, rows.map(rowMarkup));
}

function cellMarkup(cell: Cell): string {
  if (typeof cell === 'number') return `<td class="number">${cell}</td>`;
  return typeof cell === 'string'
    ? `<td>${markupText(cell)}</td>`
    : `<td class="file">${markupText(cell.file)}</td>`;
}
