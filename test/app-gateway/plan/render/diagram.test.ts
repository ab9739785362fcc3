import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diagram } from '@sallyport/app-gateway/plan/render/diagram.ts';
import { PLAN } from '../plan-fixture.ts';

describe('the diagram', () => {
  const svg = diagram(PLAN);

  it('shows zones, hosts with roles and addresses, firewalls and ports', () => {
    for (const { name } of [...PLAN.zones, ...PLAN.hosts, ...PLAN.firewalls]) {
      assert.ok(svg.includes(`>${name}</text>`), name);
    }
    for (const text of [
      '2001:db8:1::11',
      'nameserver, time-server',
      'runs gateway-1',
      'tcp 7443-7446',
    ]) {
      assert.ok(svg.includes(`>${text}</text>`), text);
    }
  });

  it('draws UDP dashed and a head at who is dialled', () => {
    assert.equal(svg.match(/class="arrow operation udp"/g)?.length, 1);
    const arrows = svg.match(/<path class="arrow [^>]*>/g) ?? [];
    for (const arrow of arrows) assert.match(arrow, /marker-end="url\(#head-/);
  });

  it('is printed whole, on a sheet that lies, and light', () => {
    assert.match(svg, /@page \{ size: A4 landscape;[\s\S]*@media print \{ svg \{ width: 100%/);
    assert.doesNotMatch(svg, /@media \(prefers-color-scheme/);
  });

  it('has neither script nor anything from elsewhere, and follows light and dark', () => {
    assert.doesNotMatch(svg, /<script|href|@import|url\((?!#head-)|on\w+=/);
    assert.equal(svg.match(/http/g)?.length, 1);
    assert.match(svg, /prefers-color-scheme: dark/);
  });

  it('shows names as text whatever they hold', () => {
    const hosts = PLAN.hosts.map((host) => ({ ...host, name: '<script>"&' }));
    const hostile = diagram({ ...PLAN, hosts, flows: [], site: ']]><x>' });
    assert.doesNotMatch(hostile, /<script|<x>/);
    assert.ok(hostile.includes('&lt;script&gt;&quot;&amp;'));
  });

  it('has a wall in each gap that a firewall with many legs fills', () => {
    const [one] = PLAN.firewalls;
    assert.ok(one);
    const wide = { ...one, joins: ['internet', 'outer-dmz', 'inner-dmz', 'intranet'] as const };
    assert.equal(diagram({ ...PLAN, firewalls: [wide] }).match(/class="wall"/g)?.length, 3);
  });
});
