import { hash, randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';

/** Stands in a folder while it is locked. */
export const LOCK_FILE = 'in-use-by';
const ATTEMPTS_MAX = 5;
/** What file systems without hard links answer: a stick’s, a share’s. */
const NO_LINKS: readonly unknown[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];
/** So long a holder's few bytes may take from the file's name to its text, where there are no hard links. */
const UNFINISHED_MS = 100;

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
  const holder = await take(path, own, linkFile);
  return holder === undefined ? ok(() => removeIfStill(path, own)) : err(holder);
}

/** Undefined: it is ours. Else who has it. */
async function take(path: string, own: string, linkFile: typeof link): Promise<string | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (await writeOnce(path, own, linkFile)) return undefined;
    const holder = await textOf(path);
    if (holder === undefined) continue;
    if (await isAlive(holder)) return nameOf(holder);
    await takeAway(path, holder, own, linkFile);
  }
  return 'another process';
}

/** The file appears whole or not at all, so that nobody reads a half-written holder; without hard links in two steps. */
async function writeOnce(path: string, text: string, linkFile: typeof link): Promise<boolean> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    await linkFile(draft, path);
    return true;
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') return false;
    if (!NO_LINKS.includes(errorCode(cause))) throw cause;
    return await writeInTwoSteps(path, text);
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeInTwoSteps(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') return false;
    throw cause;
  }
  // Whoever found it unfinished for too long has taken it away.
  return (await textOf(path)) === text;
}

/**
 * Two processes may find the same dead lock, and what one of them takes away must be that one, not the other's new one: so
 * only one at a time may take away a lock with this very text, and whoever has that right looks again.
 */
async function takeAway(
  path: string,
  dead: string,
  own: string,
  linkFile: typeof link,
): Promise<void> {
  const right = `${path}.${hash('sha256', dead, 'hex').slice(0, 16)}`;
  if ((await take(right, own, linkFile)) !== undefined) return;
  try {
    if (!dead.endsWith('\n')) await delay(UNFINISHED_MS);
    await removeIfStill(path, dead);
  } finally {
    await removeIfStill(right, own);
  }
}

/** For whoever alone may remove a file with that text. */
async function removeIfStill(path: string, expected: string): Promise<void> {
  if ((await textOf(path)) === expected) await rm(path, { force: true });
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
