import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bareBase64, isPem, readPem, textOfFile } from '@sallyport/certs/pem-file.ts';

const block = (label: string, body = 'AAAA') =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const CERTIFICATE = block('CERTIFICATE');

//  certificates, bags, keys
const rows: readonly (readonly [name: string, text: string, found: string])[] = [
  ['one block', CERTIFICATE, '1 0 0'],
  ['text around it', `To: Bob\n\n${CERTIFICATE}\nYours, Ann`, '1 0 0'],
  [
    'several kinds',
    block('PKCS7') + CERTIFICATE + block('CMS') + block('X509 CERTIFICATE'),
    '2 2 0',
  ],
  [
    'keys of any kind',
    block('EC PRIVATE KEY') + block('ENCRYPTED PRIVATE KEY') + CERTIFICATE,
    '1 0 2',
  ],
  ['a key that is broken', block('PRIVATE KEY', '!!') + CERTIFICATE, '1 0 1'],
  ['indented', CERTIFICATE.replace(/^/gm, '  '), '1 0 0'],
  ['no end', CERTIFICATE.slice(0, 40), 'pem-malformed'],
  ['one good and one broken', CERTIFICATE + block('CERTIFICATE', '!!'), 'pem-malformed'],
  ['a header within', block('CERTIFICATE', 'Proc-Type: 4\n\nAAAA'), 'pem-malformed'],
  ['nothing in it', block('CERTIFICATE', ''), 'pem-malformed'],
  ['a trust store of openssl', block('TRUSTED CERTIFICATE'), '0 0 0'],
];

describe('text file of a partner', () => {
  for (const [name, text, found] of rows) {
    it(`${name}: ${found}`, () => {
      const pem = readPem(text);
      const told = pem.ok
        ? `${pem.value.certificates.length} ${pem.value.pkcs7.length} ${pem.value.privateKeys}`
        : pem.error;
      assert.equal(told, found);
    });
  }

  it('is text in ASCII, Latin-1, UTF-8 and UTF-16, and not with zeros in it', () => {
    const little = Buffer.from('\ufeffa-b', 'utf16le');
    assert.equal(textOfFile(Buffer.from('a\tb\r\n\u001a')), 'a\tb\r\n\u001a');
    assert.equal(textOfFile(Buffer.from('\ufeffa')), 'a');
    assert.equal(textOfFile(Buffer.from([0x4d, 0xfc])), 'Mü');
    assert.equal(textOfFile(little), 'a-b');
    assert.equal(textOfFile(Buffer.from(little).swap16()), 'a-b');
    assert.equal(textOfFile(Buffer.from([0x30, 0x00])), undefined);
  });

  it('may be base64 alone', () => {
    assert.equal(bareBase64(' AAEC\r\nAw==\n')?.toString('hex'), '00010203');
    assert.equal(bareBase64('Dear Ann!'), undefined);
    assert.equal(isPem('AAEC'), false);
    assert.equal(isPem(CERTIFICATE), true);
  });
});
