import { counted } from '../../commands/text-table.ts';
import { formatSiteProblem, type SiteProblem } from '../../config/site-problem.ts';
import { type Outcome, verdict } from '../outcome.ts';

/** Every problem of a site, errors first; only errors make the command fail. */
export function problemsOutcome(folder: string, problems: readonly SiteProblem[]): Outcome {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const warnings = problems.filter((problem) => problem.severity === 'warning');
  const summary =
    problems.length === 0
      ? `${folder}: no problems`
      : `${folder}: ${counted(errors.length, 'error')}, ${counted(warnings.length, 'warning')}`;
  const all = [...errors, ...warnings];
  return verdict(errors.length === 0, [...problemLines(all), summary], { problems: all });
}

/** Problems as lines for a person. */
export function problemLines(problems: readonly SiteProblem[]): readonly string[] {
  return problems.map(formatSiteProblem);
}
