import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { proxySettings } from '@sallyport/app-gateway/cli/bundle/proxy-settings.ts';
import type { Site } from '@sallyport/app-gateway/config/site.ts';
import { siteSchema } from '@sallyport/app-gateway/config/site-schema.ts';
import { settingsAtRestart, TAKING_OVER } from '@sallyport/app-gateway/config/taking-over.ts';
import { auditSnapshotOf, snapshotOf } from '@sallyport/app-gateway/domain/snapshot-of-site.ts';
import { loadSite, SITE_YAML, siteTexts } from '../site-fixture.ts';
import { settingsOf } from './schema-settings.ts';

const SETTINGS = settingsOf(siteSchema, '');
const SPOKEN = TAKING_OVER.flatMap(({ settings }) => settings);
const fits = (entry: string, setting: string) =>
  entry.endsWith('.*') ? setting.startsWith(entry.slice(0, -1)) : entry === setting;

/** What a site's values are called once the files it names are read. */
const READ: Readonly<Record<string, string>> = {
  'identities[].chain': 'identities[].chainPem',
  'identities[].key': 'identities[].keyPem',
  severedPartners: 'severed',
};
const LEDGER = {
  spoolKey: 'spool',
  ledgerKey: 'ledger',
  origin: 'sallyport/acme',
  bodyHashSalt: 'salt',
};

/** Both kinds of channel, so that each of its settings is somewhere. */
function toldToProxies(site: Site) {
  const bundles = (['inside-out', 'outside-in'] as const).map((dial) =>
    site.proxies.map((proxy) =>
      proxySettings({ ...site, channel: { ...site.channel, dial } }, proxy),
    ),
  );
  const own = site.proxies.map((proxy) => proxySettings(site, proxy));
  return {
    follow: JSON.stringify(snapshotOf(site, auditSnapshotOf(site, LEDGER))),
    restart: JSON.stringify([...bundles, own]),
  };
}

/** The same site with another value in one place, as no schema would let it pass. */
function altered(site: Site, setting: string): Site {
  const copy = structuredClone(site) as unknown as Record<string, unknown>;
  const steps = (READ[setting] ?? setting).replaceAll('[]', '.0').split('.');
  const last = steps.pop() as string;
  let at = copy;
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1] ?? last;
    at[step] ??= next === '0' ? [] : {};
    at = at[step] as Record<string, unknown>;
  }
  at[last] = another(at[last], last);
  return copy as unknown as Site;
}

function another(value: unknown, name: string): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return [...(value as unknown[]), 'other'];
  if (name === 'transport') return value === 'tcp' ? 'tls' : 'tcp';
  if (name === 'chainPem') return String(value).repeat(2);
  return `other ${String(value ?? '')}`;
}

describe('how a changed setting is taken over', () => {
  let site: Site;
  before(async () => {
    const yaml = SITE_YAML.replace(
      '    inner:',
      '    channel: { host: 10.0.2.5, port: 7443 }\n    inner:',
    )
      .replace('port: 5061 }]', 'port: 5061, advertise: { host: sip.acme.example, port: 5061 } }]')
      .concat(
        'revokedNodes: [edge-9]\nseveredPartners: [initech]\nrequirePosture: low\ndatabase: { kind: embedded }\n',
      );
    const loaded = loadSite(yaml, [], await siteTexts());
    assert.ok(loaded.ok, JSON.stringify(loaded));
    site = loaded.value;
  });

  it('is said of every setting that the schema has, once, and of no other', () => {
    const said = (setting: string) => SPOKEN.filter((entry) => fits(entry, setting)).length;
    assert.deepEqual(
      SETTINGS.filter((setting) => said(setting) !== 1),
      [],
    );
    assert.deepEqual(
      SPOKEN.filter((entry) => !SETTINGS.some((setting) => fits(entry, setting))),
      [],
    );
  });

  it('would miss a setting that is added to the schema', () => {
    const { limits, name } = siteSchema.shape;
    const seeded = siteSchema.extend({ limits: limits.unwrap().extend({ debugPort: name }) });
    const forgotten = settingsOf(seeded, '').filter(
      (setting) => !SPOKEN.some((entry) => fits(entry, setting)),
    );
    assert.deepEqual(forgotten, ['limits.debugPort']);
  });

  for (const { settings, proxies } of TAKING_OVER) {
    for (const setting of settings) {
      if (setting.endsWith('.*') || setting === 'name') continue;
      it(`${setting}: proxies ${proxies}`, () => {
        const [old, now] = [toldToProxies(site), toldToProxies(altered(site, setting))];
        assert.equal(old.restart !== now.restart, proxies === 'restart');
        if (proxies !== 'restart') assert.equal(old.follow !== now.follow, proxies === 'follow');
      });
    }
  }

  it('tells the settings that wait for a restart of the gateways, and no others', () => {
    assert.deepEqual(settingsAtRestart(site, structuredClone(site)), []);
    for (const { settings, gateways } of TAKING_OVER) {
      for (const setting of settings.filter((one) => !one.endsWith('.*'))) {
        const waiting = settingsAtRestart(site, altered(site, setting));
        assert.deepEqual(waiting, gateways === 'restart' ? [setting] : [], setting);
      }
    }
  });
});
