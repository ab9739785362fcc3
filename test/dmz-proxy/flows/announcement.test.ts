import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { FlowEvents } from '@sallyport/dmz-proxy/flows/flow.ts';
import { flowPair, globexLeaf, OWN_KEY } from '../edge-fixture.ts';

const EVENTS: FlowEvents = {
  message: () => undefined,
  fatal: () => undefined,
  heard: () => undefined,
  closed: () => undefined,
};

describe('the announcement of a flow', () => {
  it('tells what a gateway must know', async () => {
    const { flow, pair } = await flowPair(EVENTS);
    const opened = flow.announcement([]);
    assert.ok(opened.transport !== 'tcp');
    const { partner, identities, tls } = opened;
    assert.deepEqual([partner, identities], ['globex', ['globex.example']]);
    assert.deepEqual(tls, { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' });
    const seen = flow.announcement(['accepted']);
    assert.ok(seen.transport !== 'tcp');
    const { trustSet, certificate, ownKey, sightings } = seen;
    const leaf = new X509Certificate(globexLeaf.certificatePem);
    assert.deepEqual([trustSet, ownKey, sightings], ['t1', OWN_KEY, ['accepted']]);
    assert.equal(certificate.fingerprint, leaf.fingerprint256.replaceAll(':', '').toLowerCase());
    assert.equal(certificate.notAfterMs, Date.parse(leaf.validTo));
    const closed = once(pair.dialled, 'close');
    flow.close('test');
    pair.dialled.resume();
    await closed;
  });
});
