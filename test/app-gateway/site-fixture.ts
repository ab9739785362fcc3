import { assembleSite } from '@sallyport/app-gateway/config/assemble-site.ts';
import { filesNamedBy, parseSite } from '@sallyport/app-gateway/config/parse-site.ts';
import type { Site } from '@sallyport/app-gateway/config/site.ts';
import type { SiteProblem } from '@sallyport/app-gateway/config/site-problem.ts';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { issueRevocationList } from '../certs/issue-revocation-list.ts';

/** The clock of these tests, and certificates good around it. */
export const NOW_MS = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;
export const YEAR = { notBeforeMs: NOW_MS - 90 * DAY_MS, notAfterMs: NOW_MS + 365 * DAY_MS };

/** A small site that is right in everything; tests change one thing in it. */
export const SITE_YAML = `name: acme
layout: dual-dmz
domains: [acme.example]
public: { host: sip.acme.example, port: 5061 }
identities:
  - { name: main, serverNames: [acme.example], chain: identities/main.crt, key: identities/main.key }
proxies:
  - node: edge-1
    listen: [{ host: 0.0.0.0, port: 5061 }]
    channel: { host: 10.0.1.5, port: 7443 }
gateways:
  - node: gateway-1
    inner: { host: 10.0.2.5, port: 5061, advertise: gateway.inner.example }
communities:
  - id: staff
    domains: [acme.example]
    hosts: [{ host: sip.inner.example, port: 5061 }]
    ca: communities/ca.crt
    identity: { chain: identities/main.crt, key: identities/main.key }
`;

export const PARTNER_YAML = `id: globex
domains: [globex.example]
anchors: [globex.crt]
methods: [MESSAGE, OPTIONS]
`;

/** Named files and their texts. */
export type Texts = ReadonlyMap<string, string>;

/** Certificates that fit `SITE_YAML` and `PARTNER_YAML`. */
export async function siteTexts(): Promise<Texts> {
  const authority = await createAuthority({ commonName: 'CA', ...YEAR });
  const identity = await domainCertificate(authority, 'acme.example', 'sip.acme.example');
  return new Map([
    ['identities/main.crt', identity.certificatePem],
    ['identities/main.key', identity.privateKeyPem],
    ['communities/ca.crt', authority.certificatePem],
    ['partners/globex.crt', authority.certificatePem],
  ]);
}

/** A list of some authority, nothing on it. */
export async function revocationListPem(): Promise<string> {
  const authority = await createAuthority({ commonName: 'CA', ...YEAR });
  return issueRevocationList(authority, {
    number: 1,
    thisUpdateMs: NOW_MS,
    nextUpdateMs: NOW_MS + 1000,
    revoked: [],
  });
}

export function domainCertificate(
  authority: Issued,
  ...domains: [string, ...string[]]
): Promise<Issued> {
  return issueDomainCertificate(authority, { domains, ...YEAR });
}

/** Parses and assembles; partner files are named by their `id`. */
export function loadSite(
  siteYaml: string,
  partnerYamls: readonly string[],
  texts: Texts,
  version = 1000,
): Result<Site, readonly SiteProblem[]> {
  const partners = partnerYamls.map((text) => ({
    file: `partners/${/^id: (\S+)/m.exec(text)?.[1] ?? 'unnamed'}.yaml`,
    text,
  }));
  const { parsed, problems } = parseSite({ file: 'site.yaml', text: siteYaml }, partners);
  if (parsed === undefined) return err(problems);
  const named = new Map<string, Result<string, string>>();
  for (const file of filesNamedBy(parsed)) {
    const text = texts.get(file);
    named.set(file, text === undefined ? err('no such file') : ok(text));
  }
  const site = assembleSite(parsed, named, version, NOW_MS);
  if (problems.length === 0) return site;
  return err([...problems, ...(site.ok ? [] : site.error)]);
}

/** Problems as `file:line path: severity`, and the messages beside them. */
export function problemsOf(loaded: Result<Site, readonly SiteProblem[]>): readonly SiteProblem[] {
  return loaded.ok ? loaded.value.warnings : loaded.error;
}
