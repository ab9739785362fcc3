import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { planOrPreset } from '@sallyport/app-gateway/cli/plan/plan-preset.ts';
import { checkCommand } from '@sallyport/app-gateway/cli/site/check-command.ts';

describe('sallyport check of a site with a network', () => {
  let scratch = '';
  let yaml = '';
  const file = () => join(scratch, 'example/site/site.yaml');
  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'check-command-'));
    const preset = { preset: 'dual-dmz', out: join(scratch, 'example') } as const;
    assert.equal((await planOrPreset(undefined, preset, Date.now)).exitCode, 0);
    yaml = readFileSync(file(), 'utf8');
  });
  after(() => rmSync(scratch, { recursive: true }));

  const ROWS: readonly [string, (text: string) => string, exitCode: number, text: RegExp][] = [
    ['an example', (text) => text, 0, /site/],
    [
      'a packet balancer with proxies of the other family',
      (text) =>
        text
          .replace('kind: haproxy', 'kind: nftables')
          .replace('mode: proxy-protocol', 'mode: pass-through')
          .replace(/ +- \{ host: 192\.0\.2\.1[12], port: 5061, proxyProtocolFrom.*\n/g, ''),
      1,
      /network\.balancers\[0\]\.to\[0\]: edge-1 listens on no IPv4 address, and partners dial 192\.0\.2\.5: nftables passes/,
    ],
    ['no network', (text) => text.slice(0, text.indexOf('\nnetwork:')), 0, /site/],
  ];
  for (const [what, change, exitCode, text] of ROWS) {
    it(`${what}: ${exitCode === 0 ? 'taken' : 'refused, as plan would'}`, async () => {
      writeFileSync(file(), change(yaml));
      const outcome = await checkCommand(join(scratch, 'example/site'), Date.now);
      assert.equal(outcome.exitCode, exitCode, outcome.text);
      assert.match(outcome.text, text);
    });
  }
});
