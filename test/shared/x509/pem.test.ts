import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodePem, encodePem } from '@sallyport/shared/x509/pem.ts';
import fc from 'fast-check';

const one = Buffer.from('one');
const two = Buffer.from('twos');
const pemOne = encodePem(one, 'CERTIFICATE');
const pemTwo = encodePem(two, 'CERTIFICATE');
const block = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

const table: readonly (readonly [string, string, readonly Buffer[]])[] = [
  ['nothing', '', []],
  ['one block', pemOne, [one]],
  ['two blocks in order', pemOne + pemTwo, [one, two]],
  ['text around the blocks', `subject=/CN=x\n${pemOne}\nissuer\n${pemTwo}end`, [one, two]],
  ['CRLF', pemOne.replaceAll('\n', '\r\n'), [one]],
  ['spaces at the ends of lines', pemOne.replaceAll('\n', ' \n'), [one]],
  ['another label beside', encodePem(two, 'PRIVATE KEY') + pemOne, [one]],
  ['another label only', encodePem(two, 'TRUSTED CERTIFICATE'), []],
  ['one line without breaks', block('b25l'), [one]],
  ['an empty block', block(''), []],
  ['base64 with other letters', block('b2_-'), []],
  ['bits beyond the last octet', block('b25lcx=='), []],
  ['no padding', block('b25lcw'), []],
  ['padding in the middle', block('bw==\nbw=='), []],
  ['headers of an encrypted key', block('Proc-Type: 4,ENCRYPTED\n\nb25l'), []],
  ['no end', pemOne.replace(/-----END.*\n/, ''), []],
  ['an end without beginning', '-----END CERTIFICATE-----\n', []],
  ['a beginning inside', `-----BEGIN CERTIFICATE-----\n${pemOne}`, []],
  ['a good block and a broken one', pemOne + block('?'), []],
];

describe('PEM (RFC 7468)', () => {
  for (const [name, text, blocks] of table) {
    it(`${name}: ${blocks.length} blocks`, () => {
      assert.deepEqual(decodePem(text, 'CERTIFICATE'), blocks);
    });
  }

  it('decodes what it encoded, in lines of 64', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        const text = encodePem(bytes, 'X');
        assert.deepEqual(decodePem(text, 'X'), [Buffer.from(bytes)]);
        assert.ok(text.split('\n').every((line) => line.length <= 64));
      }),
    );
  });

  it('decodes 1000 blocks and not 1001', () => {
    assert.equal(decodePem(pemOne.repeat(1000), 'CERTIFICATE').length, 1000);
    assert.equal(decodePem(pemOne.repeat(1001), 'CERTIFICATE').length, 0);
  });
});
