import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { databaseSteps } from '@sallyport/app-gateway/plan/render/checklist-database.ts';
import { PLAN } from '../plan-fixture.ts';

describe('what the checklist says of the database', () => {
  it('where it answers, and whom it lets in: gateways at addresses of its own family', () => {
    const steps = databaseSteps(PLAN);
    assert.equal(steps.length, 2);
    assert.match(steps[0] ?? '', /^data: PostgreSQL answers at 10\.3\.0\.20 port 5432 with TLS/);
    assert.match(steps[1] ?? '', /^data: .* for 10\.2\.0\.10, and lets in nobody else\.$/);
  });

  it('nothing where gateways keep everything themselves', () => {
    assert.deepEqual(databaseSteps({ ...PLAN, hosts: [] }), []);
    assert.deepEqual(databaseSteps({ ...PLAN, flows: [] }), []);
  });
});
