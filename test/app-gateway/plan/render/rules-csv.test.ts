import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rulesCsv } from '@sallyport/app-gateway/plan/render/rules-csv.ts';
import { PLAN } from '../plan-fixture.ts';

const [OUTERMOST, MIDDLE] = PLAN.firewalls;

describe('rules as CSV', () => {
  it('are a row a flow, with everything that a rule needs', () => {
    assert.ok(MIDDLE);
    const rows = rulesCsv(PLAN, MIDDLE).split('\r\n');
    assert.equal(rows.length, 6);
    assert.equal(
      rows[1],
      'core-a>edge-a:tcp/7443,channel,inner-dmz,core-a,10.2.0.10 2001:db8:2::10,outer-dmz,edge-a,10.1.0.10,tcp,7443-7446,,,yes',
    );
  });

  it('quote what has a comma, and name NAT and rate', () => {
    assert.ok(OUTERMOST);
    const row = rulesCsv(PLAN, OUTERMOST)
      .split('\r\n')
      .find((line) => line.startsWith('partners>balancer-a'));
    assert.equal(
      row,
      'partners>balancer-a:tcp/5061,"partners connect, shared among proxies",internet,,any,outer-dmz,balancer-a,10.1.0.5,tcp,5061,198.51.100.5:443,20/s a source,yes',
    );
  });

  it('begin no cell with what a spreadsheet would calculate', () => {
    assert.ok(MIDDLE);
    const flows = PLAN.flows.map((flow) => ({ ...flow, purpose: '=1+1' }));
    for (const line of rulesCsv({ ...PLAN, flows }, MIDDLE).split('\r\n')) {
      for (const cell of line.split(',')) assert.doesNotMatch(cell, /^"?[=+\-@]/);
    }
  });

  it('leave out what comes through a balancer', () => {
    assert.ok(OUTERMOST);
    assert.ok(!rulesCsv(PLAN, OUTERMOST).includes('5063'));
  });
});
