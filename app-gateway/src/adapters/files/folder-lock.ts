import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';

/** Stands in a folder while it is locked. */
export const LOCK_FILE = 'in-use-by';
const ATTEMPTS_MAX = 5;
/** What file systems without hard links answer: a stick’s, a share’s. */
const NO_LINKS: readonly unknown[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * Keeps other processes of this host out of a folder until the returned function is called; the error says who is in it.
 *
 * The lock is a file with the process id and when that process began, so that a lock left behind by a
 * process that was killed is known for what it is, even where its number was given out again. It does not
 * see processes of other hosts or containers: a folder belongs to one. `linkFile` is how the lock gets its name.
 */
export async function lockFolder(
  folder: string,
  linkFile: typeof link = link,
): Promise<Result<() => Promise<void>, string>> {
  const path = join(folder, LOCK_FILE);
  const own = `${process.pid} ${await beginningOf(process.pid)} ${randomBytes(8).toString('hex')}\n`;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (await writeOnce(path, own, linkFile)) return ok(() => removeIfStill(path, own));
    const holder = await textOf(path);
    if (holder === undefined) continue;
    if (await isAlive(holder)) return err(nameOf(holder));
    await removeIfStill(path, holder);
  }
  return err('another process');
}

/** The file appears whole or not at all, so that nobody reads a half-written holder; without hard links in two steps. */
async function writeOnce(path: string, text: string, linkFile: typeof link): Promise<boolean> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    await linkFile(draft, path).catch((cause: unknown) => {
      if (!NO_LINKS.includes(errorCode(cause))) throw cause;
      return writeFile(path, text, { mode: 0o600, flag: 'wx' });
    });
    return true;
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') return false;
    throw cause;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Two processes may find the same dead lock: what one of them takes away must be that one, not the other's new one. */
async function removeIfStill(path: string, expected: string): Promise<void> {
  if ((await textOf(path)) !== expected) return;
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await rename(path, aside);
    if ((await textOf(aside)) !== expected) await link(aside, path);
  } catch {
    // Gone, or somebody holds it by now: either way it is not ours to remove.
  } finally {
    await rm(aside, { force: true });
  }
}

async function isAlive(holder: string): Promise<boolean> {
  const [pid = '', began = ''] = holder.split(' ');
  if (!/^[1-9]\d{0,9}$/.test(pid)) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (cause) {
    // EPERM: it lives, under another user.
    if (errorCode(cause) !== 'EPERM') return false;
  }
  const begins = await beginningOf(Number(pid));
  return began === '' || begins === '' || begins === began;
}

/** Clock ticks since the host's start, and the host's start itself; empty where the system does not tell. */
async function beginningOf(pid: number): Promise<string> {
  const stat = await textOf(`/proc/${pid}/stat`);
  const boot = await textOf('/proc/sys/kernel/random/boot_id');
  // The second field is the program's name in parentheses and may hold spaces.
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return ticks === undefined || boot === undefined ? '' : `${boot.trim()}/${ticks}`;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

function nameOf(holder: string): string {
  const [pid = ''] = holder.split(' ');
  return `process ${pid}`;
}
