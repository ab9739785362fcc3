import { statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { counted } from '../../commands/text-table.ts';
import { formatSiteProblem, type SiteProblem } from '../../config/site-problem.ts';
import { causeOf, failure, type Outcome, verdict } from '../outcome.ts';

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

/** The same where something else was asked for, which they are in the way of. */
export function hinderedOutcome(folder: string, problems: readonly SiteProblem[]): Outcome {
  return { ...problemsOutcome(folder, problems), isComplaint: true };
}

/** What to say of a folder that is no site’s, or whose files are not ours to read; undefined where it is one. */
export function noSiteOutcome(
  folder: string,
  otherwise = 'give the folder of a site; "sallyport init" makes a new one',
): Outcome | undefined {
  try {
    statSync(join(folder, 'site.yaml'));
    return undefined;
  } catch (cause) {
    return errorCode(cause) === 'EACCES'
      ? failure(
          `${folder} cannot be read: ${causeOf(cause)}`,
          'give the command as the user whose folder it is, or as root',
        )
      : failure(`${folder} holds no site.yaml`, otherwise);
  }
}

/** Problems as lines for a person. */
export function problemLines(problems: readonly SiteProblem[]): readonly string[] {
  return problems.map(formatSiteProblem);
}
