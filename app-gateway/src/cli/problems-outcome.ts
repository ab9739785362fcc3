import { formatSiteProblem, type SiteProblem } from '../config/site-problem.ts';
import type { Outcome } from './outcome.ts';

/** Every problem of a site, errors first; only errors make the command fail. */
export function problemsOutcome(folder: string, problems: readonly SiteProblem[]): Outcome {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const warnings = problems.filter((problem) => problem.severity === 'warning');
  const summary =
    problems.length === 0
      ? `${folder}: no problems`
      : `${folder}: ${count(errors.length, 'error')}, ${count(warnings.length, 'warning')}`;
  return {
    exitCode: errors.length === 0 ? 0 : 1,
    text: [...errors, ...warnings].map(formatSiteProblem).concat(summary).join('\n'),
    json: { ok: errors.length === 0, problems: [...errors, ...warnings] },
  };
}

/** Warnings as lines for a person. */
export function warningLines(warnings: readonly SiteProblem[]): readonly string[] {
  return warnings.map(formatSiteProblem);
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
