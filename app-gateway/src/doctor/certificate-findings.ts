import type { ChannelIdentity } from '@sallyport/shared/x509/channel-identity.ts';
import { type ChannelFiles, checkChannelCertificate } from '../config/check-channel-certificate.ts';
import type { SiteProblem } from '../config/site-problem.ts';
import { shellWord } from '../ledger/render/shell-word.ts';
import { type Finding, fine } from './finding.ts';

const PRIVATE_KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/;

/**
 * Whether a node’s certificate for the channel can be used now.
 *
 * A proxy renews it into its spool (`renewed`): where that one is good, the older one in the bundle need not be in date.
 */
export function channelCertificateFindings(
  bundle: ChannelFiles,
  renewed: string | undefined,
  identity: ChannelIdentity,
  nowMs: number,
): readonly Finding[] {
  const keyPem = PRIVATE_KEY.exec(renewed ?? '')?.[0];
  const younger = keyPem !== undefined && {
    certificatePem: (renewed ?? '').replace(PRIVATE_KEY, ''),
    keyPem,
    caPem: bundle.caPem,
  };
  const isRenewed =
    younger !== false && !hasError(checkChannelCertificate(younger, identity, nowMs));
  const problems = checkChannelCertificate(bundle, identity, nowMs, isRenewed ? 'copy' : 'shown');
  if (problems.length === 0) {
    const what = isRenewed ? 'good, and renewed since the bundle was written' : 'good';
    return [fine('channel-certificate', 'channel.crt', what)];
  }
  return problems.map((problem) => problemFinding('channel-certificate', problem));
}

/** A bundle that came without a channel key, as `plan` writes those of proxies: what its host still has to do. */
export function notEnrolled(
  bundle: string,
  { node, role }: ChannelIdentity,
  isWaiting: boolean,
): Finding {
  const program = role === 'proxy' ? 'sallyport-dmz-proxy' : 'sallyport node';
  const approve = `at a gateway: sallyport node approve ${node}.csr --node ${node} --role ${role} --fingerprint TEXT`;
  return {
    id: 'channel-certificate',
    level: 'fault',
    what: isWaiting ? 'its key waits for a certificate' : 'has no key of its own yet',
    where: `${bundle}/channel.crt`,
    next: isWaiting
      ? `${approve}; then here: ${program} install ${node}.crt --bundle ${shellWord(bundle)}`
      : `${program} request --bundle ${shellWord(bundle)}${role === 'proxy' ? ` > ${node}.csr` : ''}; then ${approve}`,
  };
}

/** What `sallyport check` says of the site in a gateway’s bundle: dates, chains and names of its certificates among it. */
export function siteFindings(problems: readonly SiteProblem[]): readonly Finding[] {
  if (problems.length === 0) return [fine('site', 'site.yaml', 'good, its certificates included')];
  return problems.map((problem) => problemFinding('site', problem));
}

function problemFinding(id: string, problem: SiteProblem): Finding {
  const { severity, file, line, path, message } = problem;
  return {
    id,
    level: severity === 'error' ? 'fault' : 'warning',
    what: path === '' ? message : `${path}: ${message}`,
    where: line === undefined ? file : `${file}:${line}`,
    next: severity === 'error' ? 'mend it; until then it cannot be used' : '',
  };
}

function hasError(problems: readonly SiteProblem[]): boolean {
  return problems.some(({ severity }) => severity === 'error');
}
