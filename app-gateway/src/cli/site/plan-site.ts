import { randomBytes } from 'node:crypto';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { createIssuingAuthority, createSiteRoot } from '@sallyport/certs/site-root.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { createSiteSecrets } from '../bundle/site-secrets.ts';
import type { PlannedFile } from '../files/planned-file.ts';
import { databaseName } from './preset-yaml.ts';
import { type NewSite, partnerTemplate, siteTemplate } from './site-template.ts';

const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 365;
const PASSWORD_BYTES = 24;

/**
 * All files of a new site.
 *
 * Three authorities, because three different things must not be mistaken for each other: an end of the channel
 * (site), our face to partners (federation), and a server inside (community).
 */
export async function planSite(
  site: NewSite,
  rootPassphrase: string,
  nowMs: number,
): Promise<readonly PlannedFile[]> {
  const { root, sealed } = await createSiteRoot(site.name, rootPassphrase, nowMs);
  const issuing = await createIssuingAuthority(root, site.name, nowMs);
  return [
    { path: 'site.yaml', text: siteTemplate(site) },
    { path: '.gitignore', text: '*.key\n*.passphrase\ndatabase/password\nhosts/\n' },
    ...createSiteSecrets(sealed, issuing),
    ...(await planIdentity(site, nowMs)),
    ...(await planCommunity(site, nowMs)),
    ...(await planDatabase(site, nowMs)),
    ...(await planExamplePartner(nowMs)),
  ];
}

async function planIdentity(site: NewSite, nowMs: number): Promise<readonly PlannedFile[]> {
  const authority = await createAuthority({
    commonName: `${site.name} federation CA`,
    ...validForDays(nowMs, AUTHORITY_DAYS),
  });
  const identity = await issueDomainCertificate(authority, {
    domains: [...site.domains, site.publicHost],
    ...validForDays(nowMs, CERTIFICATE_DAYS),
  });
  // With the root at the end: it is what partners need, and what an offer tells them.
  const chain = identity.certificatePem + authority.certificatePem;
  return [
    ...pair('ca/federation-ca', authority),
    ...pair('identities/main', { ...identity, certificatePem: chain }),
  ];
}

async function planCommunity(site: NewSite, nowMs: number): Promise<readonly PlannedFile[]> {
  const authority = await createAuthority({
    commonName: `${site.name} community CA`,
    ...validForDays(nowMs, AUTHORITY_DAYS),
  });
  const identity = await issueLeaf(authority, {
    commonName: `gateway of ${site.name}`,
    dnsNames: ['localhost'],
    ipAddresses: ['127.0.0.1', ...(site.preset?.gateways.map(({ v4 }) => v4) ?? [])],
    uris: site.domains.map((domain) => `sip:${domain}`),
    usages: ['serverAuth', 'clientAuth'],
    ...validForDays(nowMs, CERTIFICATE_DAYS),
  });
  return [
    ...pair('ca/community-ca', authority),
    { path: 'communities/community-ca.crt', text: authority.certificatePem },
    ...pair('communities/gateway', identity),
  ];
}

/** What a preset's PostgreSQL server needs: a certificate that gateways expect, and a password that nobody has typed. */
async function planDatabase(
  { name, preset, domains }: NewSite,
  nowMs: number,
): Promise<readonly PlannedFile[]> {
  const database = preset?.database;
  if (database === undefined) return [];
  const authority = await createAuthority({
    commonName: `${name} database CA`,
    ...validForDays(nowMs, AUTHORITY_DAYS),
  });
  const server = await issueLeaf(authority, {
    commonName: `database of ${name}`,
    dnsNames: [databaseName(database, domains[0])],
    ipAddresses: [database.v4],
    usages: ['serverAuth'],
    ...validForDays(nowMs, CERTIFICATE_DAYS),
  });
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  return [
    ...pair('ca/database-ca', authority),
    { path: 'database/ca.crt', text: authority.certificatePem },
    ...pair('database/server', server),
    { path: 'database/password', text: `${password}\n`, isSecret: true },
  ];
}

/** The example's authority signs once and its key is thrown away: nobody can ever be this partner but its one key. */
async function planExamplePartner(nowMs: number): Promise<readonly PlannedFile[]> {
  const authority = await createAuthority({
    commonName: 'Example partner CA',
    ...validForDays(nowMs, CERTIFICATE_DAYS),
  });
  const edge = await issueDomainCertificate(authority, {
    domains: ['partner.example'],
    ...validForDays(nowMs, CERTIFICATE_DAYS),
  });
  return [
    { path: 'partners/example.yaml', text: partnerTemplate() },
    { path: 'partners/example/partner-ca.crt', text: authority.certificatePem },
    ...pair('example-partner/edge', edge),
  ];
}

function pair(path: string, issued: Issued): readonly PlannedFile[] {
  return [
    { path: `${path}.crt`, text: issued.certificatePem },
    { path: `${path}.key`, text: issued.privateKeyPem, isSecret: true },
  ];
}
