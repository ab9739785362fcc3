import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NetworkPlan, PlanFlow, PlanHost } from '@sallyport/app-gateway/plan/network-plan.ts';
import { BOX_WIDTH, layOut } from '@sallyport/app-gateway/plan/render/diagram-layout.ts';
import { PLAN } from '../plan-fixture.ts';

/** A site of very many hosts, each of which each administrator and each neighbour reaches. */
function crowded(): NetworkPlan {
  const hosts = Array.from({ length: 20 }, (_, at): PlanHost => {
    const zone = (['outer-dmz', 'inner-dmz', 'intranet'] as const)[at % 3] ?? 'intranet';
    return { name: `host-${at}`, zone, roles: ['proxy'], addresses: [`10.9.0.${at}`], nodes: [] };
  });
  const [template] = PLAN.flows;
  assert.ok(template);
  const flows = hosts.flatMap((from, at) =>
    hosts.slice(at + 1, at + 5).map((to): PlanFlow => {
      const end = ({ zone, name, addresses }: PlanHost) => ({
        zone,
        host: name,
        networks: addresses,
      });
      return { ...template, id: `${from.name}>${to.name}`, from: end(from), to: end(to) };
    }),
  );
  return { ...PLAN, hosts, flows };
}

describe('the places of a diagram', () => {
  for (const [name, plan] of [
    ['a site with everything', PLAN],
    ['twenty hosts and seventy arrows', crowded()],
  ] as const) {
    const { boxes, arrows, columns, bottom } = layOut(plan);

    it(`${name}: no two boxes lie on each other`, () => {
      for (const { zone } of columns) {
        const own = boxes.filter((box) => box.zone === zone);
        for (const [at, box] of own.entries()) {
          const next = own[at + 1];
          if (next !== undefined) assert.ok(box.y + box.height < next.y);
        }
      }
    });

    it(`${name}: every arrow end has a place of its own, beside its box`, () => {
      const ends = arrows.flatMap(({ x1, y1, x2, y2 }) => [`${x1},${y1}`, `${x2},${y2}`]);
      assert.equal(new Set(ends).size, ends.length);
      for (const { from, to, x1, y1, x2, y2 } of arrows) {
        for (const [key, x, y] of [
          [from, x1, y1],
          [to, x2, y2],
        ] as const) {
          const box = boxes.find((each) => each.key === key);
          assert.ok(box);
          assert.ok(x === box.x || x === box.x + BOX_WIDTH);
          assert.ok(y >= box.y && y <= box.y + box.height, `${key} ${y}`);
        }
      }
    });

    it(`${name}: arrows over a whole column run below every box`, () => {
      const lowest = Math.max(...boxes.map(({ y, height }) => y + height));
      const lanes = arrows.flatMap(({ lane }) => lane?.y ?? []);
      assert.equal(new Set(lanes).size, lanes.length);
      for (const y of lanes) assert.ok(y > lowest && y < bottom);
    });
  }

  it('breaks what is longer than its box, between words where there are any', () => {
    const [first] = PLAN.hosts;
    assert.ok(first);
    const name = 'edge-frankfurt-am-main-data-centre-north-row-17-rack-03-u42';
    const addresses = ['2001:db8:1111:2222:3333:4444:5555:6666', '192.0.2.1'];
    const long = { ...first, name, addresses, nodes: ['n'.repeat(63)] };
    const [box] = layOut({ ...PLAN, hosts: [long], flows: [] }).boxes;
    assert.ok(box);
    assert.deepEqual(box.name, [
      'edge-frankfurt-am-main-',
      'data-centre-north-row-17-',
      'rack-03-u42',
    ]);
    assert.deepEqual(box.lines.slice(-3), [
      '2001:db8:1111:2222:3333:4444:5555:',
      '6666',
      '192.0.2.1',
    ]);
    for (const line of box.lines) assert.ok(line.length <= 36, line);
    assert.ok(box.height > 18 + 2 * 16 + box.lines.length * 14);
  });

  it('colours arrows by the kind of a flow, whatever its words say', () => {
    const kindsOf = (plan: NetworkPlan) =>
      layOut(plan).arrows.map(({ from, to, kind }) => `${from} ${to} ${kind}`);
    const flows = PLAN.flows.map((flow) => ({ ...flow, purpose: 'channel' }));
    assert.deepEqual(kindsOf({ ...PLAN, flows }), kindsOf(PLAN));
    const all = kindsOf(PLAN);
    for (const arrow of [
      'internet 0.0.0.0/0,::/0 edge-a partners',
      'balancer-a edge-b partners',
      'core-a edge-a channel',
      'core-a data inside',
      'edge-a dns-1 operation',
      'intranet 10.3.9.0/24 edge-a operation',
    ]) {
      assert.ok(all.includes(arrow), `${arrow} in\n${all.join('\n')}`);
    }
  });

  it('puts the internet on the left and the intranet on the right', () => {
    const { columns } = layOut(PLAN);
    assert.deepEqual(
      columns.map(({ zone }) => zone),
      ['internet', 'outer-dmz', 'inner-dmz', 'intranet'],
    );
    for (const [at, { x }] of columns.entries())
      assert.ok(at === 0 || x > (columns[at - 1]?.x ?? 0));
  });

  it('draws the flows between two boxes as one arrow with all ports, UDP apart', () => {
    const labels = layOut(PLAN).arrows.map(({ from, to, label }) => `${from} ${to} ${label}`);
    assert.ok(labels.includes('edge-a dns-1 udp 53'));
    assert.ok(labels.includes('internet 0.0.0.0/0,::/0 edge-b tcp 5061'));
    assert.equal(labels.filter((label) => label.startsWith('core-a edge-a ')).length, 1);
  });
});
