import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Sightings } from '@sallyport/app-gateway/adapters/channel/sightings.ts';
import type { Sighting } from '@sallyport/app-gateway/domain/exchange/sighting/sighting.ts';
import type { SightingSink } from '@sallyport/app-gateway/ports/sighting-sink.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import type { SecuredFlow } from '@sallyport/shared/channel/flow.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { around } from '../../../integration/support/proxy-site.ts';

const issued = await createAuthority({ commonName: 'acme', ...around() });
const parsed = parseCertificate(new X509Certificate(issued.certificatePem).raw);
assert.ok(parsed.ok);
const ownKey = parsed.value.spkiSha256;
const PEER_KEY = `${'B'.repeat(43)}=`;

const opened = (change: Partial<SecuredFlow> = {}): SecuredFlow => ({
  partner: 'globex',
  identities: ['globex.example'],
  ownIdentity: 'main',
  ownKey,
  trustSet: 't1',
  certificate: { spki: PEER_KEY, fingerprint: '0f'.repeat(32), notAfterMs: 99 },
  sightings: ['accepted'],
  direction: 'inbound',
  remoteAddress: '192.0.2.1',
  remotePort: 5061,
  localPort: 5061,
  openedAtMs: 1,
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
  ...change,
});

function bench() {
  const batches: (readonly Sighting[])[] = [];
  const seen: string[] = [];
  const state = { isUp: true, nowMs: 10, busy: Promise.resolve() };
  const sink: SightingSink = {
    recordSightings: async (batch) => {
      batches.push(batch);
      await state.busy;
      return state.isUp ? ok(undefined) : err({ code: 'unavailable', reason: 'test' });
    },
    seen: ({ partner, direction, key }) => seen.push(`${partner} ${direction} ${key}`),
  };
  const sightings = new Sightings(sink, () => state.nowMs);
  return { sightings, batches, seen, state };
}

describe('sightings of keys', () => {
  it('are added up by partner, direction and key, and told once when new', async () => {
    const { sightings, batches, seen, state } = bench();
    sightings.note(opened(), 'edge-1/0');
    state.nowMs = 20;
    sightings.note(opened({ remoteAddress: '192.0.2.2' }), 'edge-1/1');
    sightings.note(opened({ trustSet: 't2' }), 'edge-1/0');
    sightings.note(opened({ sightings: [] }), 'edge-1/0');
    await sightings.flush();
    assert.deepEqual(batches, [
      [
        {
          partner: 'globex',
          direction: 'accepted',
          spki: PEER_KEY,
          key: 't1',
          firstAtMs: 10,
          lastAtMs: 20,
          handshakes: 2,
          lastSource: '192.0.2.2',
          lastProxy: 'edge-1/1',
          notAfterMs: 99,
        },
        { ...batches[0]?.[1], key: 't2', handshakes: 1 },
      ],
    ]);
    sightings.note(opened(), 'edge-1/0');
    assert.deepEqual(seen, ['globex accepted t1', 'globex accepted t2']);
  });

  it('of our own keys are named as the site names them, also after it has others', async () => {
    const { sightings, batches } = bench();
    const identity = {
      name: 'main',
      serverNames: [],
      chainPem: issued.certificatePem,
      keyPem: '',
      keyName: 'main/k1',
    };
    const presented = opened({ sightings: ['presented'] });
    sightings.note(presented, 'edge-1/0');
    sightings.useIdentities([identity]);
    sightings.useIdentities([]);
    sightings.note(presented, 'edge-1/0');
    await sightings.flush();
    assert.deepEqual(
      batches[0]?.map(({ direction, spki, key }) => [direction, spki, key]),
      [
        ['presented', ownKey, 'main'],
        ['presented', ownKey, 'main/k1'],
      ],
    );
  });

  describe('as time goes by', () => {
    beforeEach(() => mock.timers.enable({ apis: ['setInterval', 'setTimeout'] }));
    afterEach(() => mock.timers.reset());
    const pass = async (ms: number) => {
      mock.timers.tick(ms);
      await turn();
    };

    it('of a new key are told in a moment, of others every few seconds', async () => {
      const { sightings, batches } = bench();
      sightings.note(opened(), 'edge-1/0');
      await pass(199);
      assert.equal(batches.length, 0);
      sightings.note(opened({ trustSet: 't2' }), 'edge-1/0');
      await pass(1);
      assert.deepEqual(
        batches.map(({ length }) => length),
        [2],
      );
      sightings.note(opened(), 'edge-1/0');
      await pass(4799);
      assert.equal(batches.length, 1);
      await pass(1);
      assert.equal(batches.length, 2);
    });

    it('of a new key are told once the store has taken what it has', async () => {
      const { sightings, batches, state } = bench();
      const { promise, resolve } = Promise.withResolvers<void>();
      state.busy = promise;
      sightings.note(opened(), 'edge-1/0');
      await pass(200);
      sightings.note(opened({ trustSet: 't2' }), 'edge-1/0');
      await pass(200);
      assert.equal(batches.length, 1);
      resolve();
      await turn();
      await pass(200);
      assert.deepEqual(
        batches.map(([first]) => first?.key),
        ['t1', 't2'],
      );
    });

    it('leave no clock running once it is stopped', async () => {
      const { sightings, batches } = bench();
      sightings.note(opened(), 'edge-1/0');
      await sightings.stop();
      await pass(10_000);
      assert.equal(batches.length, 1);
    });
  });

  it('wait while the store does not take them', async () => {
    const { sightings, batches, state } = bench();
    state.isUp = false;
    sightings.note(opened(), 'edge-1/0');
    const refused = sightings.flush();
    state.nowMs = 30;
    sightings.note(opened(), 'edge-1/0');
    await sightings.flush();
    await refused;
    state.isUp = true;
    await sightings.flush();
    await sightings.flush();
    assert.deepEqual(
      batches.map(([first]) => [first?.handshakes, first?.firstAtMs, first?.lastAtMs]),
      [
        [1, 10, 10],
        [2, 10, 30],
      ],
    );
  });

  it('beyond ten thousand kinds are lost, and counted', async () => {
    const { sightings, batches } = bench();
    for (let n = 0; n < 10_001; n++) {
      sightings.note(opened({ trustSet: `t${n}` }), `edge-1/${Math.trunc(n / 2000)}`);
    }
    assert.equal(sightings.lost, 1);
    await sightings.flush();
    assert.equal(batches[0]?.length, 10_000);
  });

  it('of very many kinds by one proxy are not taken, and leave room for those of others', async () => {
    const { sightings, batches, state } = bench();
    for (let n = 0; n < 2001; n++) sightings.note(opened({ trustSet: `t${n}` }), 'edge-1/0');
    sightings.note(opened({ trustSet: 't0' }), 'edge-1/0');
    assert.equal(sightings.lost, 1);
    sightings.note(opened({ trustSet: 'other' }), 'edge-2/0');
    state.nowMs += 1000;
    sightings.note(opened({ trustSet: 'later' }), 'edge-1/0');
    sightings.note(opened({ trustSet: 'too many' }), 'edge-1/0');
    assert.equal(sightings.lost, 2);
    await sightings.flush();
    assert.equal(batches[0]?.length, 2002);
  });
});
