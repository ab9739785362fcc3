import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { certificateProblems } from '@sallyport/certs/certificate-problems.ts';
import { readReceivedFile } from '@sallyport/certs/received-file.ts';

const SEED = 20_261_122;
const MUTATIONS = 300;
const AT = { nowMs: Date.UTC(2007, 11, 1), warnBeforeMs: 0 };

const vector = (name: string) =>
  readFileSync(new URL(`../vectors/odd-certificates/${name}`, import.meta.url));

/** What an operator reads of a file: its parts, and what is wrong with its first certificate taken as an anchor. */
function told(bytes: Buffer): readonly string[] {
  const file = readReceivedFile(bytes);
  if (!file.ok) return [`${file.error.code}: ${file.error.message}`];
  const { anchors, intermediates, leaves, privateKeysIgnored, certificates } = file.value;
  const [first] = certificates;
  assert.ok(first);
  const problems = certificateProblems(first, anchors.length > 0 ? 'anchor' : 'intermediate', AT);
  return [
    `${anchors.length}/${intermediates.length}/${leaves.length} keys ${privateKeysIgnored}`,
    ...problems
      .filter(({ code }) => code !== 'not-yet-valid')
      .map(({ severity, message }) => `${severity} ${message}`),
  ];
}

const OLD = 'note %: signed with SHA-1 with RSA';
const rows: readonly (readonly [file: string, called: string, ...told: string[]])[] = [
  ['trustwave-global-ecc-p256.der', 'Trustwave', '1/0/0 keys 0'],
  ['ec-acc.der', 'EC-ACC', '1/0/0 keys 0', OLD],
  ['szafir-root.der', 'SZAFIR ROOT CA', '1/0/0 keys 0', OLD],
  [
    'go-daddy-class-2.der',
    'Go Daddy Class 2 Certification Authority',
    '1/0/0 keys 0',
    OLD,
    'error %: is not critically marked as an authority (RFC 5280 §4.2.1.9): take the one below it, from a file without this, with --root and its SHA-256',
  ],
  [
    'camerfirma-express.der',
    'CA Camerfirma Express Corporate Server',
    '0/1/0 keys 0',
    'error %: signed with SHA-1 with RSA',
  ],
  [
    'windows-vps1.der',
    'VPS1',
    '1/0/1 keys 0',
    'error %: RSA key of 1024 bits; 2048 to 8192 are accepted',
    OLD,
    'warning %: only this very certificate will be accepted, until its end',
  ],
  [
    'aws-test.der',
    'AWS Test Cert',
    '0/1/0 keys 0',
    'error %: RSA key of 1024 bits; 2048 to 8192 are accepted',
  ],
  ['cfssl-server.der', 'server', '0/0/1 keys 0', 'error %: is not marked as an authority'],
  ['no-password.p12', '', '1/0/0 keys 1'],
  [
    'harica-2011.der',
    '',
    'certificate-malformed: a certificate in the file is not well-formed (number 1: nameConstraints is malformed: it is empty, a host name in it begins with a dot, a network has a mask with holes, or a range is given)',
  ],
  [
    'enveloped.pem',
    '',
    'certificates-none: the file holds no certificate (it holds a message that is encrypted for somebody)',
  ],
];

describe('certificates and files that somebody really made', () => {
  for (const [file, called, ...expected] of rows) {
    it(file, () =>
      assert.deepEqual(
        told(vector(file)),
        expected.map((line) => line.replace('%', called)),
      ),
    );
  }

  for (const [file] of rows) {
    it(`${file}, an octet changed ${MUTATIONS} times (seed ${SEED}): read or refused, in words`, () => {
      const bytes = vector(file);
      const next = numbers(SEED);
      for (let n = 0; n < MUTATIONS; n++) {
        const changed = Buffer.from(bytes);
        const at = next() % bytes.length;
        changed[at] = (changed[at] as number) ^ (1 + (next() % 255));
        const read = readReceivedFile(changed);
        if (!read.ok) assert.match(read.error.message, /^(?:the|a) [\x20-\x7e]{10,300}$/);
      }
    });
  }
});

/** Lehmer's generator: the same numbers everywhere for one seed. */
function numbers(seed: number): () => number {
  let state = seed % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  };
}
