import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import {
  type ChannelIdentity,
  channelIdentity,
  formatChannelIdentity,
} from '@sallyport/shared/x509/channel-identity.ts';
import { validatePath } from '@sallyport/shared/x509/path.ts';
import { channelPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { renewalOverdueMs } from '@sallyport/shared/x509/renewal-time.ts';
import { checkDates } from './check-anchors.ts';
import type { SiteProblem } from './site-problem.ts';

/** What a node shows on the channel, and the authority it trusts there: the texts of a bundle's three files. */
export interface ChannelFiles {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

/**
 * Judges the channel files of a node's bundle: readable, made for each other and for this node, and in date.
 *
 * Files are named as in the bundle. What is out of date, or soon will be, is found as well as what never was right;
 * but not of a copy, whose original is renewed by its host every few days.
 */
export function checkChannelCertificate(
  files: ChannelFiles,
  node: ChannelIdentity,
  nowMs: number,
  as: 'shown' | 'copy' = 'shown',
): readonly SiteProblem[] {
  const leaf = firstCertificate(files.certificatePem);
  const authority = firstCertificate(files.caPem);
  if (leaf === undefined) return [error('channel.crt', 'holds no readable PEM certificate')];
  if (authority === undefined) {
    return [error('channel-ca.crt', 'holds no readable PEM certificate')];
  }
  const dates = [
    ...(as === 'copy' ? [] : inFile('channel.crt', leafDates(leaf, nowMs))),
    ...inFile('channel-ca.crt', checkDates(authority, 'the certificate', nowMs)),
  ];
  const isInDate = dates.every(({ severity }) => severity === 'warning');
  return [
    ...keyProblems(leaf, files.keyPem),
    ...identityProblems(leaf, node),
    ...dates,
    // A path is never valid out of date, and that has been said then.
    ...(isInDate ? pathProblems(leaf, files, as === 'copy' ? leaf.notBeforeMs : nowMs) : []),
  ];
}

/** It lives for days and is renewed in time: an end within the month says nothing, a renewal that fails does. */
function leafDates(leaf: Certificate, nowMs: number) {
  const findings = checkDates(leaf, 'the certificate', nowMs);
  return findings.filter(({ severity }) => severity === 'error' || nowMs >= renewalOverdueMs(leaf));
}

function keyProblems(leaf: Certificate, keyPem: string): readonly SiteProblem[] {
  try {
    const key = createPrivateKey(keyPem);
    if (new X509Certificate(leaf.der).checkPrivateKey(key)) return [];
    return [error('channel.key', 'does not belong to channel.crt')];
  } catch {
    return [error('channel.key', 'holds no readable PEM private key')];
  }
}

function identityProblems(leaf: Certificate, node: ChannelIdentity): readonly SiteProblem[] {
  const expected = formatChannelIdentity(node);
  const shown = channelIdentity(leaf);
  const found = shown === undefined ? 'nobody' : formatChannelIdentity(shown);
  return found === expected ? [] : [error('channel.crt', `is of ${found}, not of ${expected}`)];
}

function pathProblems(
  leaf: Certificate,
  { certificatePem, caPem }: ChannelFiles,
  atMs: number,
): readonly SiteProblem[] {
  const anchors = certificatesOfPem(caPem);
  const intermediates = certificatesOfPem(certificatePem).slice(1);
  // One certificate serves at both ends, whichever side dials.
  for (const purpose of ['client', 'server'] as const) {
    const path = validatePath({
      leaf,
      intermediates,
      anchors,
      pins: [],
      purpose,
      policy: channelPathPolicy,
      atMs,
    });
    if (!path.ok) return [error('channel.crt', `leads not to channel-ca.crt: ${path.error}`)];
  }
  return [];
}

function firstCertificate(pem: string): Certificate | undefined {
  return certificatesOfPem(pem)[0];
}

function inFile(
  file: string,
  findings: readonly { readonly severity: SiteProblem['severity']; readonly message: string }[],
): readonly SiteProblem[] {
  return findings.map(({ severity, message }) => ({ severity, file, path: '', message }));
}

function error(file: string, message: string): SiteProblem {
  return { severity: 'error', file, path: '', message };
}
