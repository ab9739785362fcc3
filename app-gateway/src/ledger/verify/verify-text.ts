import { instantText } from '@sallyport/shared/io/time-text.ts';
import { visibleText } from '../render/visible-text.ts';
import type { Finding } from './finding.ts';
import type { VerifyReport } from './verify-report.ts';

const SOURCES_SHOWN = 20;
const LIKE_SHOWN = 3;

/** The verdict for a terminal. */
export function verifyText(report: VerifyReport): string {
  const { origin, from, to, size, records, checkpoints, witnessed } = report;
  const { provenSize, provenRoot } = report;
  return [
    `ledger ${visibleText(origin)}: ${counted(records, 'record')}, ${from === to ? 'no index' : range('index', from, to)}, tree of ${size}`,
    provenSize === undefined
      ? 'no signed root fits these records'
      : `these records give the signed root of ${provenSize}, ${provenRoot}; checkpoints: ${checkpoints}`,
    witnessedLine(witnessed),
    ...sourceLines(report),
    ...(report.compared === undefined ? [] : [comparedLine(report.compared)]),
    ...findingLines(report.findings),
    ...(report.leftOut > 0 ? [`… and ${report.leftOut} more of the same`] : []),
    verdictLine(report),
  ].join('\n');
}

/** Who stands for the tree beside the ledger itself. */
export function witnessedLine(witnessed: VerifyReport['witnessed']): string {
  if (witnessed === undefined) return 'no witness has signed';
  const { size, nodes, timestampS } = witnessed;
  return `witnessed up to ${size} by ${nodes.map(visibleText).join(', ')}, ${instantText(timestampS * 1000)}`;
}

/** How much of what a search reads was held against the records. */
export function comparedLine(compared: number): string {
  return `what searches read was compared with ${counted(compared, 'record')}`;
}

/** Faults first, by their place: what is true of the whole, then record by record. */
export function findingLines(findings: readonly Finding[]): readonly string[] {
  const shown = findings.toSorted((a, b) => (a.index ?? -1) - (b.index ?? -1));
  return [
    ...linesOf('FAULT', ofSeverity(shown, 'fault')),
    ...linesOf('doubt', ofSeverity(shown, 'doubt')),
  ];
}

/** What is said of checkpoint after checkpoint is shown a few times. */
function linesOf(word: string, findings: readonly Finding[]): readonly string[] {
  const said = new Map<string, Finding[]>();
  const lines: string[] = [];
  for (const finding of findings) {
    const { code, index, source } = finding;
    const same = index === undefined && source === undefined ? (said.get(code) ?? []) : [];
    same.push(finding);
    said.set(code, same);
    if (same.length <= LIKE_SHOWN) lines.push(`${word}  ${findingText(finding)}`);
  }
  for (const [code, like] of said) {
    const more = like.length - LIKE_SHOWN;
    const last = visibleText(like.at(-1)?.detail ?? '');
    if (more > 0) lines.push(`${word}  ${code}: ${more} more, the last: ${last}`);
  }
  return lines;
}

/** The last line: what scripts take from the exit code. */
export function verdictLine({
  isGood,
  findings,
}: Pick<VerifyReport, 'isGood' | 'findings'>): string {
  if (isGood) return 'good: no fault was found';
  return `NOT GOOD: ${counted(ofSeverity(findings, 'fault').length, 'fault')}`;
}

function ofSeverity(findings: readonly Finding[], wanted: Finding['severity']): readonly Finding[] {
  return findings.filter(({ severity }) => severity === wanted);
}

function sourceLines({ sources }: VerifyReport): readonly string[] {
  const shown = sources.slice(0, SOURCES_SHOWN).map(({ source, records, seals, unsealed }) => {
    const tail = unsealed > 0 ? `, the last ${unsealed} not sealed` : '';
    return `  ${visibleText(source)}: ${counted(records, 'record')} under ${counted(seals, 'seal')}${tail}`;
  });
  const more = sources.length - shown.length;
  return [...shown, ...(more > 0 ? [`  … and ${more} more`] : [])];
}

/** What, and where: index in the ledger, source, and numbers there. */
function findingText({
  code,
  text,
  index,
  untilIndex,
  source,
  seq,
  untilSeq,
  detail,
}: Finding): string {
  const place = [
    ...(index === undefined ? [] : [range('index', index, untilIndex)]),
    ...(source === undefined ? [] : [visibleText(source)]),
    ...(seq === undefined ? [] : [range('number', seq, untilSeq)]),
    ...(detail === undefined ? [] : [visibleText(detail)]),
  ];
  return [`${code}: ${text}`, ...(place.length > 0 ? [`(${place.join(', ')})`] : [])].join(' ');
}

/** `2 seals`, `1 seal`. */
function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function range(word: string, first: number, end: number | undefined): string {
  return end === undefined || end <= first + 1
    ? `${word} ${first}`
    : `${word} ${first} to ${end - 1}`;
}
