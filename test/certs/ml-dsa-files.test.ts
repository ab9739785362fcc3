import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodePkcs7, encodePkcs7Pem } from '@sallyport/certs/pkcs7-export.ts';
import { readReceivedFile } from '@sallyport/certs/received-file.ts';
import type { CertificateSet } from '@sallyport/certs/received-set.ts';
import { trustProblems } from '@sallyport/certs/trust-problems.ts';
import type { MlDsa } from '@sallyport/shared/x509/ml-dsa.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { authority, endEntity } from '../shared/x509/path-stage.ts';
import { mlDsaKey, mlDsaSigned, TEST_TIME_MS } from '../x509-builder.ts';
import { encodePkcs12 } from './pkcs12-writer.ts';

const PASSWORD = 'correct horse €';

describe('files with certificates of ML-DSA', () => {
  for (const kind of ['ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'] as const) {
    const { ders, privateKeyPem } = chainOf(kind);
    const packages: Readonly<Record<string, Buffer>> = {
      pem: Buffer.from(ders.map((der) => encodePem(der, 'CERTIFICATE')).join('')),
      pkcs7: encodePkcs7(ders),
      'pkcs7 as PEM': Buffer.from(encodePkcs7Pem(ders)),
      pkcs12: encodePkcs12({
        certificates: ders,
        privateKeyPem,
        friendlyName: 'edge',
        password: PASSWORD,
      }),
    };
    for (const [format, bytes] of Object.entries(packages)) {
      it(`${kind} as ${format} is read whole, and nothing is wrong with it`, () => {
        const file = readReceivedFile(bytes, { password: PASSWORD });
        assert.ok(file.ok);
        const { format: found, leaves, intermediates, anchors, privateKeysIgnored } = file.value;
        assert.equal(found, format.split(' ')[0]);
        assert.deepEqual(
          [leaves, intermediates, anchors].map((all) => all.map(({ der }) => der)),
          ders.map((der) => [der]),
        );
        assert.equal(privateKeysIgnored, format === 'pkcs12' ? 1 : 0);
        assert.deepEqual(problemsOf({ leaves, intermediates, anchors }), []);
      });
    }
  }
});

function problemsOf(certificates: CertificateSet): readonly string[] {
  return trustProblems({
    ...certificates,
    pins: [],
    privateKeysIgnored: 0,
    partner: {
      domains: ['peer.example'],
      delegations: [],
      purposes: 'federation',
      acceptNoExtendedKeyUsage: true,
      receivedSequence: 0,
    },
    fingerprint: 'f'.repeat(64),
    others: [],
    nowMs: TEST_TIME_MS,
    warnBeforeMs: 0,
  }).map(({ severity, message }) => `${severity} ${message}`);
}

/** A leaf, an authority and a root, all of one kind. */
function chainOf(kind: MlDsa) {
  const [rootKey, middleKey, leafKey] = [mlDsaKey(kind), mlDsaKey(kind), mlDsaKey(kind)];
  const signed = mlDsaSigned(kind);
  const root = authority({ subject: 'CN=root', key: rootKey, ...signed });
  const middle = authority({ subject: 'CN=middle', key: middleKey, ...signed }, root);
  const leaf = endEntity(middle, { key: leafKey, ...signed });
  const privateKeyPem = leafKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { ders: [leaf.der, middle.der, root.der], privateKeyPem };
}
