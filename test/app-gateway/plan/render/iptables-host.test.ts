import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { iptablesHost } from '@sallyport/app-gateway/plan/render/iptables-host.ts';
import { hostRules } from '@sallyport/app-gateway/plan/render/packet-rule.ts';
import { PLAN } from '../plan-fixture.ts';

describe('iptables rules of a host', () => {
  for (const host of PLAN.hosts) {
    for (const family of [4, 6] as const) {
      it(`${host.name}, IPv${family}: drops by default and lets its flows through alone`, () => {
        const lines = iptablesHost(PLAN, host, family).split('\n');
        for (const chain of ['INPUT', 'FORWARD', 'OUTPUT']) {
          assert.ok(lines.includes(`:${chain} DROP [0:0]`));
        }
        const rules = hostRules(PLAN, host);
        for (const [chain, own] of [
          ['INPUT', rules.input],
          ['OUTPUT', rules.output],
          ['FORWARD', rules.forward],
        ] as const) {
          const ids = lines.flatMap(
            (line) => new RegExp(`^-A ${chain} .*--comment "([^"]+)" -j`).exec(line)?.[1] ?? [],
          );
          assert.deepEqual(
            ids,
            own.filter((rule) => rule.family === family).map(({ flow }) => flow.id),
          );
        }
      });
    }
  }
});
