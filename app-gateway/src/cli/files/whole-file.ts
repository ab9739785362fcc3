import { closeSync, lstatSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a file that must not be there yet; throws what the file system throws, and leaves nothing then.
 *
 * Half a file on a full disk would be in the way of the next try, which never writes over anything.
 */
export function writeNewFile(path: string, content: string | Uint8Array, mode = 0o666): void {
  const descriptor = openSync(path, 'wx', mode);
  try {
    writeFileSync(descriptor, content);
  } catch (cause) {
    rmSync(path, { force: true });
    throw cause;
  } finally {
    closeSync(descriptor);
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
  const drafts: { readonly draft: string; readonly path: string }[] = [];
  try {
    for (const { path, content } of files) {
      if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) {
        writeFileSync(path, content);
        continue;
      }
      const draft = `${path}.new`;
      rmSync(draft, { force: true });
      writeNewFile(draft, content, mode);
      drafts.push({ draft, path });
    }
  } catch (cause) {
    for (const { draft } of drafts) rmSync(draft, { force: true });
    throw cause;
  }
  for (const { draft, path } of drafts) renameSync(draft, path);
}
