import { counted, textTable } from '../commands/text-table.ts';
import { type Finding, LEVELS, type Level } from './finding.ts';

/** Findings with the worst first. */
export function sortedFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

/** Whether a host is as it should be: no fault, and for the strict no warning. */
export function isSound(findings: readonly Finding[], strict: boolean): boolean {
  return !findings.some(({ level }) => level === 'fault' || (strict && level === 'warning'));
}

/** Findings for people; what is right only as a count, unless all is asked for. */
export function hostReportText(node: string, findings: readonly Finding[], all: boolean): string {
  const shown = sortedFindings(findings).filter(({ level }) => all || level !== 'ok');
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  return [
    ...(shown.length === 0 ? [] : [textTable(['', 'what', 'seen', 'where'], shown.map(row))]),
    ...nexts(shown),
    `${node}: ${counted(count('fault'), 'fault')}, ${counted(count('warning'), 'warning')}, ${count('unknown')} not known, ${counted(count('notice'), 'notice')}, ${count('ok')} ok`,
  ].join('\n');
}

function row({ id, level, what, where }: Finding): readonly string[] {
  return [level, id, what, where];
}

function nexts(shown: readonly Finding[]): readonly string[] {
  const lines = shown
    .filter(({ next }) => next !== '')
    .map(({ id, next }) => `next: ${id}: ${next}`);
  return [...new Set(lines)];
}
