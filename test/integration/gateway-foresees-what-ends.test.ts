import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { STATE_FOLDER } from '@sallyport/app-gateway/adapters/database/open-state-store.ts';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import { AdminClient } from '@sallyport/app-gateway/cli/remote/admin-client.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { layEmptyDatabase } from '../empty-database.ts';
import { freePort } from '../peers/support/free-port.ts';
import { PairProcess } from './support/pair-process.ts';

const DAY_MS = 86_400_000;
const HOST = '127.0.0.1';

interface Forecast {
  readonly foresights: readonly { readonly subject: string }[];
}

describe('a gateway whose certificate towards inner servers ends soon', { timeout: 60_000 }, () => {
  for (const kind of ['embedded', 'files'] as const) {
    it(`says so once, in its log, its numbers and its forecast (database: ${kind})`, async (test) => {
      const folder = mkdtempSync(join(tmpdir(), 'foresight-'));
      const site = join(folder, 'site');
      const health = await makeSite(site, kind);
      const bundle = join(site, 'hosts/gateway-1');
      if (kind === 'embedded') await layEmptyDatabase(join(bundle, STATE_FOLDER, 'data'));
      const gateway = new PairProcess('app-gateway', bundle);
      test.after(async () => {
        if (gateway.isRunning) await gateway.stop();
        rmSync(folder, { recursive: true });
      });

      const said = await gateway.line('expiry-warning');
      assert.deepEqual(
        [said['subject'], said['what'], said['severity']],
        ['community/main', 'own-certificate-ends', 'days-30'],
      );
      await gateway.line('admin-ready');
      const metrics = await (await fetch(`http://${HOST}:${health}/metrics`)).text();
      assert.match(metrics, /^sallyport_gateway_expiring_days_30 1$/m);
      for (const ofDatabases of ['database_age', 'sightings_lost 0']) {
        assert.equal(metrics.includes(ofDatabases), kind === 'embedded', ofDatabases);
      }
      const client = new AdminClient(join(bundle, 'run/admin.sock'));
      const foreseen = async (days: number) => {
        const at = new Date(Date.now() + days * DAY_MS).toISOString();
        const told = await client.ask(['partner', 'forecast'], { parameters: { at } });
        assert.ok(told.ok);
        return (told.answer as Forecast).foresights.map(({ subject }) => subject);
      };
      assert.deepEqual(await foreseen(0), ['community/main']);
      assert.ok((await foreseen(700)).includes('authority/channel-issuing'));
      assert.equal(gateway.lines.filter(({ event }) => event === 'expiry-warning').length, 1);
    });
  }
});

/** The port at which its gateway says how it is. */
async function makeSite(site: string, kind: 'embedded' | 'files'): Promise<number> {
  const names = { site: 'acme', domain: ['acme.example'] };
  const made = await initCommand(site, { layout: 'dual-dmz', ...names }, Date.now);
  assert.equal(made.exitCode, 0, made.text);
  const read = (name: string) => readFileSync(join(site, name), 'utf8');
  const authority = {
    certificatePem: read('ca/community-ca.crt'),
    privateKeyPem: read('ca/community-ca.key'),
  };
  const shown = await issueLeaf(authority, {
    commonName: 'gateway',
    dnsNames: ['gateway.acme.internal'],
    usages: ['serverAuth', 'clientAuth'],
    ...validForDays(Date.now(), 20),
  });
  writeFileSync(join(site, 'communities/gateway.crt'), shown.certificatePem);
  writeFileSync(join(site, 'communities/gateway.key'), shown.privateKeyPem);
  const [inner, health] = [await freePort(HOST), await freePort(HOST)];
  const yaml = read('site.yaml')
    .replace('port: 5071', `port: ${inner}`)
    .replace('port: 8082', `port: ${health}`)
    .replace('kind: embedded', `kind: ${kind}`);
  writeFileSync(join(site, 'site.yaml'), yaml);
  const bundled = await bundleCommand(site, Date.now);
  assert.equal(bundled.exitCode, 0, bundled.text);
  return health;
}
