import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseBer } from '@sallyport/certs/ber-element.ts';
import { encodePkcs7, encodePkcs7Pem } from '@sallyport/certs/pkcs7-export.ts';
import { readPkcs7 } from '@sallyport/certs/pkcs7-reader.ts';
import { type CompanyFiles, companyFiles, openSslMissing, openssl } from './openssl.ts';

let files: CompanyFiles;
before(async () => {
  files = await companyFiles();
});
after(() => files.remove());

describe('PKCS#7 that we write', () => {
  it('holds the certificates in the order given', () => {
    const file = parseBer(encodePkcs7(files.ders));
    assert.ok(file.ok);
    assert.deepEqual(readPkcs7(file.value), { ok: true, value: files.ders });
  });

  it('opens in openssl, as DER and as PEM', { skip: openSslMissing }, () => {
    writeFileSync(join(files.folder, 'made.p7b'), encodePkcs7(files.ders));
    writeFileSync(join(files.folder, 'made.pem'), encodePkcs7Pem(files.ders));
    const printed = [
      openssl(files.folder, 'pkcs7', '-inform', 'DER', '-in', 'made.p7b', '-print_certs'),
      openssl(files.folder, 'pkcs7', '-in', 'made.pem', '-print_certs'),
      openssl(
        files.folder,
        'crl2pkcs7',
        '-nocrl',
        '-certfile',
        'leaf.pem',
        '-certfile',
        'chain.pem',
      ),
    ].map((output) => output.toString());
    assert.equal((printed[0]?.match(/BEGIN CERTIFICATE/g) ?? []).length, 3);
    assert.equal(printed[1], printed[0]);
    assert.equal(printed[2], encodePkcs7Pem(files.ders), 'the very octets that openssl writes');
  });
});
