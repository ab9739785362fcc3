import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  createKeyFileSeal,
  createPassphraseSeal,
  type PrivateKeySeal,
} from '@sallyport/certs/sealed-key.ts';

const PEM = '-----BEGIN PRIVATE KEY-----\nnot really\n-----END PRIVATE KEY-----\n';
const LABEL = 'identity/main/k1';
const FILE = createKeyFileSeal(randomBytes(32));
const PASSPHRASE = createPassphraseSeal('correct horse é');
/** The derivation is slow on purpose, so one sealed text serves all rows. */
const SEALED = PASSPHRASE.seal(PEM, LABEL);
/** With the cost that is part of the format; see light-scrypt.ts for the passphrase. */
const OF_EARLIER_VERSION =
  'sallyport-sealed:v1:scrypt,8fB5NjisGRssSSoL4Gx5ig:nkhyfwA9P3WHgqzB:L98Pcju2pgVaL4yUV051QLlPq8Jf_jo-cZdGm9F2YhtNppaZ-aWvQjDkZgrwnpBSqplOM_Uc_iIfYZ26V63R5zUoiDsuY_lcRv7yiFHBxCUh';
const IN_FILE = FILE.seal(PEM, LABEL);

function told(seal: PrivateKeySeal, sealed: string, label = LABEL): string {
  const opened = seal.open(sealed, label);
  return opened.ok ? opened.value : opened.error;
}

/** The text with one character of its last part changed. */
function changedAt(sealed: string, fromEnd: number): string {
  const at = sealed.length - fromEnd;
  return `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
}

const rows: readonly (readonly [name: string, open: () => string, found: string])[] = [
  ['key file', () => told(FILE, IN_FILE), PEM],
  ['key file, with a line end', () => told(FILE, `${IN_FILE}\n`), PEM],
  ['passphrase', () => told(PASSPHRASE, SEALED), PEM],
  [
    'passphrase, by another value and in another spelling of Unicode',
    () => told(createPassphraseSeal('correct horse e\u0301'), SEALED),
    PEM,
  ],
  [
    'what an earlier version sealed',
    () => told(createPassphraseSeal('in full: correct horse é'), OF_EARLIER_VERSION),
    PEM,
  ],
  ['another key', () => told(createKeyFileSeal(randomBytes(32)), IN_FILE), 'key-unreadable'],
  [
    'another passphrase',
    () => told(createPassphraseSeal('correct horse'), SEALED),
    'key-unreadable',
  ],
  ['another label', () => told(FILE, IN_FILE, 'identity/main/k2'), 'key-unreadable'],
  ['a passphrase for what a key file sealed', () => told(PASSPHRASE, IN_FILE), 'key-unreadable'],
  ['a key file for what a passphrase sealed', () => told(FILE, SEALED), 'key-unreadable'],
  [
    'a changed nonce',
    () =>
      told(
        FILE,
        IN_FILE.replace(/file:./, (head) => `file:${head.endsWith('A') ? 'B' : 'A'}`),
      ),
    'key-unreadable',
  ],
  ['a changed tag', () => told(FILE, changedAt(IN_FILE, 5)), 'key-unreadable'],
  ['changed content', () => told(FILE, changedAt(IN_FILE, 60)), 'key-unreadable'],
  ['another version', () => told(FILE, IN_FILE.replace(':v1:', ':v2:')), 'key-unreadable'],
  ['cut off', () => told(FILE, IN_FILE.slice(0, 60)), 'key-unreadable'],
  ['no sealed key at all', () => told(FILE, PEM), 'key-unreadable'],
  ['nothing', () => told(FILE, ''), 'key-unreadable'],
  ['a megabyte', () => told(FILE, `${IN_FILE}${'A'.repeat(1_000_000)}`), 'key-unreadable'],
];

describe('sealed private key', () => {
  for (const [name, open, found] of rows) {
    it(`${name}: ${found === PEM ? 'opens' : found}`, () => assert.equal(open(), found));
  }

  it('does not show what is in it, nor that it is the same', () => {
    assert.match(IN_FILE, /^sallyport-sealed:v1:file:[\w-]{16}:[\w-]+$/);
    assert.match(SEALED, /^sallyport-sealed:v1:scrypt,[\w-]{22}:[\w-]{16}:[\w-]+$/);
    assert.notEqual(FILE.seal(PEM, LABEL), FILE.seal(PEM, LABEL));
  });

  it('needs a key of 32 octets', () => {
    assert.throws(() => createKeyFileSeal(randomBytes(31)), RangeError);
  });
});
