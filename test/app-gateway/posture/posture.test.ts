import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Site } from '@sallyport/app-gateway/config/site.ts';
import { findingsBelow, POSTURE_RULES, postureOf } from '@sallyport/app-gateway/posture/posture.ts';
import type { JudgedSite } from '@sallyport/app-gateway/posture/posture-rule.ts';
import { POSTURE_LEVELS, type PostureLevel } from '@sallyport/shared/channel/posture-level.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { buildCertificate, rsaKey } from '../../x509-builder.ts';
import { loadSite, PARTNER_YAML, SITE_YAML, siteTexts, type Texts } from '../site-fixture.ts';

/** A partner of whom every setting is high. */
const HIGH_PARTNER = `${PARTNER_YAML}pins: [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=]
revocation: { mode: hard-fail }
sourceNetworks: [192.0.2.0/24]
acceptNoExtendedKeyUsage: false
purposes: strict
endpoints: [{ host: sip.globex.example, port: 5061 }]
`;
const HIGH_SITE = `${SITE_YAML}missingServerName: refuse\n`;
const SERVER = { host: 'sip.globex.example', port: 5060 };
const POSTGRES =
  '{ kind: postgresql, host: db.example, ca: communities/ca.crt, passwordFile: password }';

/** What changes in the site above; a function where no file can say it (yet). */
interface Change {
  readonly site?: string;
  readonly partner?: string;
  readonly in?: (site: Site) => JudgedSite;
}

function listening(changed: Readonly<Record<string, unknown>>) {
  return (site: Site): JudgedSite => ({
    ...site,
    proxies: site.proxies.map((proxy) => ({
      ...proxy,
      ...('health' in changed ? changed : {}),
      listen: proxy.listen.map((one) => ({ ...one, ...changed })),
    })),
  });
}

function shown(chainPem: string) {
  return (site: Site): JudgedSite => ({
    ...site,
    identities: site.identities.map((identity) => ({ ...identity, chainPem })),
  });
}

function partnered(changed: Readonly<Record<string, unknown>>) {
  return (site: Site): JudgedSite => ({
    ...site,
    partners: site.partners.map((partner) => ({ ...partner, ...changed })),
  });
}

function rsaChain(modulusLength: number): string {
  return encodePem(buildCertificate({ subject: 'rsa', key: rsaKey(modulusLength) }), 'CERTIFICATE');
}

//  rule                          what stands there                              level
const table: readonly (readonly [string, Change, PostureLevel])[] = [
  ['layout', {}, 'high'],
  ['layout', { site: HIGH_SITE.replace('dual-dmz', 'single-dmz') }, 'high'],
  ['layout', { site: HIGH_SITE.replace('dual-dmz', 'standalone') }, 'medium'],
  ['channel-direction', {}, 'high'],
  [
    'channel-direction',
    { in: (site) => ({ ...site, channel: { ...site.channel, dial: 'outside-in' } }) },
    'medium',
  ],
  ['channel-certificates', { site: `${HIGH_SITE}channel: { certificateDays: 7 }\n` }, 'high'],
  ['channel-certificates', { site: `${HIGH_SITE}channel: { certificateDays: 8 }\n` }, 'medium'],
  ['tls-versions', {}, 'high'],
  ['unknown-server-name', {}, 'high'],
  ['unknown-server-name', { site: `${HIGH_SITE}unknownServerName: default\n` }, 'medium'],
  ['missing-server-name', {}, 'high'],
  ['missing-server-name', { site: SITE_YAML }, 'medium'],
  ['own-keys', {}, 'high'],
  ['own-keys', { in: (site) => shown(rsaChain(3072))(site) }, 'high'],
  ['own-keys', { in: (site) => shown(rsaChain(2048))(site) }, 'medium'],
  ['own-keys', { in: (site) => shown(rsaChain(1024))(site) }, 'low'],
  ['own-keys', { in: shown('no certificate') }, 'low'],
  ['dns', {}, 'high'],
  ['limits', { site: `${HIGH_SITE}limits: { connectionsPerSourceMax: 256 }\n` }, 'high'],
  ['limits', { site: `${HIGH_SITE}limits: { connectionsPerSourceMax: 257 }\n` }, 'medium'],
  ['listener-transport', {}, 'high'],
  ['listener-transport', { in: listening({ transport: 'tls' }) }, 'high'],
  ['listener-transport', { in: listening({ transport: 'tcp' }) }, 'low'],
  ['listener-transport', { in: listening({ transport: 'unheard-of' }) }, 'low'],
  ['balancers', {}, 'high'],
  ['balancers', { in: listening({ proxyProtocolFrom: ['10.0.0.0/24', '2001:db8::/64'] }) }, 'high'],
  ['balancers', { in: listening({ proxyProtocolFrom: ['10.0.0.0/23'] }) }, 'medium'],
  ['balancers', { in: listening({ proxyProtocolFrom: ['2001:db8::/63'] }) }, 'medium'],
  ['balancers', { in: listening({ proxyProtocolFrom: ['10.0.0.0/8', '::/0'] }) }, 'low'],
  ['permission-model', {}, 'high'],
  [
    'permission-model',
    { site: HIGH_SITE.replace('- node: edge-1', '- node: edge-1\n    permissionModel: off') },
    'low',
  ],
  ['health-address', {}, 'high'],
  ['health-address', { in: listening({ health: { host: '0.0.0.0', port: 1 } }) }, 'medium'],
  ['health-address', { in: listening({ health: { host: '::', port: 1 } }) }, 'medium'],
  [
    'health-address',
    {
      in: (site) => ({
        ...site,
        gateways: site.gateways.map((one) => ({ ...one, health: { host: '::', port: 1 } })),
      }),
    },
    'medium',
  ],
  ['plain-tcp', {}, 'high'],
  ['plain-tcp', { in: partnered({ plainTcp: false }) }, 'high'],
  ['plain-tcp', { in: partnered({ plainTcp: true }) }, 'low'],
  ['plain-tcp', { in: partnered({ endpoints: [{ ...SERVER, transport: 'tls' }] }) }, 'high'],
  ['plain-tcp', { in: partnered({ endpoints: [{ ...SERVER, transport: 'tcp' }] }) }, 'low'],
  ['trust', {}, 'high'],
  ['trust', { partner: HIGH_PARTNER.replace(/^pins.*\n/m, '') }, 'high'],
  ['revocation', {}, 'high'],
  ['revocation', { partner: HIGH_PARTNER.replace('hard', 'soft') }, 'medium'],
  ['revocation', { partner: HIGH_PARTNER.replace('hard-fail', 'soft-fail, fetch: false') }, 'low'],
  ['revocation', { partner: HIGH_PARTNER.replace('hard-fail', 'off') }, 'low'],
  ['source-networks', {}, 'high'],
  ['source-networks', { partner: HIGH_PARTNER.replace('192.0.2.0/24', '') }, 'medium'],
  ['source-networks', { partner: HIGH_PARTNER.replace('192.0.2.0/24', '"::/0"') }, 'medium'],
  ['certificate-without-purpose', {}, 'high'],
  ['certificate-without-purpose', { partner: HIGH_PARTNER.replace(/^accept.*\n/m, '') }, 'medium'],
  ['certificate-purposes', {}, 'high'],
  ['certificate-purposes', { partner: HIGH_PARTNER.replace('strict', 'federation') }, 'high'],
  ['delegations', {}, 'high'],
  [
    'delegations',
    {
      partner: `${HIGH_PARTNER}delegations: [{ certificate: h.example, domains: [globex.example] }]\n`,
    },
    'medium',
  ],
  ['endpoints', {}, 'high'],
  ['endpoints', { partner: HIGH_PARTNER.replace(/^endpoints.*\n/m, '') }, 'medium'],
  ['connection-reuse', {}, 'high'],
  ['connection-reuse', { partner: `${HIGH_PARTNER}connectionReuse: always\n` }, 'medium'],
  ['priority', {}, 'high'],
  ['priority', { partner: `${HIGH_PARTNER}priorityNamespaces: [DSN]\n` }, 'medium'],
  ['methods', {}, 'high'],
  ['methods', { partner: HIGH_PARTNER.replace('OPTIONS', 'FROBNICATE') }, 'medium'],
  ['partner-share', { partner: `${HIGH_PARTNER}connectionsMax: 10000\n` }, 'high'],
  ['partner-share', { partner: `${HIGH_PARTNER}requestsInFlightMax: 25001\n` }, 'medium'],
  ['partner-share', { partner: `${HIGH_PARTNER}messagesPerSecond: 10001\n` }, 'medium'],
  ['partner-share', { partner: `${HIGH_PARTNER}messagesBurst: 10001\n` }, 'medium'],
  ['trial', { partner: `${HIGH_PARTNER}trial: { purposes: strict }\n` }, 'high'],
  ['where-partners-are-kept', {}, 'high'],
  ['where-partners-are-kept', { site: `${HIGH_SITE}database: { kind: files }\n` }, 'medium'],
  ['way-to-the-database', {}, 'high'],
  ['way-to-the-database', { site: `${HIGH_SITE}database: ${POSTGRES}\n` }, 'high'],
  [
    'way-to-the-database',
    { site: `${HIGH_SITE}database: ${POSTGRES.replace(/ca: \S+ /, '')}\n` },
    'medium',
  ],
  [
    'way-to-the-database',
    {
      site: `${HIGH_SITE}database: { kind: postgresql, host: 127.0.0.1, tls: off, passwordFile: password }\n`,
    },
    'medium',
  ],
  [
    'way-to-the-database',
    { site: `${HIGH_SITE}database: { kind: postgresql, host: /run/db, tls: off }\n` },
    'high',
  ],
  [
    'proof-to-the-database',
    { site: `${HIGH_SITE}database: { kind: postgresql, host: /run/db, tls: off }\n` },
    'high',
  ],
  ['proof-to-the-database', { site: `${HIGH_SITE}database: ${POSTGRES}\n` }, 'high'],
  [
    'proof-to-the-database',
    { site: `${HIGH_SITE}database: { kind: postgresql, host: db.example }\n` },
    'medium',
  ],
  ['audit', {}, 'high'],
  ['audit', { site: `${HIGH_SITE}audit: { enabled: false }\n` }, 'low'],
  ['audit', { site: `${HIGH_SITE}database: { kind: files }\n` }, 'low'],
  ['audit-when-full', {}, 'high'],
  ['audit-when-full', { site: `${HIGH_SITE}audit: { whenFull: gap }\n` }, 'medium'],
  ['recorded-bodies', {}, 'high'],
  ['key-files', {}, 'high'],
  ['key-files', { in: (site) => ({ ...site, openFiles: ['identities/main.key'] }) }, 'low'],
];

describe('posture of a site', () => {
  let texts: Texts;
  before(async () => {
    texts = new Map([...(await siteTexts()), ['password', 'not a secret']]);
  });

  function judged({ site = HIGH_SITE, partner = HIGH_PARTNER, in: change }: Change) {
    const loaded = loadSite(site, [partner], texts);
    assert.ok(loaded.ok, JSON.stringify(loaded));
    return postureOf(change?.(loaded.value) ?? loaded.value);
  }

  it('is high where every setting is', () => {
    const { level, findings } = judged({});
    assert.deepEqual(
      findings.filter((finding) => finding.level !== 'high'),
      [],
    );
    assert.equal(level, 'high');
  });

  it('is low as a new site and a partner with nothing but what is demanded stand', () => {
    const { level, findings } = judged({ site: SITE_YAML, partner: PARTNER_YAML });
    assert.equal(level, 'low');
    assert.deepEqual(
      findings.filter((finding) => finding.level === 'low').map(({ rule }) => rule),
      ['revocation'],
    );
  });

  for (const [rule, change, level] of table) {
    const words = `${change.site?.slice(HIGH_SITE.length) ?? ''}${change.partner?.slice(PARTNER_YAML.length) ?? ''}${change.in === undefined ? '' : String(change.in)}`;
    it(`${rule} is ${level}: ${words.trim().replaceAll(/\s+/g, ' ').slice(-120) || 'as in the strongest site'}`, () => {
      const posture = judged(change);
      const levels = posture.findings
        .filter((finding) => finding.rule === rule)
        .map((finding) => finding.level);
      assert.equal(levels[0], level, JSON.stringify(posture.findings));
      // One weak setting is enough.
      if (level !== 'high') {
        assert.ok(POSTURE_LEVELS.indexOf(posture.level) <= POSTURE_LEVELS.indexOf(level));
      }
    });
  }

  it('has every grade of every rule in this table', () => {
    const seen = new Set(
      table.flatMap(([, change]) => judged(change).findings.map(({ rule, when }) => rule + when)),
    );
    for (const { name, grades } of POSTURE_RULES) {
      for (const { when } of Object.values(grades)) assert.ok(seen.has(name + when), name + when);
    }
  });

  it('says for everything below high what would raise it', () => {
    for (const { name, grades } of POSTURE_RULES) {
      for (const { level, toRaise } of Object.values(grades)) {
        assert.equal(toRaise !== undefined, level !== 'high', name);
      }
    }
  });

  it('puts the weakest first, and names the place', () => {
    const { findings } = judged({ site: SITE_YAML, partner: PARTNER_YAML });
    assert.equal(findings[0]?.at, 'partners/globex: revocation');
    const ranks = findings.map(({ level }) => POSTURE_LEVELS.indexOf(level));
    assert.deepEqual(ranks, ranks.toSorted());
  });

  it('does not judge who is not let in', () => {
    const { findings } = judged({ partner: `${PARTNER_YAML}enabled: false\n` });
    assert.deepEqual(
      findings.filter(({ at }) => at.startsWith('partners/')),
      [],
    );
  });

  it('knows what is below a demanded level, and what is just enough', () => {
    const loaded = loadSite(SITE_YAML, [HIGH_PARTNER], texts);
    assert.ok(loaded.ok);
    assert.deepEqual(findingsBelow(loaded.value, 'medium'), []);
    assert.deepEqual(
      findingsBelow(loaded.value, 'high').map(({ rule }) => rule),
      ['missing-server-name'],
    );
  });
});
