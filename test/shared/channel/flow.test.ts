import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodeFlowOpened,
  decodeFlowReason,
  type FlowOpened,
  type SecuredFlow,
} from '@sallyport/shared/channel/flow.ts';

const OPENED: SecuredFlow = {
  partner: 'globex',
  identities: ['globex.example', 'im.globex.example'],
  ownIdentity: 'default',
  ownKey: `${'A'.repeat(43)}=`,
  trustSet: 't2',
  certificate: {
    spki: `${'B'.repeat(43)}=`,
    fingerprint: '0f'.repeat(32),
    notAfterMs: 1_800_000_000_000,
  },
  sightings: ['accepted'],
  direction: 'inbound',
  remoteAddress: '2001:db8::7',
  remotePort: 51_234,
  localPort: 5061,
  openedAtMs: 1_700_000_000_000,
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: 'X25519MLKEM768' },
};

//  change                                        is good
const table: readonly (readonly [object, boolean])[] = [
  [{}, true],
  [{ tls: { version: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256' } }, true],
  [{ direction: 'outbound' }, true],
  [{ direction: 'sideways' }, false],
  [{ identities: [] }, true],
  [{ identities: ['Globex.example'] }, false],
  [{ identities: ['globex.example\r\n'] }, false],
  [{ remoteAddress: 'fe80::1%eth0' }, true],
  [{ remoteAddress: 'globex.example' }, false],
  [{ identities: Array.from({ length: 1000 }, (_, n) => `d${n}.example`) }, true],
  [{ identities: Array.from({ length: 1001 }, (_, n) => `d${n}.example`) }, false],
  [{ remotePort: 65_536 }, false],
  [{ openedAtMs: -1 }, false],
  [{ partner: '' }, false],
  [{ partner: 'a b' }, false],
  [{ tls: {} }, false],
  [{ ownKey: '' }, false],
  [{ trustSet: 't 2' }, false],
  [{ certificate: { ...OPENED.certificate, fingerprint: 'AB'.repeat(32) } }, false],
  [{ certificate: { ...OPENED.certificate, notAfterMs: 253_402_300_799_000 } }, true],
  [{ certificate: { ...OPENED.certificate, notAfterMs: 253_402_300_799_001 } }, false],
  [{ sightings: [] }, true],
  [{ sightings: ['accepted', 'presented'] }, true],
  [{ sightings: ['accepted', 'presented', 'accepted'] }, false],
  [{ sightings: ['guessed'] }, false],
  [{ owner: 'x' }, false],
  [{ advertised: 'north.acme.example:5071' }, true],
  [{ advertised: '[2001:db8::1]:5071' }, true],
  [{ advertised: 'north.acme.example' }, false],
  [{ advertised: 'North.acme.example:5071' }, false],
  [{ transport: 'tcp' }, false],
  [{ transport: 'tls' }, false],
];

const PLAIN: FlowOpened = {
  partner: 'umbrella',
  identities: ['umbrella.example'],
  transport: 'tcp',
  sightings: [],
  direction: 'inbound',
  remoteAddress: '192.0.2.7',
  remotePort: 51_234,
  localPort: 5060,
  openedAtMs: 1_700_000_000_000,
};

describe('an opened flow without TLS', () => {
  const rows: readonly (readonly [object, boolean])[] = [
    [{}, true],
    [{ isEnding: true, advertised: 'plain.acme.example:5060' }, true],
    [{ sightings: ['accepted'] }, false],
    [{ transport: 'udp' }, false],
    [{ ownKey: OPENED.ownKey }, false],
    [{ trustSet: 't1' }, false],
    [{ certificate: OPENED.certificate }, false],
    [{ tls: OPENED.tls }, false],
  ];
  for (const [change, expected] of rows) {
    it(`with ${JSON.stringify(change).slice(0, 60)} is ${expected ? 'taken' : 'refused'}`, () => {
      const bytes = Buffer.from(JSON.stringify({ ...PLAIN, ...change }));
      assert.equal(decodeFlowOpened(bytes, 0, bytes.length).ok, expected);
    });
  }
});

describe('an opened flow', () => {
  for (const [change, expected] of table) {
    it(`${JSON.stringify(change).slice(0, 60)} is ${expected ? 'taken' : 'refused'}`, () => {
      const bytes = Buffer.from(JSON.stringify({ ...OPENED, ...change }));
      const decoded = decodeFlowOpened(bytes, 0, bytes.length);
      assert.equal(decoded.ok, expected);
      if (decoded.ok) assert.deepEqual(decoded.value, { ...OPENED, ...change });
    });
  }
});

//  payload                            reason
const reasons: readonly (readonly [string, string | undefined])[] = [
  ['{"reason":"peer-closed"}', 'peer-closed'],
  ['{"reason":""}', undefined],
  ['{"reason":"two words"}', undefined],
  ['{}', undefined],
  ['', undefined],
];

describe('why a flow ends', () => {
  for (const [payload, expected] of reasons) {
    it(`${payload || '(nothing)'} -> ${expected ?? 'refused'}`, () => {
      const decoded = decodeFlowReason(Buffer.from(payload), 0, payload.length);
      assert.equal(decoded.ok ? decoded.value.reason : undefined, expected);
    });
  }
});
