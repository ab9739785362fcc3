import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { FileDraft } from './file-draft.ts';

/**
 * Writes a file that must not be there yet; throws what the file system throws, and leaves nothing then.
 *
 * Under its name stands the whole file or none, whenever the process ends: half of one would be in the way of the next try,
 * which never writes over anything.
 */
export function writeNewFile(path: string, content: string | Uint8Array, mode = 0o666): void {
  const draft = FileDraft.ofNew(path, mode);
  try {
    draft.write(content);
    draft.publish();
  } catch (cause) {
    draft.drop();
    throw cause;
  }
}

/**
 * Puts new content in the place of the old, which stays where that does not work; throws what the file system throws.
 *
 * What is no plain file, a pipe or a link, is written to as it is.
 */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o666): void {
  replaceFiles([{ path, content }], mode);
}

/** The same for files that belong together: all are written before the first takes its place. */
export function replaceFiles(
  files: readonly { readonly path: string; readonly content: string | Uint8Array }[],
  mode = 0o666,
): void {
  const drafts: { readonly draft: FileDraft; readonly path: string }[] = [];
  try {
    for (const { path, content } of files) {
      if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) {
        writeFileSync(path, content);
        continue;
      }
      const name = `${path}.new`;
      rmSync(name, { force: true });
      const draft = new FileDraft(name, mode);
      drafts.push({ draft, path });
      draft.write(content);
      draft.close();
    }
  } catch (cause) {
    for (const { draft } of drafts) draft.drop();
    throw cause;
  }
  for (const { draft, path } of drafts) renameSync(draft.path, path);
}
