import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { neighbourSteps } from '@sallyport/app-gateway/cli/plan/neighbour-steps.ts';
import type { NetworkPlan } from '@sallyport/app-gateway/plan/network-plan.ts';
import { planned } from '../../plan/site-on-a-network.ts';

/** The example's plan; with a third gateway, on a host of its own. */
function planWith(third: boolean): NetworkPlan {
  return planned((site) => {
    if (!third) return;
    site.gateways.push({
      node: 'gateway-3',
      inner: { host: '10.2.0.23', port: 5071, advertise: '10.2.0.23' },
      health: { host: '10.2.0.23', port: 8082 },
    });
    site.network.hosts.push({ name: 'app-c', addresses: ['10.2.0.23'], nodes: ['gateway-3'] });
  });
}

describe('what a change asks of hosts that are not ours', () => {
  const [two, three] = [planWith(false), planWith(true)];

  it('the database lets another gateway in, and the inner servers dial it', () => {
    const [database, server, ...others] = neighbourSteps(two, three);
    assert.match(database ?? '', /^host \S+: lets in 10\.2\.0\.23 \(pg_hba\.conf, then reload/);
    assert.match(server ?? '', /^host sip-server: dials 10\.2\.0\.23 port \d+ as well$/);
    assert.deepEqual(others, []);
  });

  it('a gateway that goes is let in and dialled no longer', () => {
    const steps = neighbourSteps(three, two);
    assert.equal(steps.length, 2);
    for (const step of steps) assert.match(step, /10\.2\.0\.23.* no longer/);
  });

  it('nothing, where nothing changed or there was no plan', () => {
    assert.deepEqual(neighbourSteps(three, three), []);
    assert.deepEqual(neighbourSteps(undefined, three), []);
  });
});
