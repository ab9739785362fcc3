import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { whyNotShown } from '@sallyport/shared/io/shown-in-tls.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { decodeProxyConfig, type ProxyConfig } from './proxy-config.ts';

/** The folder that `sallyport bundle` wrote for this host, read and checked. */
export interface Bundle {
  readonly folder: string;
  readonly config: ProxyConfig;
  readonly channelCertificatePem: string;
  readonly channelKeyPem: string;
  readonly channelAuthorityPem: string;
  /** Ed25519; configuration that this key did not sign is not ours. */
  readonly snapshotSigningKey: KeyObject;
  /** Ed25519: seals this host's audit records, and witnesses the ledger. Bundles from before there was audit have none. */
  readonly witnessKey?: KeyObject;
}

const FILE_BYTES_MAX = 1_048_576;
const DAY_MS = 86_400_000;

/** Reads all files of a bundle, or names every file that is missing or wrong. */
export function readBundle(folder: string): Result<Bundle, readonly string[]> {
  const problems: string[] = [];
  const configBytes = readFile(folder, 'proxy.json', problems);
  const certificate = readFile(folder, 'channel.crt', problems).toString('latin1');
  const key = readFile(folder, 'channel.key', problems).toString('latin1');
  const authority = readFile(folder, 'channel-ca.crt', problems).toString('latin1');
  const signing = readFile(folder, 'snapshot-signing.pub', problems).toString('latin1');
  if (problems.length > 0) return err(problems);

  const config = decodeProxyConfig(configBytes);
  if (!config.ok) problems.push(...config.error.map((problem) => `proxy.json: ${problem}`));
  const keyMatches = attempt(() =>
    new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)),
  );
  if (keyMatches === undefined) problems.push('channel.crt or channel.key: not readable as PEM');
  if (keyMatches === false) problems.push('channel.key: is not the key of channel.crt');
  const notShown = keyMatches === true ? whyNotShown(certificate, key) : undefined;
  if (notShown !== undefined) problems.push(`channel.crt: TLS does not take it: ${notShown}`);
  if (attempt(() => new X509Certificate(authority)) === undefined) {
    problems.push('channel-ca.crt: not readable as PEM');
  }
  const signingKey = attempt(() => createPublicKey(signing));
  if (signingKey?.asymmetricKeyType !== 'ed25519') {
    problems.push('snapshot-signing.pub: not an Ed25519 public key in PEM');
  }
  const witnessKey = existsSync(join(folder, 'witness.key'))
    ? readWitnessKey(folder, problems)
    : undefined;
  if (!config.ok || signingKey === undefined || problems.length > 0) return err(problems);
  return ok({
    folder,
    config: config.value,
    channelCertificatePem: certificate,
    channelKeyPem: key,
    channelAuthorityPem: authority,
    snapshotSigningKey: signingKey,
    ...(witnessKey === undefined ? {} : { witnessKey }),
  });
}

/** Whole days until the site's root ends; negative when it has. What hangs on it is renewed by itself. */
export function channelDaysLeft({ channelAuthorityPem }: Bundle, nowMs: number): number {
  const endMs = new X509Certificate(channelAuthorityPem).validToDate.getTime();
  return Math.floor((endMs - nowMs) / DAY_MS);
}

function readWitnessKey(folder: string, problems: string[]): KeyObject | undefined {
  const pem = readFile(folder, 'witness.key', problems).toString('latin1');
  const key = attempt(() => createPrivateKey(pem));
  if (key?.asymmetricKeyType === 'ed25519') return key;
  problems.push('witness.key: not an Ed25519 private key in PEM');
  return undefined;
}

/** What an operator can do something about, in words; of a folder that is not there the permission model says the last. */
const UNREADABLE: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'is not there'],
  ['EACCES', 'this user may not read it'],
  ['ERR_ACCESS_DENIED', 'is not there, or leads out of the bundle folder'],
]);

function readFile(folder: string, name: string, problems: string[]): Buffer {
  try {
    const bytes = readFileSync(join(folder, name));
    if (bytes.length <= FILE_BYTES_MAX) return bytes;
    problems.push(`${name}: larger than ${FILE_BYTES_MAX} bytes`);
  } catch (cause) {
    const code = errorCode(cause);
    problems.push(`${name}: ${UNREADABLE.get(code ?? '') ?? code ?? 'cannot be read'}`);
  }
  return Buffer.alloc(0);
}

/** What node:crypto reports by throwing, as a value. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
