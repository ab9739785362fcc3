import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';

const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const paths = new Set<string>();

/**
 * Does work whose half-made file or folder stands at `path`; Ctrl-C meanwhile takes it away before the process ends
 * by that signal: half a site or a restored gateway would be private keys that nobody knows of.
 */
export async function whileUnfinished<T>(path: string, work: () => Promise<T>): Promise<T> {
  if (paths.size === 0) for (const signal of INTERRUPTIONS) process.on(signal, endInterrupted);
  paths.add(path);
  try {
    return await work();
  } finally {
    paths.delete(path);
    if (paths.size === 0) for (const signal of INTERRUPTIONS) process.off(signal, endInterrupted);
  }
}

/** The same in a new folder beside `target`, which is gone at the end unless the work has given it that name. */
export async function inDraftFolder<T>(
  target: string,
  work: (draft: string) => Promise<T>,
): Promise<T> {
  await mkdir(dirname(target), { recursive: true });
  const draft = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  return await whileUnfinished(draft, async () => {
    try {
      return await work(draft);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
}

function endInterrupted(signal: NodeJS.Signals): void {
  for (const path of paths) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // The process ends all the same; what cannot be taken away has a name that says what it is.
    }
  }
  for (const one of INTERRUPTIONS) process.off(one, endInterrupted);
  process.kill(process.pid, signal);
}
