/** Something wrong, or doubtful, in a site's files: what, where, and what to do about it. */
export interface SiteProblem {
  /** A warning is reported and lived with; an error keeps the old configuration in force. */
  readonly severity: 'error' | 'warning';
  /** Relative to the site's folder. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The setting, like `partners[0].domains`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** Keys and indexes from the top of a file down to a setting. */
export type SettingPath = readonly (string | number)[];

/** Setting names as operators write them: `proxies[0].listen[1].port`. */
export function formatSettingPath(path: SettingPath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** One line for a terminal: `site.yaml:12:5: domains[0]: message`. */
export function formatSiteProblem(problem: SiteProblem): string {
  const position = problem.line === undefined ? '' : `:${problem.line}:${problem.column ?? 1}`;
  const setting = problem.path === '' ? '' : `${problem.path}: `;
  return `${problem.file}${position}: ${problem.severity}: ${setting}${problem.message}`;
}
