import { chmod, chown, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkChannelCertificate } from '../../config/check-channel-certificate.ts';
import { formatSiteProblem } from '../../config/site-problem.ts';
import { shellWord } from '../../ledger/render/shell-word.ts';
import { causeOf, failure, type Outcome, remedyOf, success } from '../outcome.ts';
import { bundleIdentity, settingsFile } from './bundle-identity.ts';
import { WAITING_KEY } from './node-request.ts';

const CERTIFICATE_CHARS_MAX = 65_536;
const READABLE_BY_ALL = 0o004;
const OWNER_ALONE = 0o600;

/**
 * `sallyport node install`: completes a bundle with the certificate that was issued for this host's own key.
 *
 * Nothing is written unless it is of that key, of this host, in date, and leads to the root in the bundle.
 */
export async function nodeInstallCommand(
  certificate: string,
  bundle: string,
  nowMs: number,
): Promise<Outcome> {
  const identity = await bundleIdentity(bundle);
  if (!identity.ok) return identity.error;
  try {
    const keyPem = await readFile(join(bundle, WAITING_KEY), 'utf8').catch(() => undefined);
    if (keyPem === undefined) {
      return failure(
        `${bundle} has no key that waits for a certificate`,
        `sallyport node request --bundle ${bundle}`,
      );
    }
    const certificatePem = (await readFile(certificate, 'latin1')).slice(0, CERTIFICATE_CHARS_MAX);
    const caPem = await readFile(join(bundle, 'channel-ca.crt'), 'utf8');
    const files = { certificatePem, keyPem, caPem };
    const [problem] = checkChannelCertificate(files, identity.value, nowMs).filter(
      ({ severity }) => severity === 'error',
    );
    if (problem !== undefined) {
      return failure(
        `${certificate} cannot be used: ${formatSiteProblem(problem)}`,
        'nothing was written; give the file that "sallyport node approve" wrote for this request',
      );
    }
    const settings = await stat(join(bundle, settingsFile(identity.value.role)));
    // The key last: until it is in place the old pair, if there was one, is not whole and a start says so.
    await writeFile(join(bundle, 'channel.crt.new'), certificatePem, { flush: true });
    await readableAs(join(bundle, 'channel.crt.new'), settings, 0o644);
    await readableAs(join(bundle, WAITING_KEY), settings, 0o640);
    await rename(join(bundle, 'channel.crt.new'), join(bundle, 'channel.crt'));
    await rename(join(bundle, WAITING_KEY), join(bundle, 'channel.key'));
  } catch (cause) {
    return failure(
      `cannot complete ${bundle}: ${causeOf(cause)}`,
      remedyOf(cause, 'check the path'),
    );
  }
  const { node, role } = identity.value;
  const program = role === 'proxy' ? 'dmz-proxy' : 'app-gateway';
  const next = `sallyport ${program} --bundle ${shellWord(bundle)}, or SIGHUP to the one that runs`;
  return success([`the bundle of the ${role} ${node} is complete\n  next: ${next}`], {
    node,
    role,
    next,
  });
}

/**
 * Lets those read a new file who read the bundle's settings: with packages the command is root's, and the service
 * another user's. Settings that everybody reads say nothing of who may read a key.
 */
async function readableAs(
  path: string,
  settings: { readonly uid: number; readonly gid: number; readonly mode: number },
  modeMax: number,
): Promise<void> {
  const isSecret = (modeMax & READABLE_BY_ALL) === 0;
  const isOpen = (settings.mode & READABLE_BY_ALL) !== 0;
  const { uid, gid } = await stat(path);
  if (uid !== settings.uid || gid !== settings.gid) await chown(path, settings.uid, settings.gid);
  await chmod(path, isSecret && isOpen ? OWNER_ALONE : settings.mode & modeMax);
}
