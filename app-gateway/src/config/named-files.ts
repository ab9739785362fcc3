import type { Result } from '@sallyport/shared/result.ts';
import { besides, isInlinePem } from './parse-site.ts';

/** What reading the files that the YAML files name has brought: text, or why there is none. */
export type NamedFiles = ReadonlyMap<string, Result<string, string>>;

/** PEM text of an entry of a partner's file: the text itself, or what the named file holds. */
export function certificateText(
  file: string,
  entry: string,
  files: NamedFiles,
): string | undefined {
  return isInlinePem(entry) ? entry : textOf(files, besides(file, entry));
}

/** Text of a named file; undefined where it could not be read. */
export function textOf(files: NamedFiles, path: string): string | undefined {
  const text = files.get(path);
  return text?.ok ? text.value : undefined;
}
