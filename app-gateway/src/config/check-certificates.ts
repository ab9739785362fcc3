import { isIP } from 'node:net';
import { normalizeAddress } from '@sallyport/shared/net/address.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { parseRevocationList } from '@sallyport/shared/x509/revocation-list.ts';
import { checkAnchors } from './check-anchors.ts';
import { checkOwnCertificate, type OwnCertificateFinding } from './check-own-certificate.ts';
import { certificateText, type NamedFiles } from './named-files.ts';
import { type ParsedSite, pemEntries } from './parse-site.ts';
import type { SiteProblem } from './site-problem.ts';

/** Who reads identities and partners in files: a gateway at each start, or, with a database, at its first alone. */
export type IdentitiesRead = 'always' | 'once';

const READ_ONCE =
  'a gateway that starts for the first time refuses it, any other has ours in its database and does not look at it';

/** Judges every certificate and key of a site; files that could not be read are somebody else's report. */
export function checkCertificates(
  parsed: ParsedSite,
  files: NamedFiles,
  nowMs: number,
  identitiesRead: IdentitiesRead,
): readonly SiteProblem[] {
  return [
    ...ownIdentities(parsed, files, nowMs, identitiesRead),
    ...communities(parsed, files, nowMs),
    ...partners(parsed, files, nowMs),
  ];
}

function ownIdentities(
  { site }: ParsedSite,
  files: NamedFiles,
  nowMs: number,
  identitiesRead: IdentitiesRead,
): readonly SiteProblem[] {
  const { domains, identities, public: shown } = site.content;
  const covered = new Set<string>();
  let areAllReadable = true;
  const problems = identities.flatMap((identity, at) => {
    const chain = files.get(identity.chain);
    const key = files.get(identity.key);
    if (!chain?.ok || !key?.ok) {
      areAllReadable = false;
      return [];
    }
    const checked = checkOwnCertificate(chain.value, key.value, nowMs);
    const findings = identitiesRead === 'once' ? checked.findings.map(readOnce) : checked.findings;
    if (findings.some((finding) => finding.severity === 'error')) areAllReadable = false;
    for (const name of [...checked.domains, ...checked.addresses]) covered.add(name);
    return [
      ...findings.map(({ severity, part, message }) =>
        site.source.problem(severity, ['identities', at, part], message),
      ),
      ...foreignServerNames(site, at, checked.domains),
    ];
  });
  if (!areAllReadable) return problems;
  const uncovered = domains.flatMap((domain, index) => {
    if (covered.has(domain)) return [];
    const message = `no identity has a certificate for ${domain} (RFC 5922 §7.1): partners would turn us away`;
    return [site.source.problem('error', ['domains', index], message)];
  });
  const found = [...problems, ...uncovered];
  if (!covered.has(shown.host)) {
    const message = `no identity has a certificate for ${shown.host}; strict partners cannot dial us for requests within a dialog, which go to this name`;
    found.push(site.source.problem('warning', ['public', 'host'], message));
  }
  return [...found, ...advertisedNames(site, covered)];
}

function readOnce(finding: OwnCertificateFinding): OwnCertificateFinding {
  if (finding.isOutOfDate === undefined) return finding;
  return { ...finding, severity: 'warning', message: `${finding.message}: ${READ_ONCE}` };
}

/** Server names of an identity that its certificate does not stand for; one without any domain has its own finding. */
function foreignServerNames(
  { source, content }: ParsedSite['site'],
  at: number,
  domains: readonly string[],
): readonly SiteProblem[] {
  if (domains.length === 0) return [];
  const { serverNames = [] } = content.identities[at] ?? {};
  return serverNames.flatMap((name, index) => {
    if (domains.includes(name)) return [];
    const message = `the certificate does not stand for ${name} (RFC 5922 §7.1), only for: ${domains.join(', ')}`;
    return [source.problem('error', ['identities', at, 'serverNames', index], message)];
  });
}

/** Partners dial what a listener advertises, and want to see a certificate for it (RFC 5922 §7.3). */
function advertisedNames(
  { source, content }: ParsedSite['site'],
  covered: ReadonlySet<string>,
): readonly SiteProblem[] {
  const { proxies, identities, unknownServerName } = content;
  const served = new Set(identities.flatMap(({ serverNames }) => serverNames));
  return proxies.flatMap(({ listen }, at) =>
    listen.flatMap(({ advertise, transport }, index): readonly SiteProblem[] => {
      if (advertise === undefined || transport === 'tcp') return [];
      const path = ['proxies', at, 'listen', index, 'advertise', 'host'];
      const { host } = advertise;
      if (!covered.has(normalizeAddress(host) ?? host)) {
        const message = `no identity has a certificate for ${host} (RFC 5922 §7.1): partners that dial it would turn away from us`;
        return [source.problem('error', path, message)];
      }
      if (isIP(host) !== 0 || served.has(host) || unknownServerName === 'default') return [];
      const message = `no identity has ${host} among its serverNames: partners that dial it are refused`;
      return [source.problem('warning', path, message)];
    }),
  );
}

function communities(
  { site }: ParsedSite,
  files: NamedFiles,
  nowMs: number,
): readonly SiteProblem[] {
  return site.content.communities.flatMap(({ ca, identity }, at) => {
    const authorities = files.get(ca);
    const chain = files.get(identity.chain);
    const key = files.get(identity.key);
    const findings = authorities?.ok ? checkAnchors(authorities.value, nowMs) : [];
    const own =
      chain?.ok && key?.ok ? checkOwnCertificate(chain.value, key.value, nowMs).findings : [];
    return [
      ...findings.map(({ severity, message }) =>
        site.source.problem(severity, ['communities', at, 'ca'], message),
      ),
      ...own.map(({ severity, part, message }) =>
        site.source.problem(severity, ['communities', at, 'identity', part], message),
      ),
    ];
  });
}

function partners(parsed: ParsedSite, files: NamedFiles, nowMs: number): readonly SiteProblem[] {
  return parsed.partners.flatMap(({ source, content }) =>
    pemEntries(content).flatMap(({ kind, path, entry }) => {
      const text = certificateText(source.file, entry, files);
      if (text === undefined) return [];
      if (kind === 'certificates') {
        return checkAnchors(text, nowMs).map(({ severity, message }) =>
          source.problem(severity, path, message),
        );
      }
      return checkRevocationLists(text).map((message) => source.problem('error', path, message));
    }),
  );
}

function checkRevocationLists(text: string): readonly string[] {
  const ders = decodePem(text, 'X509 CRL');
  if (ders.length === 0) {
    return [
      'holds no readable PEM revocation list; convert DER with: openssl crl -inform der -in FILE',
    ];
  }
  return ders.flatMap((der) => {
    const list = parseRevocationList(der);
    return list.ok ? [] : [`holds a revocation list that proxies cannot use: ${list.error}`];
  });
}
