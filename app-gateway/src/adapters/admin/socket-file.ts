import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';

/** Why the socket cannot be opened, in words. */
export type SocketRefusal = string;

/** `sun_path` of Linux, with the octet that ends it. */
const PATH_BYTES_MAX = 107;
const PROBE_MS = 2000;

/**
 * Makes a place for the socket: a folder for its owner alone, and nothing where the socket will be.
 *
 * What a gateway that died left behind is removed, but only when nobody answers on it.
 */
export async function claimSocket(path: string): Promise<Result<undefined, SocketRefusal>> {
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) {
    return err(`${path} is longer than ${PATH_BYTES_MAX} bytes: give the bundle a shorter path`);
  }
  try {
    const folder = dirname(path);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return ok(undefined);
    if (!found.isSocket()) return err(`${path} is no socket; remove it by hand`);
    if (await isAnswered(path)) return err(`another gateway answers on ${path}`);
    unlinkSync(path);
    return ok(undefined);
  } catch (cause) {
    const code = errorCode(cause) ?? 'unknown';
    return err(`${path} cannot be made (${code}): the gateway must own the folder`);
  }
}

/** Takes the rights of others from the socket; its folder has kept them out since before. */
export function securedSocket(path: string): void {
  chmodSync(path, 0o600);
}

/** Only a refused connection proves that nobody is there. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(PROBE_MS, () => end(true));
    socket.once('connect', () => end(true));
    socket.once('error', (cause) => {
      end(!['ECONNREFUSED', 'ENOENT'].includes(errorCode(cause) ?? ''));
    });
  });
}
