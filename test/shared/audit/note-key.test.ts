import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  formatNoteKey,
  keyId,
  NOTE_KEY_TYPE,
  noteKey,
  parseNoteKey,
} from '@sallyport/shared/audit/note-key.ts';

const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const WITNESS =
  'witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G';

describe('key of a note in one line', () => {
  for (const [text, type] of [
    [PETER, NOTE_KEY_TYPE.ed25519],
    [WITNESS, NOTE_KEY_TYPE.cosignature],
  ] as const) {
    it(`is read and written: ${text}`, () => {
      const key = parseNoteKey(text);
      assert.equal(key?.type, type);
      assert.equal(key && formatNoteKey(key), text);
    });
  }

  it('does not survive a missing end or a changed character', () => {
    for (let end = 0; end < PETER.length; end++) {
      assert.equal(parseNoteKey(PETER.slice(0, end)), undefined);
      const changed = String.fromCharCode(PETER.charCodeAt(end) + 1);
      assert.equal(parseNoteKey(PETER.slice(0, end) + changed + PETER.slice(end + 1)), undefined);
    }
  });

  /** With the number made to fit. */
  for (const [what, text] of [
    ['too long', 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='],
    ['of an unknown kind', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['with a space behind', `${PETER} `],
    ['with a number in capitals', PETER.replace('c74f20a3', 'C74F20A3')],
  ] as const) {
    it(`is none ${what}`, () => assert.equal(parseNoteKey(text), undefined));
  }

  it('is another key for another kind of signature, or under another name', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const one = noteKey('sallyport/site', NOTE_KEY_TYPE.ed25519, publicKey);
    const ids = [
      one.keyId,
      noteKey('sallyport/site', NOTE_KEY_TYPE.cosignature, publicKey).keyId,
      noteKey('sallyport/other', NOTE_KEY_TYPE.ed25519, publicKey).keyId,
    ];
    assert.equal(new Set(ids).size, 3);
    assert.equal(keyId('a', 1, Buffer.alloc(32)) >>> 0, keyId('a', 1, Buffer.alloc(32)));
    assert.deepEqual(parseNoteKey(formatNoteKey(one))?.keyId, one.keyId);
  });

  for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\n']) {
    it(`has no name like ${JSON.stringify(name)}`, () => {
      const { publicKey } = generateKeyPairSync('ed25519');
      assert.throws(() => noteKey(name, NOTE_KEY_TYPE.ed25519, publicKey), RangeError);
    });
  }
});
