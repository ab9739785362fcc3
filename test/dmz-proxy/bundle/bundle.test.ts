import assert from 'node:assert/strict';
import { generateKeyPairSync, KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { certifyLeaf } from '@sallyport/certs/leaf.ts';
import { createSnapshotSigningKey } from '@sallyport/certs/snapshot-signing-key.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { channelDaysLeft, readBundle } from '@sallyport/dmz-proxy/bundle/bundle.ts';
import { type ProxySite, proxySite } from '../../integration/support/proxy-site.ts';

describe('the bundle of a host', () => {
  let site: ProxySite;
  beforeEach(async () => {
    site = await proxySite();
  });
  afterEach(() => site.remove());
  const problems = () => {
    const read = readBundle(site.folder);
    return read.ok ? [] : read.error;
  };

  it('is read when all is there', () => {
    const read = readBundle(site.folder);
    assert.equal(read.ok && read.value.config.node, 'edge-1');
    assert.equal(read.ok && read.value.snapshotSigningKey.asymmetricKeyType, 'ed25519');
  });

  it('names every file that is missing', () => {
    for (const name of ['channel.key', 'channel-ca.crt']) rmSync(join(site.folder, name));
    assert.deepEqual(problems(), ['channel.key: is not there', 'channel-ca.crt: is not there']);
  });

  it("refuses another certificate's key", () => {
    writeFileSync(join(site.folder, 'channel.key'), site.partner.privateKeyPem);
    assert.deepEqual(problems(), ['channel.key: is not the key of channel.crt']);
  });

  it('refuses a certificate that TLS would not take: at a reload that would end what runs', async () => {
    const dates = validForDays(Date.now(), 2);
    const authority = await createAuthority({ commonName: 'CA', ...dates });
    const algorithm = {
      ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 1024 },
      publicExponent: new Uint8Array([1, 0, 1]),
    };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
    const request = { commonName: 'edge-1', kind: 'rsa-2048', ...dates } as const;
    const chain = await certifyLeaf(authority, request, keys.publicKey);
    writeFileSync(join(site.folder, 'channel.crt'), chain);
    writeFileSync(join(site.folder, 'channel.key'), key);
    assert.deepEqual(problems(), ['channel.crt: TLS does not take it: ee key too small']);
  });

  it('refuses what is not PEM, and a signing key of another kind', () => {
    writeFileSync(join(site.folder, 'channel.crt'), 'x');
    writeFileSync(join(site.folder, 'channel-ca.crt'), 'x');
    writeFileSync(join(site.folder, 'snapshot-signing.pub'), site.partner.certificatePem);
    assert.equal(problems().length, 3);
  });

  it('has a witness key where there is one, and only of the right kind', () => {
    const key = join(site.folder, 'witness.key');
    const without = readBundle(site.folder);
    assert.equal(without.ok && without.value.witnessKey, undefined);
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const read = readBundle(site.folder);
    assert.equal(read.ok && read.value.witnessKey?.type, 'private');
    for (const wrong of ['x', site.partner.privateKeyPem]) {
      writeFileSync(key, wrong);
      assert.deepEqual(problems(), ['witness.key: not an Ed25519 private key in PEM']);
    }
  });

  it('refuses a file that is too large', () => {
    const { publicKeyPem } = createSnapshotSigningKey();
    writeFileSync(join(site.folder, 'snapshot-signing.pub'), publicKeyPem + ' '.repeat(1_048_577));
    assert.deepEqual(problems(), ['snapshot-signing.pub: larger than 1048576 bytes']);
  });

  it('says how long its channel certificates are good: the first that ends counts', () => {
    const read = readBundle(site.folder);
    assert.ok(read.ok);
    const { channelCertificatePem, channelAuthorityPem } = read.value;
    const ends = [channelCertificatePem, channelAuthorityPem].map((pem) =>
      Date.parse(new X509Certificate(pem).validTo),
    );
    const first = Math.min(...ends);
    assert.equal(channelDaysLeft(read.value, first - 86_400_000), 1);
    assert.equal(channelDaysLeft(read.value, first - 1), 0);
    assert.equal(channelDaysLeft(read.value, first + 1), -1);
  });
});
