import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { partnerReceive } from '@sallyport/app-gateway/commands/partner/partner-receive.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { writeOffer } from '@sallyport/certs/offer.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { NOW_MS, YEAR } from '../../site-fixture.ts';
import { CommandBench, sent } from '../command-bench.ts';

describe('an offer that is received', () => {
  it('tells the partner’s servers and contacts, and no number to ring', async (test) => {
    const bench = await CommandBench.open();
    test.after(() => bench.close());
    await bench.people('ann', 'bob');
    const settings = { domain: ['initech.example'], method: ['MESSAGE'] };
    const endpoint = ['old.initech.example:5061', 'sip.initech.example:5061'];
    await bench.done(['partner', 'add'], { partner: 'initech', ...settings, endpoint }, 'bob');

    const received = await bench.done<{
      contacts: readonly string[];
      difference: { endpoints: unknown };
    }>(['partner', 'receive'], { partner: 'initech', file: sent('o.json', await offer()) }, 'bob');
    assert.deepEqual(received.contacts, ['Ines <ines@initech.example>', 'The desk']);
    assert.deepEqual(received.difference.endpoints, {
      added: ['edge.initech.example:443'],
      kept: ['sip.initech.example:5061'],
      gone: ['old.initech.example:5061'],
    });
    const lines = partnerReceive.text(received as never).split('\n');
    for (const line of [
      '  new in servers to dial: edge.initech.example:443',
      '  no longer in servers to dial: old.initech.example:5061',
      '  domains and servers on record stay as they are: sallyport partner change initech',
      '  contact: Ines <ines@initech.example>',
    ]) {
      assert.ok(lines.includes(line), lines.join('\n'));
    }
    assert.doesNotMatch(JSON.stringify([received, lines]), /phone|555[ .-]?0100/);
  });
});

async function offer(): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const authority = await createAuthority({ commonName: 'Initech CA', ...YEAR });
  const file = writeOffer(
    {
      site: 'initech',
      sequence: 1,
      issuedAtMs: NOW_MS,
      expiresAtMs: NOW_MS + 30 * 86_400_000,
      domains: ['initech.example'],
      endpoints: [
        { host: 'sip.initech.example', port: 5061 },
        { host: 'edge.initech.example', port: 443 },
      ],
      contacts: [
        { name: 'Ines', email: 'ines@initech.example', phone: '+1 555 0100' },
        { name: 'The desk' },
      ],
      identities: [],
      anchors: decodePem(authority.certificatePem, 'CERTIFICATE'),
      pins: [],
    },
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  assert.ok(file.ok, JSON.stringify(file));
  return file.value;
}
