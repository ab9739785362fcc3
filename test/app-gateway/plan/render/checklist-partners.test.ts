import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { partnerSteps } from '@sallyport/app-gateway/plan/render/checklist-partners.ts';
import { PLAN } from '../plan-fixture.ts';

describe('what the checklist has partners told', () => {
  const told = (plan = PLAN) => partnerSteps(plan).find((step) => step.includes('dial from')) ?? '';

  it('the addresses that our proxies dial from, as partners see them', () => {
    assert.match(told(), /for their firewalls: 198\.51\.100\.10, 2001:db8:1::10\.$/);
  });

  it('the firewall’s own address where a host has no public one', () => {
    const flows = PLAN.flows.map(({ nat: _, ...flow }) => flow);
    const [outermost] = PLAN.firewalls;
    assert.ok(outermost);
    const words = `firewalls: the outer address of ${outermost.name}, 2001:db8:1::10.`;
    assert.ok(told({ ...PLAN, flows }).endsWith(words), told({ ...PLAN, flows }));
  });

  it('the check of each before it is let in, at the end', () => {
    assert.match(partnerSteps(PLAN).at(-1) ?? '', /partner check/);
  });
});
