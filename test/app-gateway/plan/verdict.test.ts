import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PlanVerdicts } from '@sallyport/app-gateway/plan/verdict.ts';
import { planned } from './site-on-a-network.ts';

describe('who may connect to what', () => {
  const plan = planned();
  const verdicts = new PlanVerdicts(plan);
  const ROWS: readonly (readonly [from: string, to: string, port: number, kind: string])[] = [
    ['198.51.100.7', '192.0.2.5', 5061, 'allowed'],
    ['198.51.100.7', '192.0.2.11', 5061, 'forbidden'],
    ['198.51.100.7', '2001:db8:1::12', 5061, 'forbidden'],
    ['2001:db8:9::7', '2001:db8:1::12', 5061, 'allowed'],
    ['2001:db8:1::5', '2001:db8:1::12', 5061, 'forbidden'],
    ['192.0.2.5', '192.0.2.11', 5061, 'allowed'],
    ['192.0.2.5', '192.0.2.11', 8081, 'allowed'],
    ['192.0.2.6', '192.0.2.11', 5061, 'forbidden'],
    ['192.0.2.11', '192.0.2.11', 5061, 'same-host'],
    ['192.0.2.12', '192.0.2.11', 5061, 'forbidden'],
    ['192.0.2.53', '192.0.2.60', 123, 'unguarded'],
    ['192.0.2.53', '192.0.2.5', 5061, 'forbidden'],
    ['192.0.2.5', '192.0.2.53', 53, 'forbidden'],
    ['10.3.0.99', '10.3.0.30', 5432, 'unguarded'],
    ['10.2.0.21', '10.1.0.11', 7443, 'allowed'],
    ['10.2.0.21', '10.1.0.11', 7444, 'allowed'],
    ['10.2.0.23', '10.1.0.11', 7443, 'forbidden'],
    ['10.1.0.11', '10.2.0.21', 5071, 'forbidden'],
    ['10.1.0.11', '10.3.0.30', 5432, 'forbidden'],
    ['10.2.0.21', '10.3.0.30', 5432, 'allowed'],
    ['10.1.0.11', '10.3.0.70', 636, 'forbidden'],
    ['10.2.0.22', '10.3.0.70', 636, 'allowed'],
    ['10.3.9.4', '10.2.0.21', 22, 'allowed'],
    ['10.3.10.4', '10.2.0.21', 22, 'forbidden'],
    ['198.51.100.7', '10.2.0.21', 22, 'forbidden'],
  ];
  for (const [from, to, port, kind] of ROWS) {
    it(`${from} to ${to}:${port} is ${kind}`, () => {
      const socket = plan.sockets.find((each) => each.address === to && each.port === port);
      assert.ok(socket !== undefined, 'the plan has this socket');
      assert.equal(verdicts.of(verdicts.callerAt(from), socket).kind, kind);
    });
  }

  it('takes somebody without an address as anyone of the zone', () => {
    const allowed = verdicts.targets.filter(
      (socket) => verdicts.of({ zone: 'internet' }, socket).kind === 'allowed',
    );
    assert.deepEqual(
      allowed.map(({ address, port }) => `${address} ${port}`),
      ['2001:db8:1::12 5061', '192.0.2.5 5061'],
    );
    const inside = verdicts.targets.filter(
      (socket) => verdicts.of({ zone: 'intranet' }, socket).kind === 'allowed',
    );
    assert.deepEqual(inside, []);
  });

  it('has partners dial the address that is translated', () => {
    const behind = planned((site) => {
      site.network.balancers[0].nat = { address: '203.0.113.5', port: 5061 };
    });
    const socket = behind.sockets.find(({ host }) => host === 'balancer');
    assert.ok(socket !== undefined);
    const verdict = new PlanVerdicts(behind).of({ zone: 'internet' }, socket);
    assert.ok(verdict.kind === 'allowed');
    assert.deepEqual(verdict.dial, { address: '203.0.113.5', port: 5061 });
  });

  it('leaves out what only its own host reaches', () => {
    assert.equal(
      verdicts.targets.some(({ address }) => address === '127.0.0.1'),
      false,
    );
    assert.equal(
      plan.sockets.some(({ address }) => address === '127.0.0.1'),
      true,
    );
  });
});
