import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptedNow, presentedNow } from '@sallyport/app-gateway/commands/live-use.ts';
import { identity, identityKey } from '../domain/exchange/exchange-fixture.ts';

const NOW_MS = 5_000_000;
const FLOW = {
  proxy: 'edge-1/0',
  direction: 'inbound',
  remoteAddress: '192.0.2.7',
  trustSet: 't1',
  ownKey: 'spki of k1',
  tls: 'TLSv1.3 TLS_AES_128_GCM_SHA256',
  openedAtMs: 1,
} as const;
const SEEN = {
  partner: 'globex',
  firstAtMs: 1,
  lastAtMs: NOW_MS,
  handshakes: 0,
  lastSource: '192.0.2.7',
  lastProxy: 'edge-1/0',
};

describe('what live connections rest on', () => {
  it('is a trust set of the partner, in use now', () => {
    assert.deepEqual(acceptedNow('globex', [FLOW], NOW_MS), [
      { ...SEEN, direction: 'accepted', key: 't1', spki: '' },
    ]);
    assert.deepEqual(acceptedNow('globex', [], NOW_MS), []);
  });

  it('is a key of ours, where it is one of that identity', () => {
    const record = identity('main', [identityKey('k1', 'active')]);
    const others = { ...FLOW, ownKey: 'spki of another' };
    assert.deepEqual(presentedNow('globex', [others, FLOW], record, NOW_MS), [
      { ...SEEN, direction: 'presented', key: 'main/k1', spki: 'spki of k1' },
    ]);
  });
});
