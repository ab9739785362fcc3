import { createPrivateKey } from 'node:crypto';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { decodePem, encodePem } from '@sallyport/shared/x509/pem.ts';
import { checkAddresses } from './check-addresses.ts';
import { checkBodies } from './check-bodies.ts';
import { checkCertificates, type IdentitiesRead } from './check-certificates.ts';
import { checkDatabase, checkDatabaseAuthorities } from './check-database.ts';
import { checkDomains } from './check-domains.ts';
import { checkNames } from './check-names.ts';
import { checkPlainTcp } from './check-plain-tcp.ts';
import { checkPolicy } from './check-policy.ts';
import { checkSiem } from './check-siem.ts';
import { certificateText, type NamedFiles, textOf } from './named-files.ts';
import { besides, isInlinePem, type Parsed, type ParsedSite, pemEntries } from './parse-site.ts';
import type { PartnerFile } from './partner-schema.ts';
import { PARTNERS_BYTES_MAX, partnersBytes, tooManyBytes } from './partners-size.ts';
import type { OwnCertificate, Site, SiteCommunity, SitePartner, SiteSiem } from './site.ts';
import type { SettingPath, SiteProblem } from './site-problem.ts';
import { isAccepted } from './trust-state.ts';

/**
 * Puts the files of a site together and checks what they say as a whole.
 *
 * All problems are reported at once; the site exists only when none of them is an error. `version` is the
 * time of the newest change among the files, `nowMs` judges the certificates' dates.
 */
export function assembleSite(
  parsed: ParsedSite,
  files: NamedFiles,
  version: number,
  nowMs: number,
  identitiesRead: IdentitiesRead = 'always',
): Result<Site, readonly SiteProblem[]> {
  const problems = [
    ...checkDomains(parsed),
    ...checkNames(parsed),
    ...checkAddresses(parsed),
    ...checkPolicy(parsed, identitiesRead),
    ...checkPlainTcp(parsed),
    ...checkDatabase(parsed),
    ...missingFiles(parsed, files),
    ...checkCertificates(parsed, files, nowMs, identitiesRead),
    ...checkDatabaseAuthorities(parsed, files, nowMs),
    ...checkSiem(parsed, files, nowMs),
    ...checkBodies(parsed, identitiesRead),
  ];
  if (problems.some((problem) => problem.severity === 'error')) return err(problems);
  const site = buildSite(parsed, files, version, problems);
  const bytes = partnersBytes(site.partners);
  if (bytes > PARTNERS_BYTES_MAX) {
    return err([...problems, parsed.site.source.problem('error', [], tooManyBytes(bytes))]);
  }
  return ok(deepFreeze(site));
}

function buildSite(
  parsed: ParsedSite,
  files: NamedFiles,
  version: number,
  warnings: readonly SiteProblem[],
): Site {
  const { site, partners } = parsed;
  const severed = severedIn(parsed);
  const { identities, communities, siem, severedPartners: _, ...rest } = site.content;
  const { database } = rest;
  const databaseCa = database?.kind === 'postgresql' ? database.ca : undefined;
  const defaultIdentity = identities[0]?.name ?? '';
  const own = (pair: { chain: string; key: string }): OwnCertificate => ({
    chainPem: pemList(textOf(files, pair.chain) ?? '').join(''),
    keyPem: privateKeyPem(textOf(files, pair.key) ?? ''),
  });
  return {
    ...rest,
    identities: identities.map((identity) => ({
      name: identity.name,
      serverNames: identity.serverNames,
      ...own(identity),
    })),
    communities: communities.map(
      ({ ca, identity, ...community }): SiteCommunity => ({
        ...community,
        caPem: pemList(textOf(files, ca) ?? '').join(''),
        identity: own(identity),
      }),
    ),
    siem: siem.map(
      ({ ca, identity, ...destination }): SiteSiem => ({
        ...destination,
        caPem: pemList(textOf(files, ca) ?? '').join(''),
        ...(identity === undefined ? {} : { identity: own(identity) }),
      }),
    ),
    databaseCaPem:
      databaseCa === undefined ? '' : pemList(textOf(files, databaseCa) ?? '').join(''),
    partners: partners
      .filter(({ content }) => isLetIn(content) && !severed.has(content.id))
      .map((partner) => buildPartner(partner, files, defaultIdentity)),
    severed: [...severed],
    version,
    openFiles: [],
    warnings,
  };
}

/** Over plain TCP a partner needs no key. */
function isLetIn({ enabled, trustSets, plainTcp }: PartnerFile): boolean {
  return enabled && (plainTcp || trustSets.some(isAccepted));
}

/** Ids of partners that are cut off: by the site's list, or by what is said of each. */
export function severedIn({ site, partners }: ParsedSite): ReadonlySet<string> {
  const said = partners.filter(({ content }) => content.severed !== undefined);
  return new Set([...site.content.severedPartners, ...said.map(({ content }) => content.id)]);
}

function buildPartner(
  { source, content }: Parsed<PartnerFile>,
  files: NamedFiles,
  defaultIdentity: string,
): SitePartner {
  const pems = (entries: readonly string[], label: string) =>
    entries.flatMap((entry) => pemList(certificateText(source.file, entry, files) ?? '', label));
  const { enabled: _, isShortForm: __, severed: ___, trustSets, revocation, ...rest } = content;
  return {
    ...rest,
    revocation: { ...revocation, lists: pems(revocation.lists, 'X509 CRL') },
    trustSets: trustSets.filter(isAccepted).map(({ id, anchors, intermediates, pins }) => ({
      id,
      anchors: pems(anchors, 'CERTIFICATE'),
      intermediates: pems(intermediates, 'CERTIFICATE'),
      pins,
    })),
    ownIdentity: content.ownIdentity ?? defaultIdentity,
  };
}

/** One PEM block each; comments and whatever else a file holds stay behind. */
function pemList(text: string, label = 'CERTIFICATE'): readonly string[] {
  return decodePem(text, label).map((der) => encodePem(der, label));
}

/** Whatever form the file has (SEC 1, PKCS#1, parameters before the key), PKCS#8 goes on. */
function privateKeyPem(text: string): string {
  return createPrivateKey(text).export({ type: 'pkcs8', format: 'pem' }).toString();
}

function missingFiles({ site, partners }: ParsedSite, files: NamedFiles): readonly SiteProblem[] {
  const { identities, communities, database, siem } = site.content;
  const named: [Parsed<unknown>['source'], SettingPath, string][] = [
    ...identities.flatMap(({ chain, key }, at): [typeof site.source, SettingPath, string][] => [
      [site.source, ['identities', at, 'chain'], chain],
      [site.source, ['identities', at, 'key'], key],
    ]),
    ...communities.flatMap(({ ca, identity }, at): [typeof site.source, SettingPath, string][] => [
      [site.source, ['communities', at, 'ca'], ca],
      [site.source, ['communities', at, 'identity', 'chain'], identity.chain],
      [site.source, ['communities', at, 'identity', 'key'], identity.key],
    ]),
    ...siem.flatMap(({ ca, identity }, at): [typeof site.source, SettingPath, string][] => [
      [site.source, ['siem', at, 'ca'], ca],
      ...(['chain', 'key'] as const).flatMap((part): [typeof site.source, SettingPath, string][] =>
        identity === undefined
          ? []
          : [[site.source, ['siem', at, 'identity', part], identity[part]]],
      ),
    ]),
    ...(database?.kind === 'postgresql' ? (['ca', 'passwordFile'] as const) : []).flatMap(
      (setting): [typeof site.source, SettingPath, string][] => {
        const file = database?.kind === 'postgresql' ? database[setting] : undefined;
        return file === undefined ? [] : [[site.source, ['database', setting], file]];
      },
    ),
    ...partners.flatMap(({ source, content }) =>
      pemEntries(content).flatMap(({ path, entry }): [typeof source, SettingPath, string][] =>
        isInlinePem(entry) ? [] : [[source, path, besides(source.file, entry)]],
      ),
    ),
  ];
  return named.flatMap(([source, path, file]) => {
    const text = files.get(file);
    if (text?.ok) return [];
    return [source.problem('error', path, `cannot read ${file}: ${text?.error ?? 'not read'}`)];
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
