import type { KeySeal } from '../../commands/command-context.ts';
import { checkOwnCertificate } from '../../config/check-own-certificate.ts';
import type { Parsed } from '../../config/parse-site.ts';
import type { PartnerFile } from '../../config/partner-schema.ts';
import type { SettingPath, SiteProblem } from '../../config/site-problem.ts';
import type { SiteFile } from '../../config/site-schema.ts';
import { isAccepted } from '../../config/trust-state.ts';
import type { YamlFile } from '../../config/yaml-file.ts';
import { currentKey } from '../../domain/exchange/identity/identity-keys.ts';
import type {
  IdentityKey,
  IdentityRecord,
} from '../../domain/exchange/identity/identity-record.ts';
import type { PartnerRecord } from '../../domain/exchange/partner/partner-record.ts';
import type { State } from '../../ports/state-store.ts';
import type { SiteFolder } from '../files/site-folder.ts';
import { unusedCertificates } from './unused-certificates.ts';

/** Where a problem lies that no file has. */
export const DATABASE = 'database';

/** An entry of the list of identities, and its PEM texts under names that no file can have. */
interface JoinedIdentity {
  readonly entry: SiteFile['identities'][number];
  readonly chainPem: string;
  readonly keyPem: string;
}

/**
 * A site's folder with partners and identities of the database in place of its own, so that both are checked
 * and assembled in the same way.
 *
 * What is wrong with one partner's or one identity's certificates is a warning here: it must not keep the next
 * change, a severed partner say, from taking force.
 */
export function joinState(
  folder: SiteFolder,
  state: State,
  keys: KeySeal,
  nowMs: number,
): SiteFolder {
  if (folder.parsed === undefined) return folder;
  const { site } = folder.parsed;
  const problems: SiteProblem[] = folder.problems.filter(
    ({ file }) => file !== 'partners' && !file.startsWith('partners/'),
  );
  const warn = (path: string, message: string) => {
    problems.push({ severity: 'warning', file: DATABASE, path, message });
  };
  const openKey = (identity: string, key: IdentityKey): JoinedIdentity | undefined => {
    const joined = joinedKey(identity, key, keys, nowMs);
    if (typeof joined !== 'string') return joined;
    warn(`identity/${identity}`, `key ${key.id} ${joined}: it is not shown to anybody`);
    return undefined;
  };
  const current = state.identities.flatMap((identity) => currentIdentity(identity, openKey) ?? []);
  const early = new Map<string, JoinedIdentity>();
  const partners = state.partners.map((partner) => {
    const ahead = keyAhead(partner, state.identities, current[0]?.entry.name);
    const shown = ahead && openKey(ahead.identity, ahead.key);
    if (shown !== undefined) early.set(shown.entry.name, shown);
    const own = shown?.entry.name ?? partner.settings.ownIdentity;
    const isKnown =
      own === undefined || [...current, ...early.values()].some((one) => one.entry.name === own);
    if (!isKnown) warn(`partner/${partner.id}`, `${own} has no key in use: not let in`);
    return joinedPartner(partner, isKnown ? own : undefined, isKnown);
  });
  problems.push(...unusedCertificates(site.content.identities, folder.named, state.identities));
  const identities = [...current, ...early.values()];
  const named = new Map(folder.named);
  for (const { entry, chainPem, keyPem } of identities) {
    named.set(entry.chain, { ok: true, value: chainPem });
    named.set(entry.key, { ok: true, value: keyPem });
  }
  if (identities.length === 0) {
    const message = 'no identity has a key in use: partners cannot be shown anything';
    problems.push({ severity: 'error', file: DATABASE, path: 'identities', message });
  }
  const content: SiteFile = { ...site.content, identities: identities.map(({ entry }) => entry) };
  const parsed = { site: { source: withoutIdentities(site.source), content }, partners };
  return { ...folder, parsed, named, problems };
}

function currentIdentity(
  identity: IdentityRecord,
  openKey: (identity: string, key: IdentityKey) => JoinedIdentity | undefined,
): JoinedIdentity | undefined {
  const key = currentKey(identity);
  const opened = key && openKey(identity.name, key);
  if (opened === undefined) return undefined;
  const { name, serverNames } = identity;
  return { ...opened, entry: { ...opened.entry, name, serverNames: [...serverNames] } };
}

/** A next key that a partner is shown ahead of all others; it stands in the list without server names. */
function keyAhead(
  { settings, presentations }: PartnerRecord,
  identities: readonly IdentityRecord[],
  defaultIdentity: string | undefined,
): { readonly identity: string; readonly key: IdentityKey } | undefined {
  const name = settings.ownIdentity ?? defaultIdentity;
  const identity = identities.find((one) => one.name === name);
  const chosen = presentations.find((one) => one.identity === name && one.state === 'active');
  const key = identity?.keys.find(({ id, state }) => id === chosen?.key && state === 'ready');
  return identity && key && { identity: identity.name, key };
}

/** A key with its certificate, opened; or why it cannot be shown. Dates are judged later, as warnings. */
function joinedKey(
  identity: string,
  key: IdentityKey,
  keys: KeySeal,
  nowMs: number,
): JoinedIdentity | string {
  const label = `${identity}/${key.id}`;
  const keyPem = keys.open(key.sealedKey, label);
  if (!keyPem.ok) return 'cannot be opened with the key of this site';
  const { chainPem = '' } = key;
  const atMs = Math.min(nowMs, key.notAfterMs ?? nowMs);
  const { findings } = checkOwnCertificate(chainPem, keyPem.value, atMs);
  const fault = findings.find(({ severity }) => severity === 'error');
  if (fault !== undefined) return `cannot be used: ${fault.message}`;
  const file = `${DATABASE}:${label}`;
  const name = `${identity}-${key.id}`;
  const entry = { name, serverNames: [], chain: `${file}.crt`, key: `${file}.key` };
  return { entry, chainPem, keyPem: keyPem.value };
}

function joinedPartner(
  { id, settings, severed, trustSets }: PartnerRecord,
  ownIdentity: string | undefined,
  isLetIn: boolean,
): Parsed<PartnerFile> {
  const { ownIdentity: _, ...rest } = settings;
  return {
    source: partnerSource(id),
    content: {
      id,
      ...rest,
      ...(ownIdentity === undefined ? {} : { ownIdentity }),
      enabled: settings.enabled && isLetIn,
      ...(severed === undefined ? {} : { severed }),
      isShortForm: false,
      // Oldest first, as everywhere: the edge counts a key that fits an old set and a new one for the new.
      trustSets: trustSets.filter(isAccepted).map((set) => ({
        id: set.id,
        state: set.state,
        anchors: [...set.anchors],
        intermediates: [...set.intermediates],
        pins: [...set.pins],
        signingKeys: [...(set.signingKeys ?? [])],
      })),
    },
  };
}

/** What is wrong with these must not keep another partner's change from taking force; proxies let nobody in by them. */
const OF_ONE_PARTNER: ReadonlySet<string> = new Set(['trustSets', 'revocation', 'plainTcp']);

/** Where a partner of the database stands: its name is that of its file, its problems are the database's. */
function partnerSource(id: string): YamlFile {
  return {
    file: `partners/${id}.yaml`,
    value: undefined,
    problem: (severity, path, message) => {
      const isAboutKeys = OF_ONE_PARTNER.has(String(path[0]));
      return problem(isAboutKeys ? 'warning' : severity, [`partner/${id}`, ...path], message);
    },
  };
}

/** The site file, whose identities are the database's. */
function withoutIdentities(source: YamlFile): YamlFile {
  return {
    ...source,
    problem: (severity, path, message) =>
      path[0] === 'identities'
        ? problem('warning', path, message)
        : source.problem(severity, path, message),
  };
}

function problem(
  severity: SiteProblem['severity'],
  path: SettingPath,
  message: string,
): SiteProblem {
  return { severity, file: DATABASE, path: path.join(': '), message };
}
