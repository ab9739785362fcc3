import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { askNames } from '@sallyport/app-gateway/adapters/host/ask-names.ts';
import { DnsServer } from '../../../dns-server.ts';

const server = await DnsServer.open({
  'sip.acme.example': [{ type: 'A', address: '192.0.2.5' }],
  'refused.example': 'refused',
  'failing.example': 'servfail',
  '_sips._tcp.acme.example': [
    { type: 'SRV', priority: 0, weight: 0, port: 5061, target: 'sip.acme.example' },
  ],
});
after(() => server.close());

describe('questions to the DNS', () => {
  it('brings addresses and services, and tells nothing from no answer', async () => {
    const answers = await askNames(
      [
        { name: 'sallyport.invalid', type: 'reach' },
        { name: 'sip.acme.example', type: 'address' },
        { name: '_sips._tcp.acme.example', type: 'SRV' },
        { name: '_sips._tcp.other.example', type: 'SRV' },
      ],
      [server.address],
    );
    assert.deepEqual(
      answers.map(({ found }) => found),
      [[], ['192.0.2.5'], ['sip.acme.example:5061'], []],
    );
  });

  it('tells a server that refuses from one that fails', async () => {
    const names = ['refused.example', 'failing.example'];
    const answers = await askNames(
      names.map((name) => ({ name, type: 'address' })),
      [server.address],
    );
    assert.deepEqual(
      answers.map(({ found, isRefused }) => [found, isRefused]),
      [
        [undefined, true],
        [undefined, undefined],
      ],
    );
  });
});
