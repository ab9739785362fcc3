import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { iptablesFirewall } from '@sallyport/app-gateway/plan/render/iptables-firewall.ts';
import { nftablesFirewall } from '@sallyport/app-gateway/plan/render/nftables-firewall.ts';
import { PLAN } from '../app-gateway/plan/plan-fixture.ts';
import { needs } from './support/available.ts';
import { runInNamespaces, withoutNamespaces } from './support/network-namespace.ts';

const support = (file: string) => fileURLToPath(new URL(`support/${file}`, import.meta.url));

const [FIREWALL] = PLAN.firewalls;
assert.ok(FIREWALL);

const TOOLS = [
  ['nft', nftablesFirewall(PLAN, FIREWALL), needs('nft', 'unshare')],
  ['iptables', iptablesFirewall(PLAN, FIREWALL, 4), needs('iptables-restore', 'unshare')],
] as const;

const TABLE: readonly (readonly [what: string, result: string, why: string])[] = [
  ['public address', '203.0.113.50', 'the proxy sees the partner’s own address'],
  ['inner address', 'nothing', 'who knows the inner address gets nowhere'],
  ['another port', 'nothing', 'no other port is translated'],
  ['outwards', '198.51.100.10', 'the partner sees the public address of the proxy'],
  ['outwards to another port', 'nothing', 'a proxy dials partners’ ports alone'],
  ['forged source', 'nothing', 'nobody outside has an address of the site'],
];

for (const [tool, rules, { skip: isMissing }] of TOOLS) {
  const skip = isMissing === false ? withoutNamespaces() : isMissing;

  describe(`a firewall generated for ${tool} between a partner and a proxy without a public address`, {
    skip,
  }, () => {
    const scratch = mkdtempSync(join(tmpdir(), 'sp-firewall-'));
    const seen = new Map<string, string>();
    after(() => rmSync(scratch, { recursive: true }));
    before(() => {
      const file = join(scratch, 'rules');
      writeFileSync(file, rules);
      const said = runInNamespaces(support('firewall-bench.sh'), [
        tool,
        file,
        process.execPath,
        support('firewall-actor.ts'),
      ]);
      for (const line of said.trim().split('\n')) {
        const [what = '', result = ''] = line.split(': ');
        seen.set(what, result);
      }
    });

    for (const [what, result, why] of TABLE) {
      it(`${what}: ${why}`, () => assert.equal(seen.get(what), result));
    }

    it('a source that opens a hundred connections at once gets what the plan says, and little more', () => {
      const opened = Number(seen.get('hundred at once'));
      // 20 a second, the first two seconds' worth at once; retries of the first second may add some.
      assert.ok(opened >= 30 && opened <= 70, `${opened}`);
      assert.ok(Number(seen.get('counter limited')) >= 30);
    });

    it('what was dropped is counted by the zones it came from and went to', () => {
      for (const counter of [
        'spoofed',
        'drop_internet_to_outer_dmz',
        'drop_outer_dmz_to_internet',
      ]) {
        assert.ok(Number(seen.get(`counter ${counter}`)) > 0, counter);
      }
    });
  });
}
