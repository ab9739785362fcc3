import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findTargets } from '@sallyport/dmz-proxy/probe/find-targets.ts';
import { StepList } from '@sallyport/dmz-proxy/probe/step-list.ts';
import type { PartnerSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import type { DnsAnswer } from '@sallyport/shared/net/dns-record.ts';
import { globexIdentity } from '../edge-fixture.ts';

type Zone = Readonly<Record<string, DnsAnswer>>;

const SRV = (port: number, target: string) => ({ priority: 10, weight: 5, port, target });

async function found(zone: Zone, changes: Partial<PartnerSnapshot> = {}) {
  const { partner } = globexIdentity(changes);
  const steps = new StepList(() => 0);
  const ask = ({ type, name }: { type: string; name: string }) =>
    Promise.resolve(zone[`${type} ${name}`] ?? ({ kind: 'none' } as const));
  const targets = await findTargets(partner, 'globex.example', { ask }, steps);
  return {
    targets: targets.map(({ address, port, serverName }) => `${address} ${port} ${serverName}`),
    steps: steps.steps.map(
      ({ expected, seen, code }) => `${expected}: ${seen}${code ? ` (${code})` : ''}`,
    ),
  };
}

describe('where a partner is tried', () => {
  it('each question to the DNS is a step, and servers are found as for messages', async () => {
    const { targets, steps } = await found({
      'NAPTR globex.example': {
        kind: 'naptr',
        records: [
          {
            order: 1,
            preference: 1,
            flags: 's',
            service: 'SIPS+D2T',
            regexp: '',
            replacement: '_sips._tcp.globex.example',
          },
        ],
      },
      'SRV _sips._tcp.globex.example': { kind: 'srv', records: [SRV(5071, 'edge.globex.example')] },
      'A edge.globex.example': { kind: 'addresses', addresses: ['192.0.2.7', '192.0.2.8'] },
    });
    assert.deepEqual(targets, ['192.0.2.7 5071 globex.example', '192.0.2.8 5071 globex.example']);
    assert.deepEqual(steps, [
      'NAPTR globex.example: SIPS+D2T _sips._tcp.globex.example',
      'SRV _sips._tcp.globex.example: 10 5 5071 edge.globex.example',
      'A edge.globex.example: 192.0.2.7, 192.0.2.8',
      'AAAA edge.globex.example: no such record',
    ]);
  });

  it('three servers at most', async () => {
    const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'];
    const { targets } = await found({ 'A globex.example': { kind: 'addresses', addresses } });
    assert.equal(targets.length, 3);
  });

  it('no reserved address that only the DNS names', async () => {
    const { targets, steps } = await found(
      { 'A globex.example': { kind: 'addresses', addresses: ['10.0.0.7'] } },
      { sourceNetworks: [] },
    );
    assert.deepEqual(targets, []);
    assert.deepEqual(steps.slice(-2), [
      'an address on the internet, or one in sourceNetworks: 10.0.0.7 (address-reserved)',
      'a server for globex.example: none (no-target)',
    ]);
  });

  it('agreed endpoints instead of the DNS, reserved or not; the name stays the domain', async () => {
    const endpoints = [
      { host: '10.0.0.7', port: 5061 },
      { host: 'edge.globex.example', port: 5062 },
    ];
    const zone: Zone = { 'A edge.globex.example': { kind: 'addresses', addresses: ['10.0.0.8'] } };
    const { targets, steps } = await found(zone, { endpoints, sourceNetworks: [] });
    assert.deepEqual(targets, ['10.0.0.7 5061 globex.example', '10.0.0.8 5062 globex.example']);
    assert.equal(steps[0], 'A edge.globex.example: 10.0.0.8');
  });

  it('says where the name servers failed', async () => {
    const failed: DnsAnswer = { kind: 'failed' };
    const { steps } = await found({ 'NAPTR globex.example': failed });
    assert.equal(steps[0], 'NAPTR globex.example: the name servers gave no answer (dns-failed)');
    assert.equal(steps.at(-1), 'a server for globex.example: none (no-target)');
  });
});
