import { instantText } from '../render/time-text.ts';
import { visibleText } from '../render/visible-text.ts';
import type { Finding } from './finding.ts';
import type { VerifyReport } from './verify-report.ts';

const SOURCES_SHOWN = 20;

/** The verdict for a terminal. */
export function verifyText(report: VerifyReport): string {
  const { isGood, origin, from, to, size, records, provenSize, checkpoints, witnessed } = report;
  const faults = report.findings.filter(({ severity }) => severity === 'fault');
  const doubts = report.findings.filter(({ severity }) => severity === 'doubt');
  return [
    `ledger ${visibleText(origin)}: ${counted(records, 'record')}, ${from === to ? 'no index' : range('index', from, to)}, tree of ${size}`,
    provenSize === undefined
      ? 'no signed root fits these records'
      : `these records give the signed root of ${provenSize}; checkpoints: ${checkpoints}`,
    witnessed === undefined
      ? 'no witness has signed'
      : `witnessed up to ${witnessed.size} by ${witnessed.nodes.map(visibleText).join(', ')}, ${instantText(witnessed.timestampS * 1000)}`,
    ...sourceLines(report),
    ...faults.map((finding) => `FAULT  ${findingText(finding)}`),
    ...doubts.map((finding) => `doubt  ${findingText(finding)}`),
    ...(report.leftOut > 0 ? [`… and ${report.leftOut} more of the same`] : []),
    isGood ? 'good: no fault was found' : `NOT GOOD: ${counted(faults.length, 'fault')}`,
  ].join('\n');
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
