import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readReceivedFile } from '@sallyport/certs/received-file.ts';
import { type CompanyFiles, companyFiles, openSslMissing, openssl } from './openssl.ts';
import { encodePkcs12, type Pkcs12Draft } from './pkcs12-writer.ts';

const PASSWORD = 'correct horse €';

let files: CompanyFiles;
before(async () => {
  files = await companyFiles();
});
after(() => files.remove());

function made(change: Partial<Pkcs12Draft> = {}): Buffer {
  return encodePkcs12({
    certificates: files.ders,
    privateKeyPem: files.leaf.privateKeyPem,
    friendlyName: 'main of acme-edge',
    password: PASSWORD,
    ...change,
  });
}

describe('PKCS#12 that we write', () => {
  it('is read back without its key', () => {
    const file = readReceivedFile(made(), { password: PASSWORD });
    assert.ok(file.ok);
    const { leaves, intermediates, anchors, privateKeysIgnored } = file.value;
    const ders = [...leaves, ...intermediates, ...anchors].map(({ der }) => der);
    assert.deepEqual(ders, files.ders);
    assert.equal(privateKeysIgnored, 1);
  });

  it('is another file every time', () => assert.notDeepEqual(made(), made()));

  for (const legacy of [[], ['-legacy']]) {
    it(`opens in openssl with its key and name ${legacy.join('')}`, {
      skip: openSslMissing,
    }, () => {
      writeFileSync(join(files.folder, 'ours.p12'), made());
      const words = ['-in', 'ours.p12', '-passin', `pass:${PASSWORD}`, '-nodes', ...legacy];
      const opened = openssl(files.folder, 'pkcs12', ...words).toString();
      assert.equal((opened.match(/BEGIN CERTIFICATE/g) ?? []).length, 3);
      assert.match(opened, /friendlyName: main of acme-edge/);
      const [key = ''] = /-----BEGIN PRIVATE KEY[\s\S]*?END PRIVATE KEY-----/.exec(opened) ?? [];
      assert.ok(createPrivateKey(key).equals(createPrivateKey(files.leaf.privateKeyPem)));
    });
  }

  it('has a MAC and AES-256 throughout', { skip: openSslMissing }, () => {
    writeFileSync(join(files.folder, 'ours.p12'), made());
    const words = ['-in', 'ours.p12', '-passin', `pass:${PASSWORD}`, '-noout', '-info'];
    // What -info says goes to stderr, so it is read from the structure instead.
    assert.doesNotThrow(() => openssl(files.folder, 'pkcs12', ...words));
    assert.throws(() => openssl(files.folder, 'pkcs12', '-in', 'ours.p12', '-passin', 'pass:x'));
    const shown = openssl(
      files.folder,
      'asn1parse',
      '-inform',
      'DER',
      '-in',
      'ours.p12',
    ).toString();
    assert.match(shown, /sha256/);
  });

  it('opens without a key in it', { skip: openSslMissing }, () => {
    const { privateKeyPem: _, ...draft } = { ...draftOf(), privateKeyPem: '' };
    writeFileSync(join(files.folder, 'certs.p12'), encodePkcs12(draft));
    const words = ['-in', 'certs.p12', '-passin', `pass:${PASSWORD}`, '-nodes'];
    const opened = openssl(files.folder, 'pkcs12', ...words).toString();
    assert.doesNotMatch(opened, /PRIVATE KEY/);
    assert.match(opened, /BEGIN CERTIFICATE/);
  });
});

function draftOf(): Pkcs12Draft {
  return { certificates: files.ders, friendlyName: 'x', password: PASSWORD };
}
