import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { openBox, SEALED_BOX_OVERHEAD_BYTES, sealBox } from '@sallyport/shared/audit/sealed-box.ts';

const INFO = 'sallyport audit spool';
const gateway = generateKeyPairSync('x25519');
const recipient = rawPublicKey(gateway.publicKey);

function privateKeyOf(raw: string) {
  const prefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
  const key = Buffer.concat([prefix, Buffer.from(raw, 'hex')]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

describe('sealed box', () => {
  for (const length of [0, 1, 15, 16, 17, 65_536]) {
    it(`gives ${length} bytes back to its recipient alone`, () => {
      const plain = Buffer.alloc(length, 0x61);
      const box = sealBox(recipient, plain, INFO);
      assert.equal(box.length, length + SEALED_BOX_OVERHEAD_BYTES);
      assert.deepEqual(openBox(gateway.privateKey, box, INFO), { ok: true, value: plain });
      const { privateKey } = generateKeyPairSync('x25519');
      assert.deepEqual(openBox(privateKey, box, INFO), { ok: false, error: 'sealed-box-wrong' });
    });
  }

  it('is another one each time', () => {
    assert.notDeepEqual(
      sealBox(recipient, Buffer.of(1), INFO).subarray(1),
      sealBox(recipient, Buffer.of(1), INFO).subarray(1),
    );
  });

  it('opens for its purpose only', () => {
    const box = sealBox(recipient, Buffer.of(1), INFO);
    const opened = openBox(gateway.privateKey, box, `${INFO} `);
    assert.deepEqual(opened, { ok: false, error: 'sealed-box-wrong' });
  });

  it('does not open with any bit changed, nor cut, nor longer', () => {
    const box = sealBox(recipient, Buffer.from('a record'), INFO);
    for (let at = 0; at < box.length; at++) {
      for (const bit of [1, 0x80]) {
        const changed = Buffer.from(box);
        changed[at] = (changed[at] as number) ^ bit;
        // The highest bit of an X25519 key says nothing (RFC 7748 §5), but it is authenticated.
        assert.equal(openBox(gateway.privateKey, changed, INFO).ok, false, `byte ${at}`);
      }
      assert.equal(openBox(gateway.privateKey, box.subarray(0, at), INFO).ok, false);
    }
    assert.equal(openBox(gateway.privateKey, Buffer.concat([box, Buffer.of(0)]), INFO).ok, false);
  });

  for (const [what, point] of [
    ['zero', Buffer.alloc(32)],
    ['one', Buffer.from(`01${'00'.repeat(31)}`, 'hex')],
  ] as const) {
    it(`does not take ${what} for a key: every secret would be the same`, () => {
      const box = Buffer.concat([Buffer.of(1), point, Buffer.alloc(16)]);
      assert.deepEqual(openBox(gateway.privateKey, box, INFO), {
        ok: false,
        error: 'sealed-box-wrong',
      });
      assert.throws(() => sealBox(point, Buffer.of(1), INFO));
    });
  }

  it('stays as it is', () => {
    const alice = privateKeyOf('01'.repeat(32));
    const bob = privateKeyOf('02'.repeat(32));
    const box = sealBox(rawPublicKey(bob), Buffer.from('a record'), INFO, alice);
    assert.deepEqual(openBox(bob, box, INFO), { ok: true, value: Buffer.from('a record') });
    assert.equal(box.toString('hex'), BOX);
  });
});

/** Our own: made once, and read by every later version. */
const BOX =
  '01a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a209f011f1c5d5a8c35b7cd45f0b229dea4afd24d7335bbce8ca';
