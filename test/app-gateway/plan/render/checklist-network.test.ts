import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  balancerSteps,
  firewallSteps,
  rotationSteps,
} from '@sallyport/app-gateway/plan/render/checklist-network.ts';
import { PLAN } from '../plan-fixture.ts';

const LIMITS = { connectionsMax: 20_000 };

describe('what the checklist says of what stands between', () => {
  it('loads firewalls from the inside to the outside, and has them stay', () => {
    const steps = firewallSteps(PLAN);
    const loaded = steps.flatMap((step) => /nft -f firewalls\/([\w-]+)\//.exec(step)?.[1] ?? []);
    assert.deepEqual(loaded, ['fw-inner', 'fw-dmz', 'fw-internet']);
    assert.equal(steps.filter((step) => step.includes('/etc/sysctl.d/')).length, 3);
    assert.match(steps.join('\n'), /fw-inner: the plan names no interfaces/);
  });

  const KINDS = [
    ['haproxy', /haproxy -c -f balancer-a\/haproxy\.cfg/],
    [
      'keepalived',
      /echo ip_vs > \/etc\/modules-load\.d\/.*systemd-modules-load && cp .*keepalived -t -f balancer-a\/keepalived\.conf/,
    ],
    [
      'nftables',
      /cat balancer-a\/nftables\.conf >> \/etc\/nftables\.conf.*in-rotation\.sh .*enable --now sallyport-balancer/,
    ],
    ['other', /nothing is written for this product/],
  ] as const;
  for (const [kind, expected] of KINDS) {
    it(`puts the configuration of ${kind} in its place after it was checked`, () => {
      const [first] = PLAN.balancers;
      assert.ok(first);
      const steps = balancerSteps({ ...PLAN, balancers: [{ ...first, kind }] }, LIMITS);
      assert.match(steps.join('\n'), expected);
    });
  }

  it('asks for the open files of HAProxy before it is started, and of nobody else', () => {
    const [first] = PLAN.balancers;
    assert.ok(first);
    const wanting = KINDS.map(([kind]) => kind).filter((kind) =>
      balancerSteps({ ...PLAN, balancers: [{ ...first, kind }] }, LIMITS)[0]?.includes(
        'LimitNOFILE',
      ),
    );
    assert.deepEqual(wanting, ['haproxy']);
    assert.match(
      balancerSteps(PLAN, LIMITS)[0] ?? '',
      /^balancer-a: `systemctl show haproxy -P LimitNOFILE` says 42100 or more.*'\[Service\]\\nLimitNOFILE=42100\\n'/,
    );
  });

  it('looks into the log of HAProxy for the proxies that it has found', () => {
    assert.deepEqual(rotationSteps(PLAN), [
      "balancer-a: `journalctl -u haproxy | grep ' is UP'` names edge-b.",
    ]);
  });

  it('names the way back of packets that were passed through', () => {
    assert.match(balancerSteps(PLAN, LIMITS).join('\n'), /balancer-b: the proxies’ way back/);
  });
});
