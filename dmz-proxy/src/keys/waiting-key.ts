import { generateKeyPairSync } from 'node:crypto';
import {
  constants,
  lchownSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { createDurably } from '../bundle/durable-file.ts';

/** Key that waits in a bundle for its certificate; `sallyport node request` gives it the same name. */
export const WAITING_KEY = 'channel-request.key';

/**
 * The channel key that waits in a bundle, made now where there is none; it is never overwritten, so that a fingerprint
 * that was read out stays true. Throws what the file system throws.
 */
export function waitingKey(bundle: string): string {
  const path = join(bundle, WAITING_KEY);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const fresh = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  try {
    writeFileSync(path, fresh, { mode: 0o600, flag: 'wx' });
    return fresh;
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST') return read(path);
    throw cause;
  }
}

/** The same where it must be there already. */
export function readWaitingKey(bundle: string): string | undefined {
  try {
    return read(join(bundle, WAITING_KEY));
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw cause;
  }
}

/** Root may read in a folder of somebody else: no link of theirs is followed. */
function read(path: string): string {
  return readFileSync(path, {
    encoding: 'utf8',
    flag: constants.O_RDONLY | constants.O_NOFOLLOW,
  });
}

/** Completes a bundle with the certificate of the key that waits in it; it has been judged before. */
export function completeBundle(bundle: string, certificatePem: string): void {
  const waiting = join(bundle, WAITING_KEY);
  const [certificate, key] = [join(bundle, 'channel.crt'), join(bundle, 'channel.key')];
  const keyPem = read(waiting);
  layDown(bundle, `${certificate}.new`, certificatePem);
  layDown(bundle, `${key}.new`, keyPem);
  renameSync(`${certificate}.new`, certificate);
  // The key last: until it is in place the old pair, if there was one, is not whole and a start says so.
  renameSync(`${key}.new`, key);
  rmSync(waiting);
}

/**
 * Writes what the service is to read: by the owner and the group of its settings, where those are not root's.
 *
 * In a bundle that the package has put in its place the service reads by its group alone, and owns nothing.
 */
function layDown(bundle: string, path: string, text: string): void {
  const { uid, gid } = statSync(join(bundle, 'proxy.json'));
  const isHandedOver = process.getuid?.() === 0 && (uid !== 0 || gid !== 0);
  createDurably(path, text, isHandedOver && uid === 0 ? 0o640 : 0o600);
  if (isHandedOver) lchownSync(path, uid, gid);
}
