import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanFirewall } from '@sallyport/app-gateway/plan/network-plan.ts';
import { interfaceSources } from '@sallyport/app-gateway/plan/render/zone-sides.ts';
import { PLAN } from '../plan-fixture.ts';

function sides(joins: PlanFirewall['joins'], interfaces: PlanFirewall['interfaces']) {
  return interfaceSources(PLAN, { name: 'f', joins, interfaces, crossings: [] }).map(
    ({ zone, isOutside, own, others }) =>
      `${zone}${isOutside ? ' (outside)' : ''}: ${v4(own)} not ${v4(others)}`,
  );
}

function v4(networks: readonly string[]): string {
  return networks.filter((network) => network.startsWith('10.')).join(' ');
}

describe('sources behind the interfaces of a firewall', () => {
  it('between neighbours are everything on that side', () => {
    assert.deepEqual(sides(['outer-dmz', 'inner-dmz'], { 'outer-dmz': 'a', 'inner-dmz': 'b' }), [
      'outer-dmz (outside): 10.1.0.0/24 not 10.2.0.0/24 10.3.0.0/16',
      'inner-dmz: 10.2.0.0/24 10.3.0.0/16 not 10.1.0.0/24',
    ]);
  });

  it('with a leg in every zone are that zone alone', () => {
    const interfaces = { internet: 'a', 'outer-dmz': 'b', 'inner-dmz': 'c', intranet: 'd' };
    assert.deepEqual(sides(['internet', 'outer-dmz', 'inner-dmz', 'intranet'], interfaces), [
      'internet (outside):  not 10.1.0.0/24 10.2.0.0/24 10.3.0.0/16',
      'outer-dmz: 10.1.0.0/24 not 10.2.0.0/24 10.3.0.0/16',
      'inner-dmz: 10.2.0.0/24 not 10.1.0.0/24 10.3.0.0/16',
      'intranet: 10.3.0.0/16 not 10.1.0.0/24 10.2.0.0/24',
    ]);
  });

  it('take a zone between two joined ones from either', () => {
    assert.deepEqual(sides(['outer-dmz', 'intranet'], { 'outer-dmz': 'a', intranet: 'b' }), [
      'outer-dmz (outside): 10.1.0.0/24 10.2.0.0/24 not 10.3.0.0/16',
      'intranet: 10.2.0.0/24 10.3.0.0/16 not 10.1.0.0/24',
    ]);
  });

  it('are not known where no interface is named', () => {
    assert.deepEqual(sides(['internet', 'outer-dmz'], {}), []);
  });
});
