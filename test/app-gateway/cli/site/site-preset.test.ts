import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PRESET_NAMES, sitePreset } from '@sallyport/app-gateway/cli/site/site-preset.ts';
import { siteTemplate } from '@sallyport/app-gateway/cli/site/site-template.ts';
import { checkAddresses } from '@sallyport/app-gateway/config/check-addresses.ts';
import { checkDatabase } from '@sallyport/app-gateway/config/check-database.ts';
import { parseSite } from '@sallyport/app-gateway/config/parse-site.ts';
import { makePlan } from '@sallyport/app-gateway/plan/make-plan.ts';
import type { NetworkPlan } from '@sallyport/app-gateway/plan/network-plan.ts';

function planned(name: (typeof PRESET_NAMES)[number]): NetworkPlan {
  const preset = sitePreset(name);
  const text = siteTemplate({
    layout: preset.layout,
    name: 'acme',
    domains: ['acme.example'],
    publicHost: 'sip.acme.example',
    preset,
  });
  const { parsed, problems } = parseSite({ file: 'site.yaml', text }, []);
  assert.deepEqual(problems, []);
  assert.ok(parsed);
  assert.deepEqual([...checkAddresses(parsed), ...checkDatabase(parsed)], []);
  const made = makePlan(parsed);
  assert.ok(made.ok, JSON.stringify(made));
  assert.deepEqual(made.value.warnings, []);
  return made.value.plan;
}

/** Machines of the site itself: ours, and the database's. */
function machines({ hosts }: NetworkPlan): readonly string[] {
  const own = ['proxy', 'gateway', 'database', 'balancer'];
  return hosts
    .filter(({ roles }) => roles.some((role) => own.includes(role)))
    .map(({ name, zone, roles }) => `${name} (${zone}): ${roles.join('+')}`);
}

const TABLE: readonly (readonly [(typeof PRESET_NAMES)[number], readonly string[]])[] = [
  ['standalone', ['edge-a (dmz): proxy+gateway']],
  [
    'single-dmz',
    [
      'edge-a (dmz): proxy',
      'edge-b (dmz): proxy',
      'core-a (intranet): gateway',
      'core-b (intranet): gateway',
      'data (intranet): database',
      'balancer-a (dmz): balancer',
    ],
  ],
  [
    'dual-dmz',
    [
      'edge-a (outer-dmz): proxy',
      'edge-b (outer-dmz): proxy',
      'core-a (inner-dmz): gateway',
      'core-b (inner-dmz): gateway',
      'data (intranet): database',
      'balancer-a (outer-dmz): balancer',
    ],
  ],
  ['two-machine', ['edge-a (dmz): proxy', 'core-a (intranet): gateway']],
  [
    'three-machine',
    ['edge-a (dmz): proxy', 'core-a (intranet): gateway', 'core-b (intranet): gateway+database'],
  ],
  [
    'four-machine',
    [
      'edge-a (outer-dmz): proxy',
      'core-a (inner-dmz): gateway',
      'core-b (inner-dmz): gateway',
      'data (intranet): database',
    ],
  ],
  [
    'five-machine',
    [
      'edge-a (outer-dmz): proxy',
      'core-a (inner-dmz): gateway',
      'core-b (inner-dmz): gateway',
      'core-c (inner-dmz): gateway',
      'data (intranet): database',
    ],
  ],
];

describe('the presets', () => {
  it('are all in the table', () => {
    assert.deepEqual(TABLE.map(([name]) => name).sort(), [...PRESET_NAMES].sort());
  });

  for (const [name, expected] of TABLE) {
    it(`${name}: plans without a single doubt, on its machines`, () => {
      assert.deepEqual(machines(planned(name)), expected);
    });

    it(`${name}: stands on addresses made for documentation, of both families`, () => {
      const documentation = /^(?:192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8:)/;
      const addresses = planned(name).hosts.flatMap((host) => host.addresses);
      for (const address of addresses) assert.match(address, documentation);
      assert.ok(addresses.some((address) => address.includes(':')));
    });

    it(`${name}: nothing of it is dialled from the internet but the edge, on 5061`, () => {
      const inbound = planned(name).flows.filter(({ from }) => from.zone === 'internet');
      assert.ok(inbound.length > 0);
      for (const { ports, to } of inbound) {
        assert.deepEqual(ports, { first: 5061, last: 5061 });
        assert.match(to.host ?? '', /^(?:edge|balancer)-/);
      }
    });
  }
});
