import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { partnerShow } from '@sallyport/app-gateway/commands/partner/partner-show.ts';
import { CommandBench } from '../command-bench.ts';

describe('a partner by itself', () => {
  let bench: CommandBench;
  before(async () => {
    bench = await CommandBench.open();
    await bench.people('bob');
  });
  after(() => bench.close());

  it('is shown with what it may and where it is', async () => {
    const shown = async () => {
      const answer = await bench.done(['partner', 'show'], { partner: 'umbrella' });
      return partnerShow.text(answer as Parameters<typeof partnerShow.text>[0]).split('\n');
    };
    const add = { partner: 'umbrella', domain: ['umbrella.example'], method: ['MESSAGE'] };
    await bench.done(['partner', 'add'], add, 'bob');
    assert.deepEqual((await shown()).slice(1, 5), [
      'domains: umbrella.example',
      'may send: MESSAGE',
      'comes from: any address',
      'is reached at: what DNS says of its domains',
    ]);
    const more = {
      method: ['SUBSCRIBE', 'NOTIFY'],
      event: ['presence'],
      network: ['192.0.2.0/24', '2001:db8::/32'],
      endpoint: ['edge.umbrella.example:5061'],
    };
    await bench.done(['partner', 'change'], { partner: 'umbrella', ...more }, 'bob');
    assert.deepEqual((await shown()).slice(2, 5), [
      'may send: SUBSCRIBE, NOTIFY; events: presence',
      'comes from: 192.0.2.0/24, 2001:db8::/32',
      'is reached at: edge.umbrella.example:5061 (tls)',
    ]);
  });
});
