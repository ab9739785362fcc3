import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { canonicalJson } from '@sallyport/shared/channel/snapshot.ts';
import { openSnapshot, signSnapshot } from '@sallyport/shared/channel/snapshot-signature.ts';
import fc from 'fast-check';
import { SAMPLE_SNAPSHOT } from './snapshot-sample.ts';

const keys = generateKeyPairSync('ed25519');
const otherKeys = generateKeyPairSync('ed25519');
const PAYLOAD = signSnapshot(SAMPLE_SNAPSHOT, keys.privateKey);

function codeOf(payload: Buffer, key: KeyObject = keys.publicKey, site = 'acme'): string {
  const opened = openSnapshot(payload, key, site);
  return opened.ok ? 'good' : opened.error.code;
}

describe('a signed snapshot', () => {
  it('opens to its content and its mark', () => {
    const opened = openSnapshot(PAYLOAD, keys.publicKey, 'acme');
    assert.ok(opened.ok);
    assert.deepEqual(opened.value.content, SAMPLE_SNAPSHOT);
    assert.equal(opened.value.mark.version, SAMPLE_SNAPSHOT.version);
    assert.match(opened.value.mark.digest, /^[0-9a-f]{64}$/);
  });

  it('is the same bytes from every gateway with the same files', () => {
    const shuffled = Object.fromEntries(Object.entries(SAMPLE_SNAPSHOT).reverse());
    assert.deepEqual(
      signSnapshot(shuffled as unknown as typeof SAMPLE_SNAPSHOT, keys.privateKey),
      PAYLOAD,
    );
  });

  it('differs in its digest when its content does', () => {
    const other = signSnapshot({ ...SAMPLE_SNAPSHOT, publicPort: 5062 }, keys.privateKey);
    const [a, b] = [PAYLOAD, other].map((payload) => openSnapshot(payload, keys.publicKey, 'acme'));
    assert.ok(a?.ok && b?.ok);
    assert.notEqual(a.value.mark.digest, b.value.mark.digest);
  });

  const json = PAYLOAD.subarray(64);
  const malformed = Buffer.from(canonicalJson({ ...SAMPLE_SNAPSHOT, version: 0 }));
  //  what is wrong                     payload                                     verdict
  const table: readonly (readonly [string, Buffer, string])[] = [
    ['nothing', PAYLOAD, 'good'],
    ['empty', Buffer.alloc(0), 'snapshot-unsigned'],
    ['a signature alone', PAYLOAD.subarray(0, 64), 'snapshot-unsigned'],
    ['no signature', json, 'snapshot-unsigned'],
    ['a signature of zeros', Buffer.concat([Buffer.alloc(64), json]), 'snapshot-unsigned'],
    ['the end is missing', PAYLOAD.subarray(0, -1), 'snapshot-unsigned'],
    ['something follows', Buffer.concat([PAYLOAD, Buffer.from(' ')]), 'snapshot-unsigned'],
    [
      'signed for another purpose by the same key',
      Buffer.concat([sign(null, json, keys.privateKey), json]),
      'snapshot-unsigned',
    ],
    [
      'signed, and malformed all the same',
      signSnapshot(JSON.parse(malformed.toString()) as typeof SAMPLE_SNAPSHOT, keys.privateKey),
      'snapshot-malformed',
    ],
  ];
  for (const [what, payload, verdict] of table) {
    it(`${what}: ${verdict}`, () => assert.equal(codeOf(payload), verdict));
  }

  it('is refused under another key, and under a key of another kind', () => {
    assert.equal(codeOf(PAYLOAD, otherKeys.publicKey), 'snapshot-unsigned');
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    assert.equal(codeOf(PAYLOAD, ec.publicKey), 'snapshot-unsigned');
  });

  it('is refused at another site', () => {
    assert.equal(codeOf(PAYLOAD, keys.publicKey, 'other'), 'snapshot-of-other-site');
  });

  it('is refused with any one byte changed', () => {
    fc.assert(
      fc.property(fc.nat(PAYLOAD.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(PAYLOAD);
        changed[at] = (changed[at] as number) ^ change;
        assert.equal(codeOf(changed), 'snapshot-unsigned');
      }),
    );
  });
});
