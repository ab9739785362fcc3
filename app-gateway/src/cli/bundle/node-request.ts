import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { formatSpoken } from '@sallyport/certs/fingerprint-words.ts';
import { channelRequest } from '@sallyport/shared/x509/channel-request.ts';
import { formatFingerprint } from '@sallyport/shared/x509/fingerprint-text.ts';
import { replaceFile } from '../files/whole-file.ts';
import { causeOf, failure, type Outcome, remedyOf, success } from '../outcome.ts';
import { bundleIdentity } from './bundle-identity.ts';
import { keptKey } from './kept-key.ts';

/** What stands on the command line of `node request` and `node install`. */
export interface NodeRequestOptions {
  readonly bundle?: string;
  readonly out?: string;
}

/** Key that waits in a bundle for its certificate. */
export const WAITING_KEY = 'channel-request.key';

/**
 * `sallyport node request`: makes this host's channel key and writes a request for its certificate.
 *
 * Given again it asks for the same key, so that a fingerprint that was read out stays true.
 */
export async function nodeRequestCommand(bundle: string, out: string): Promise<Outcome> {
  const identity = await bundleIdentity(bundle);
  if (!identity.ok) return identity.error;
  const { role, node } = identity.value;
  try {
    const key = createPrivateKey(await keptKey(join(bundle, WAITING_KEY), freshKey()));
    const request = channelRequest(key, identity.value);
    if (!request.ok) {
      return failure(
        `${WAITING_KEY} is no P-256 key: ${request.error}`,
        `remove ${join(bundle, WAITING_KEY)} and give the command again`,
      );
    }
    const { pem, keyFingerprint } = request.value;
    const file = join(out, `${node}.csr`);
    replaceFile(file, pem, 0o644);
    const words = formatSpoken(keyFingerprint).join(' ');
    const next = `sallyport node approve ${node}.csr --node ${node} --role ${role} --fingerprint TEXT`;
    return success(
      [
        `request of the ${role} ${node}: ${file}`,
        `fingerprint: ${formatFingerprint(keyFingerprint)}`,
        `as words:    ${words}`,
        'bring the file to whoever keeps the gateways and read the fingerprint out to them',
        `  next, there: ${next}`,
      ],
      { node, role, file, keyFingerprint, words, next },
    );
  } catch (cause) {
    return failure(
      `cannot write the request: ${causeOf(cause)}`,
      remedyOf(cause, `check ${bundle} and ${out}`),
    );
  }
}

function freshKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
