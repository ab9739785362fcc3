import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NetworkPlan } from '@sallyport/app-gateway/plan/network-plan.ts';
import { planChanges } from '@sallyport/app-gateway/plan/plan-changes.ts';
import { PLAN } from './plan-fixture.ts';

const DATABASE = 'core-a>data:tcp/5432';

function told(before: NetworkPlan | undefined, after: NetworkPlan): readonly string[] {
  return planChanges(before, after).map(({ kind, name, added, removed, changed }) =>
    [
      `${kind} ${name}:`,
      ...added.map(({ id }) => `+${id}`),
      ...removed.map(({ id }) => `-${id}`),
      ...changed.map(({ after: flow }) => `~${flow.id}`),
    ].join(' '),
  );
}

describe('what a change of the plan changes', () => {
  const without = { ...PLAN, flows: PLAN.flows.filter(({ id }) => id !== DATABASE) };

  it('is nothing for the same plan', () => {
    assert.deepEqual(told(PLAN, structuredClone(PLAN)), []);
  });

  it('is a flow more on its firewall and on its host, and nowhere else', () => {
    assert.deepEqual(told(without, PLAN), [
      `firewall fw-inner: +${DATABASE}`,
      `host core-a: +${DATABASE}`,
    ]);
  });

  it('is a flow less', () => {
    assert.deepEqual(told(PLAN, without), [
      `firewall fw-inner: -${DATABASE}`,
      `host core-a: -${DATABASE}`,
    ]);
  });

  it('is a flow that allows something else under the same name', () => {
    const flows = PLAN.flows.map((flow) =>
      flow.id === DATABASE ? { ...flow, to: { ...flow.to, networks: ['10.3.0.21'] } } : flow,
    );
    assert.deepEqual(told(PLAN, { ...PLAN, flows }), [
      `firewall fw-inner: ~${DATABASE}`,
      `host core-a: ~${DATABASE}`,
    ]);
  });

  it('is everything where there was no plan, and of a place that is gone everything too', () => {
    assert.ok(
      told(undefined, PLAN).includes(
        `host edge-b: +${PLAN.flows
          .filter(({ from, to }) => from.host === 'edge-b' || to.host === 'edge-b')
          .map(({ id }) => id)
          .join(' +')}`,
      ),
    );
    const fewer = { ...PLAN, firewalls: PLAN.firewalls.slice(1) };
    assert.match(told(PLAN, fewer).join('\n'), /firewall fw-internet: -partners>edge-a:tcp\/5061 /);
  });
});
