import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { isSignedJson, signJson } from '@sallyport/shared/channel/signed-json.ts';
import { spkiBase64 } from '@sallyport/shared/x509/spki.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const { privateKey: other } = generateKeyPairSync('ed25519');
const { publicKey: curve } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const LABEL = 'sallyport test v1\n';
const signature = signJson(LABEL, { b: 2, a: 1 }, privateKey);

describe('signature of a JSON document', () => {
  //  what, label, document, public key, is it signed
  const rows: readonly (readonly [string, string, object, string, boolean])[] = [
    ['as it was', LABEL, { b: 2, a: 1 }, spkiBase64(privateKey), true],
    ['in another order', LABEL, { a: 1, b: 2 }, spkiBase64(privateKey), true],
    ['changed', LABEL, { a: 1, b: 3 }, spkiBase64(privateKey), false],
    ['as something else', 'sallyport tests v1\n', { a: 1, b: 2 }, spkiBase64(privateKey), false],
    ["another's", LABEL, { a: 1, b: 2 }, spkiBase64(other), false],
    ['a key of another kind', LABEL, { a: 1, b: 2 }, spkiBase64(curve), false],
    ['no key', LABEL, { a: 1, b: 2 }, 'AAAA', false],
  ];
  for (const [what, label, document, key, expected] of rows) {
    it(`${what}: ${expected ? 'good' : 'not good'}`, () => {
      assert.equal(isSignedJson(label, document, key, signature), expected);
    });
  }
});
