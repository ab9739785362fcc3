import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { portMatrix } from '@sallyport/app-gateway/plan/render/port-matrix.ts';
import { PLAN } from '../plan-fixture.ts';

describe('the port matrix', () => {
  const text = portMatrix(PLAN);

  it('lists every flow with its ports, on its firewalls or inside its zone', () => {
    for (const { purpose, ports, to } of PLAN.flows) {
      const line = text
        .split('\n')
        .find(
          (row) =>
            row.startsWith(`| ${purpose} |`) &&
            row.includes(` ${ports.first}`) &&
            row.includes(to.host ?? 'any'),
        );
      assert.ok(line, `${purpose} ${ports.first}`);
    }
    for (const { name } of PLAN.firewalls)
      assert.match(text, new RegExp(`^## Firewall ${name}$`, 'm'));
  });

  it('says of a firewall that nothing may pass, instead of a table without rows', () => {
    const [first, ...rest] = PLAN.firewalls;
    assert.ok(first);
    const idle = portMatrix({ ...PLAN, firewalls: [{ ...first, crossings: [] }, ...rest] });
    const section = (matrix: string) =>
      matrix.slice(matrix.indexOf(`## Firewall ${first.name}`)).split('\n## ')[0] ?? '';
    assert.match(section(idle), /\n\nNothing\.\n/);
    assert.doesNotMatch(section(text), /Nothing\./);
    assert.match(section(text), /^\| purpose \| from \| addresses \| to \|/m);
  });

  it('lists what a balancer passes on where it happens, not on the firewall that saw it come to the balancer', () => {
    const passed = PLAN.flows.find(({ via }) => via !== undefined);
    const [first, ...rest] = PLAN.firewalls;
    const [crossing] = first?.crossings ?? [];
    assert.ok(first && crossing && passed);
    const crossings = [...first.crossings, { ...crossing, flowId: passed.id }];
    const matrix = portMatrix({ ...PLAN, firewalls: [{ ...first, crossings }, ...rest] });
    const rows = matrix.split('\n').filter((line) => line.includes(`through ${passed.via}`));
    assert.equal(rows.length, 1);
    assert.ok(matrix.indexOf(rows[0] ?? '') > matrix.lastIndexOf('## Firewall'));
  });

  it('says from zone to zone what passes', () => {
    assert.match(text, /^\| internet \| nothing \| tcp 5060, tcp 5061 \| nothing \| nothing \|$/m);
    assert.match(
      text,
      /^\| inner-dmz \| nothing \| tcp 7443-7446 \| nothing \| tcp 5061, tcp 5432 \|$/m,
    );
  });

  it('says what is forbidden, and that no proxy dials inwards while that is so', () => {
    assert.match(text, /^- outer-dmz to intranet: nothing at all\.$/m);
    assert.match(text, /From a proxy inwards: nothing/);
    const dialling = PLAN.flows.map((flow) =>
      flow.purpose === 'channel' ? { ...flow, from: flow.to, to: flow.from } : flow,
    );
    assert.ok(!portMatrix({ ...PLAN, flows: dialling }).includes('From a proxy inwards'));
  });

  it('is one table row a flow whatever a purpose is called', () => {
    const flows = PLAN.flows.map((flow) => ({ ...flow, purpose: 'a|b <script>\n[x](y)' }));
    const rows = portMatrix({ ...PLAN, flows })
      .split('\n')
      .filter((line) => line.includes('script'));
    assert.ok(rows.length >= flows.length);
    for (const row of rows) {
      assert.match(row, /^\| a\\\|b \\<script\\> \\\[x\\\]\(y\) \|/);
      assert.equal(row.match(/(?<!\\)\|/g)?.length, 9);
    }
  });
});
