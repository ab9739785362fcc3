import { open, rename } from 'node:fs/promises';

/**
 * Replaces a file of its owner's alone as a whole: its bytes are on the disk under another name before it takes its own.
 *
 * False where the disk takes nothing: the old file is as it was.
 */
export async function replaceDurably(path: string, text: string): Promise<boolean> {
  const draft = `${path}.new`;
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    return true;
  } catch {
    return false;
  }
}
