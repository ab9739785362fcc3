import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanFlow } from '@sallyport/app-gateway/plan/network-plan.ts';
import { keepingSteps } from '@sallyport/app-gateway/plan/render/checklist-keeping.ts';
import { PLAN } from '../plan-fixture.ts';

const SITE = {
  domains: [],
  places: [],
  lowPortHosts: [],
  connectionsMax: 20_000,
  proxies: ['edge-1', 'edge-2'],
  withKeys: false,
  hasLedger: true,
};
const DATABASE = PLAN.flows.find(({ kind }) => kind === 'database') as PlanFlow;
const SIEM: PlanFlow = { ...DATABASE, kind: 'siem', ports: { first: 6514, last: 6514 } };

describe('what the checklist has carried elsewhere', () => {
  it('the ledger’s keys, and a backup of each gateway that is read once', () => {
    const steps = keepingSteps(PLAN, SITE);
    assert.match(
      steps[0] ?? '',
      /^core-a: `sallyport audit keys --bundle \/etc\/sallyport\/gateway-1 --out kept`/,
    );
    assert.match(steps[1] ?? '', /^here: `scp -r root@10\.2\.0\.10:\S*\/kept \.\.`/);
    assert.match(
      steps[2] ?? '',
      /^core-a: `sallyport backup .* && sallyport restore --check gateway-1\.backup`/,
    );
    assert.match(steps[3] ?? '', /^here: `.* scp root@10\.2\.0\.10:\S*\/gateway-1\.backup /);
    assert.match(steps[4] ?? '', /`ca\/` and `keys\/`/);
    assert.equal(steps.length, 5);
  });

  it('the ledger to the SIEM, told once for all gateways', () => {
    const plan = { ...PLAN, flows: [SIEM, { ...SIEM, id: 'another gateway' }] };
    const steps = keepingSteps(plan, SITE).filter((step) => step.includes('syslog'));
    assert.equal(steps.length, 1);
    assert.match(steps[0] ?? '', /^data: takes syslog over TLS at 10\.3\.0\.20 port 6514 /);
  });

  it('no keys and no SIEM where nothing is put on record', () => {
    const text = keepingSteps({ ...PLAN, flows: [SIEM] }, { ...SITE, hasLedger: false }).join();
    assert.doesNotMatch(text, /audit|syslog/);
    assert.match(text, /sallyport backup/);
  });
});
