import { createHash } from 'node:crypto';
import type { PlannedFile } from '../files/planned-file.ts';

/** List of a bundle's files, in the form that `sha256sum --check` reads. */
export const SUMS_FILE = 'SHA256SUMS';

/**
 * A bundle's files and the list of them, with which its host tells a copy that was cut short or mixed with another.
 *
 * It guards against accidents alone: who can change a file of a bundle can change the list. It tells about secrets
 * what could be guessed of them, so it is one itself.
 */
export function withSums(files: readonly PlannedFile[]): readonly PlannedFile[] {
  const lines = files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, text }) => lineOf(path, createHash('sha256').update(text).digest('hex')));
  return [...files, { path: SUMS_FILE, text: lines.join(''), isSecret: true }];
}

/** A backslash before the line says that marks in the name are escaped. */
function lineOf(path: string, digest: string): string {
  const name = path.replace(/[\\\n\r]/g, (mark) => ESCAPES[mark] ?? mark);
  return `${name === path ? '' : '\\'}${digest}  ${name}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };
