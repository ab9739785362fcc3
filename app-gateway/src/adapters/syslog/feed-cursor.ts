import { open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { err, ok, type Result } from '@sallyport/shared/result.ts';

/** Keeps how far a destination has come in the ledger: all that has to outlive the program. */
export interface FeedCursor {
  /** Undefined: it has never got anything. */
  load(): Promise<Result<number | undefined, string>>;
  save(next: number): Promise<Result<undefined, string>>;
}

/** The cursor of one destination as a file `<folder>/<name>.json`, replaced as a whole and flushed to the disk. */
export function fileCursor(folder: string, name: string): FeedCursor {
  const path = join(folder, `${name}.json`);
  return {
    async load() {
      try {
        const next = nextOf(JSON.parse(await readFile(path, 'utf8')));
        return next === undefined ? err('holds no position') : ok(next);
      } catch (cause) {
        return codeOf(cause) === 'ENOENT' ? ok(undefined) : err(codeOf(cause));
      }
    },
    async save(next) {
      try {
        const draft = `${path}.new`;
        await writeAndFlush(draft, `${JSON.stringify({ next })}\n`);
        await rename(draft, path);
        await flushFolder(dirname(path));
        return ok(undefined);
      } catch (cause) {
        return err(codeOf(cause));
      }
    },
  };
}

function nextOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('next' in value)) return undefined;
  const { next } = value;
  return Number.isSafeInteger(next) && Number(next) >= 0 ? Number(next) : undefined;
}

async function writeAndFlush(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Without it a loss of power may undo the renaming. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(cause: unknown): string {
  if (cause instanceof SyntaxError) return 'is no JSON';
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
}
