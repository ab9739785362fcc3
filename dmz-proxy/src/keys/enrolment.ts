import { createPrivateKey } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { channelRequest } from '@sallyport/shared/x509/channel-request.ts';
import { formatFingerprint } from '@sallyport/shared/x509/fingerprint-text.ts';
import { decodeProxyConfig, type ProxyConfig } from '../bundle/proxy-config.ts';
import { acceptIssued, type CredentialsFault } from './channel-credentials.ts';
import type { Enrolment } from './enrolment-words.ts';
import { completeBundle, readWaitingKey, WAITING_KEY, waitingKey } from './waiting-key.ts';

/** What is printed, and how the program ends. */
export interface EnrolmentOutcome {
  readonly exitCode: 0 | 1;
  /** A file for somebody else; empty where there is none. */
  readonly output: string;
  /** For whoever sits there. */
  readonly messages: string;
}

const CERTIFICATE_BYTES_MAX = 65_536;

/** Carries it out; the key stays in the bundle, and nothing is written that would not be used. */
export function enrol(enrolment: Enrolment, nowMs: number): EnrolmentOutcome {
  const { bundle } = enrolment;
  try {
    const config = decodeProxyConfig(readFileSync(join(bundle, 'proxy.json')));
    if (!config.ok) {
      return refused(`${bundle} is no bundle: ${config.error.join('; ')}`, 'copy it anew');
    }
    return enrolment.verb === 'request'
      ? request(bundle, config.value)
      : install(enrolment, config.value, nowMs);
  } catch (cause) {
    const code = errorCode(cause) ?? 'unreadable';
    const path = cause instanceof Error && 'path' in cause ? String(cause.path) : bundle;
    const next =
      'see whether it is there, and whether you may read it and write the bundle: be root';
    return refused(`${path}: ${code}`, next);
  }
}

/** Prints what came of it: what goes to somebody else apart from what people read. */
export function tell({ exitCode, output, messages }: EnrolmentOutcome): void {
  process.stdout.write(output);
  process.stderr.write(messages);
  process.exitCode = exitCode;
}

function request(bundle: string, { site, node }: ProxyConfig): EnrolmentOutcome {
  const key = createPrivateKey(waitingKey(bundle));
  const made = channelRequest(key, { site, role: 'proxy', node });
  if (!made.ok) {
    return refused(
      `${WAITING_KEY} is no P-256 key`,
      `remove ${join(bundle, WAITING_KEY)} and give the command again`,
    );
  }
  const { pem, keyFingerprint } = made.value;
  return {
    exitCode: 0,
    output: pem,
    messages: [
      `request of the proxy ${node}; its key stays in ${join(bundle, WAITING_KEY)}`,
      `fingerprint: ${formatFingerprint(keyFingerprint)}`,
      'bring the request to whoever keeps the gateways and read the fingerprint out to them by telephone',
      `  next, there: sallyport node approve ${node}.csr --node ${node} --role proxy --fingerprint TEXT`,
      '',
    ].join('\n'),
  };
}

function install(
  { bundle, certificate }: Extract<Enrolment, { verb: 'install' }>,
  config: ProxyConfig,
  nowMs: number,
): EnrolmentOutcome {
  const keyPem = readWaitingKey(bundle);
  if (keyPem === undefined) {
    return refused(
      `${bundle} has no key that waits for a certificate`,
      `sallyport-dmz-proxy request --bundle ${bundle}`,
    );
  }
  const pem = startOf(certificate);
  const channelAuthorityPem = readFileSync(join(bundle, 'channel-ca.crt'), 'latin1');
  const accepted = acceptIssued({ config, channelAuthorityPem }, pem, keyPem, nowMs);
  if (!accepted.ok) {
    return refused(
      `${certificate} cannot be used: ${FAULTS[accepted.error]}`,
      'nothing was written; give the file that "sallyport node approve" wrote for this request',
    );
  }
  completeBundle(bundle, accepted.value.certificatePem);
  const next = `systemctl enable --now sallyport-dmz-proxy@${config.node}, or reload the one that runs`;
  const messages = `the bundle of the proxy ${config.node} is complete\n  next: ${next}\n`;
  return { exitCode: 0, output: '', messages };
}

/** No more of a file than a certificate with its chain can be, however long it is. */
function startOf(path: string): string {
  const bytes = Buffer.alloc(CERTIFICATE_BYTES_MAX);
  const file = openSync(path, 'r');
  try {
    return bytes.toString('latin1', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

const FAULTS: Readonly<Record<CredentialsFault, string>> = {
  'certificate-malformed': 'it holds no certificate',
  'certificate-key-other': 'it is not of the key that was made here',
  'certificate-name-other': 'it is of another host',
  'certificate-path-invalid': 'it does not lead to the root in the bundle, or is not in date',
};

function refused(why: string, next: string): EnrolmentOutcome {
  return { exitCode: 1, output: '', messages: `${why}\n  next: ${next}\n` };
}
