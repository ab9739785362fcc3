import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownHosts } from '@sallyport/app-gateway/plan/render/checklist-hosts.ts';
import { proofSteps } from '@sallyport/app-gateway/plan/render/checklist-proof.ts';
import { PLAN } from '../plan-fixture.ts';

describe('the proof of a plan', () => {
  const steps = proofSteps(PLAN);

  it('comes from every host of ours and nobody else’s', () => {
    const names = steps.flatMap((line) => /matrix\.json --as ([\w-]+)/.exec(line)?.[1] ?? []);
    assert.deepEqual(
      names,
      ownHosts(PLAN).map(({ name }) => name),
    );
    assert.ok(!names.includes('data'));
  });

  it('is signed with a host’s own key where it has one, and put together from all', () => {
    assert.ok(
      steps.includes(
        'edge-a: `./sallyport doctor --from-zone outer-dmz --against matrix.json --as edge-a --bundle /etc/sallyport/edge-1 --out edge-a.json`.',
      ),
    );
    assert.ok(
      steps.includes(
        'balancer-a: `./sallyport doctor --from-zone outer-dmz --against matrix.json --as balancer-a --operator-key proof.key --out balancer-a.json`.',
      ),
    );
    const report = steps.find((step) => step.includes('--report')) ?? '';
    for (const { name } of ownHosts(PLAN))
      assert.ok(report.includes(`../proof/${name}.json`), name);
    assert.match(report, /--keys hosts\/core-a\/gateway-1\/witnesses\.json/);
  });

  it('gives a host that looks at itself the plan, which names its name servers and time servers', () => {
    const own = steps.filter((step) => / doctor --bundle /.test(step));
    assert.equal(own.length, 3);
    for (const step of own) assert.match(step, / doctor --bundle \S+ --against matrix\.json`/);
  });

  it('sends nobody to another zone without the families that are to be proven', () => {
    const away = steps.filter((step) => step.startsWith('From a machine'));
    assert.ok(away.length > 0);
    for (const step of away) assert.match(step, /has an address of either family/);
    const zones = PLAN.zones.map(({ networks, ...zone }) => {
      return { ...zone, networks: networks.filter((network) => !network.includes(':')) };
    });
    assert.ok(!proofSteps({ ...PLAN, zones }).some((step) => step.includes('either family')));
  });

  it('brings the command line to whoever has none, and to nobody else', () => {
    const brought = steps.flatMap((step) => /which ([\w-]+) does not have/.exec(step)?.[1] ?? []);
    assert.deepEqual(brought.toSorted(), ['balancer-a', 'balancer-b', 'edge-a', 'edge-b']);
  });

  it('leaves no command line on a proxy, and nothing in the plan’s own folder', () => {
    assert.match(steps.at(-2) ?? '', /edge-a, edge-b, .*rm -r \/srv\/sallyport-setup/);
    assert.match(steps.at(-1) ?? '', /rm \.\.\/proof\/proof\.key/);
    assert.ok(!steps.some((step) => /--out [^.`]+\.html/.test(step)));
  });
});
