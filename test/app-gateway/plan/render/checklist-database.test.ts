import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { databaseSteps } from '@sallyport/app-gateway/plan/render/checklist-database.ts';
import { PLAN } from '../plan-fixture.ts';

describe('what the checklist says of the database', () => {
  it('where it answers, and whom it lets in: gateways at addresses of its own family', () => {
    const steps = databaseSteps(PLAN, {});
    assert.equal(steps.length, 3);
    assert.match(steps[0] ?? '', /^data: PostgreSQL answers at 10\.3\.0\.20 port 5432 with TLS/);
    assert.match(
      steps[1] ?? '',
      /`CREATE DATABASE "sallyport" OWNER "sallyport" ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;`/,
    );
    assert.match(
      steps[2] ?? '',
      /^data: .* `hostssl sallyport sallyport 10\.2\.0\.10\/32 scram-sha-256`, and nobody else;/,
    );
  });

  it('the names of the site file', () => {
    const [, role, access] = databaseSteps(PLAN, { database: { database: 'edge', user: 'gw' } });
    assert.match(
      role ?? '',
      /`CREATE ROLE "gw" LOGIN .* `CREATE DATABASE "edge" OWNER "gw" ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;`/,
    );
    assert.match(access ?? '', /`hostssl edge gw 10\./);
  });

  it('nothing where gateways keep everything themselves', () => {
    assert.deepEqual(databaseSteps({ ...PLAN, hosts: [] }, {}), []);
    assert.deepEqual(databaseSteps({ ...PLAN, flows: [] }, {}), []);
  });
});
