import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CERTIFICATES_MAX, FILE_BYTES_MAX } from '@sallyport/certs/file-fault.ts';
import { encodePkcs7, encodePkcs7Pem } from '@sallyport/certs/pkcs7-export.ts';
import {
  type ReceivedFileOptions,
  readReceivedFile,
  trustOfFile,
} from '@sallyport/certs/received-file.ts';
import {
  der,
  integer,
  objectIdentifier,
  octetString,
  sequence,
} from '@sallyport/shared/x509/der-writer.ts';
import { processorMs } from '../processor-ms.ts';
import { type CompanyFiles, companyFiles, openSslMissing, openssl } from './openssl.ts';
import { encodePkcs12 } from './pkcs12-writer.ts';

const PASSWORD = 'correct horse €';
const MOMENT_MS = 1000;

let files: CompanyFiles;
before(async () => {
  files = await companyFiles();
});
after(() => files.remove());

/** What was read, in one line: format, how many of each kind, keys passed over; or the fault's code. */
function told(bytes: Buffer, options?: ReceivedFileOptions): string {
  const read = readReceivedFile(bytes, options);
  if (!read.ok) return read.error.code;
  const { format, anchors, intermediates, leaves, privateKeysIgnored } = read.value;
  return `${format} ${anchors.length}/${intermediates.length}/${leaves.length} keys ${privateKeysIgnored}`;
}

const all = () => files.leaf.certificatePem + files.ca.certificatePem + files.root.certificatePem;

interface Row {
  readonly name: string;
  readonly bytes: () => Buffer;
  readonly found: string;
  readonly options?: () => ReceivedFileOptions;
}

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

const written: readonly Row[] = [
  { name: 'PEM', bytes: () => Buffer.from(all()), found: 'pem 1/1/1 keys 0' },
  {
    name: 'PEM in a letter with Windows line ends',
    bytes: () =>
      Buffer.from(`Dear Ann,\nour keys:\n\n${all()}\nYours, Bob\n`.replace(/\n/g, '\r\n')),
    found: 'pem 1/1/1 keys 0',
  },
  { name: 'PEM in UTF-16', bytes: () => utf16(all()), found: 'pem 1/1/1 keys 0' },
  {
    name: 'PEM with a mark',
    bytes: () => Buffer.from(`\ufeff${all()}`),
    found: 'pem 1/1/1 keys 0',
  },
  {
    name: 'PEM with a key',
    bytes: () => Buffer.from(files.leaf.privateKeyPem + all()),
    found: 'pem 1/1/1 keys 1',
  },
  { name: 'each once', bytes: () => Buffer.from(all() + all()), found: 'pem 1/1/1 keys 0' },
  { name: 'DER', bytes: () => files.ders[2], found: 'der 1/0/0 keys 0' },
  {
    name: 'DER with a line end behind it',
    bytes: () => Buffer.concat([files.ders[2], Buffer.from('\r\n')]),
    found: 'der 1/0/0 keys 0',
  },
  {
    name: 'DER as base64 without marks',
    bytes: () => Buffer.from(files.ders[2].toString('base64')),
    found: 'der 1/0/0 keys 0',
  },
  { name: 'PKCS#7', bytes: () => encodePkcs7(files.ders), found: 'pkcs7 1/1/1 keys 0' },
  {
    name: 'PKCS#7 as PEM',
    bytes: () => Buffer.from(encodePkcs7Pem(files.ders)),
    found: 'pkcs7 1/1/1 keys 0',
  },
  {
    name: 'PKCS#7 of indefinite lengths',
    bytes: () => indefinite(encodePkcs7(files.ders)),
    found: 'pkcs7 1/1/1 keys 0',
  },
  {
    name: 'an intermediate that is named as root',
    bytes: () => files.ders[1],
    options: () => ({ roots: [fingerprintOf(files.ders[1])] }),
    found: 'der 1/0/0 keys 0',
  },
  { name: 'an intermediate alone', bytes: () => files.ders[1], found: 'der 0/1/0 keys 0' },
];

const refused: readonly Row[] = [
  { name: 'nothing', bytes: () => Buffer.alloc(0), found: 'file-empty' },
  {
    name: 'a letter without certificates',
    bytes: () => Buffer.from('Dear Ann!'),
    found: 'file-format-unknown',
  },
  {
    name: 'a picture',
    bytes: () => Buffer.from('89504e470d0a1a0a0000', 'hex'),
    found: 'file-format-unknown',
  },
  {
    name: 'one octet more than allowed',
    bytes: () => Buffer.alloc(FILE_BYTES_MAX + 1, 0x30),
    found: 'file-too-large',
  },
  {
    name: 'as many octets as allowed',
    bytes: () => sequence(Buffer.alloc(FILE_BYTES_MAX - 5, 0xff)),
    found: 'file-malformed',
  },
  { name: '50 MB of rubbish', bytes: () => Buffer.alloc(50_000_000, 7), found: 'file-too-large' },
  {
    name: 'random octets',
    bytes: () => Buffer.concat([Buffer.from([0x30, 0x80, 0x02]), Buffer.alloc(1000, 0xa5)]),
    found: 'file-malformed',
  },
  {
    name: 'a public key',
    bytes: () => Buffer.from('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'),
    found: 'certificates-none',
  },
  {
    name: 'a key alone',
    bytes: () => Buffer.from(files.leaf.privateKeyPem),
    found: 'certificates-none',
  },
  {
    name: 'PEM that is cut off',
    bytes: () => Buffer.from(all()).subarray(0, -100),
    found: 'file-malformed',
  },
  {
    name: 'DER that is cut off',
    bytes: () => files.ders[2].subarray(0, -1),
    found: 'file-truncated',
  },
  {
    name: 'PKCS#7 that is cut off',
    bytes: () => encodePkcs7(files.ders).subarray(0, -1),
    found: 'file-truncated',
  },
  { name: 'PKCS#7 without certificates', bytes: () => encodePkcs7([]), found: 'certificates-none' },
  {
    name: 'PKCS#7 of some other content',
    bytes: () => sequence(objectIdentifier('1.2.840.113549.1.7.1')),
    found: 'file-format-unknown',
  },
  {
    name: 'a broken certificate among good ones',
    bytes: () => encodePkcs7([files.ders[0], sequence(integer(1))]),
    found: 'certificate-malformed',
  },
  {
    name: '65 certificates',
    bytes: () => encodePkcs7(Array(CERTIFICATES_MAX + 1).fill(files.ders[0])),
    found: 'certificates-too-many',
  },
  { name: 'DER nested a thousand deep', bytes: () => nested(1000), found: 'file-malformed' },
  {
    name: 'a hundred thousand elements',
    bytes: () => sequence(sequence(), Buffer.alloc(200_000).fill(Buffer.from([5, 0]))),
    found: 'file-malformed',
  },
  {
    name: 'an offer of a later format',
    bytes: () => Buffer.from('{"format":"sallyport-offer-2"}'),
    found: 'offer-version-unsupported',
  },
  {
    name: 'an offer that is cut off',
    bytes: () => Buffer.from('{"format":"sallyport-offer-1",'),
    found: 'offer-malformed',
  },
];

/** Files as large as may be, made to be slow to read. */
const costly: readonly (readonly [name: string, bytes: () => Buffer])[] = [
  ['spaces with a mark at the end', () => Buffer.from(`${' '.repeat(FILE_BYTES_MAX - 1)}!`)],
  ['beginnings of blocks', () => filled('-----BEGIN CERTIFICATE-----\n')],
  ['empty blocks', () => filled('-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n')],
  ['one long line of marks', () => filled('-----BEGIN ')],
  ['base64', () => filled('MIID')],
  ['beginnings of offers', () => filled('{"format" ')],
  ['indefinite sequences', () => Buffer.alloc(FILE_BYTES_MAX, Buffer.from([0x30, 0x80]))],
  ['empty elements', () => sequence(Buffer.alloc(FILE_BYTES_MAX - 10, Buffer.from([5, 0])))],
];

function filled(text: string): Buffer {
  return Buffer.alloc(FILE_BYTES_MAX, text);
}

function rows(table: readonly Row[]): void {
  for (const { name, bytes, found, options } of table) {
    it(`${name}: ${found}`, () => assert.equal(told(bytes(), options?.()), found));
  }
}

describe('file of a partner', () => {
  rows(written);

  it('a sheet that came with an offer is told from the files that are meant', () => {
    const read = readReceivedFile(Buffer.from('<!DOCTYPE html>\n<html lang="en"><p>acme</p>'));
    assert.ok(!read.ok);
    assert.equal(read.error.code, 'file-format-unknown');
    assert.match(read.error.message, /it is a page for people; .*\.json/);
  });

  it('64 certificates are not too many', () => {
    assert.equal(
      told(encodePkcs7(Array(CERTIFICATES_MAX).fill(files.ders[0]))),
      'pkcs7 0/0/1 keys 0',
    );
  });

  it('is what its fingerprint is taken of, without leaves', () => {
    const read = readReceivedFile(Buffer.from(all()));
    assert.ok(read.ok);
    const trust = trustOfFile(read.value);
    assert.deepEqual(trust.anchors, [files.ders[2]]);
    assert.deepEqual(trust.intermediates, [files.ders[1]]);
    assert.deepEqual([trust.pins, trust.signingKeys], [[], []]);
  });
});

describe('file of a partner that cannot be read', () => {
  rows(refused);

  it('any prefix of a good file is one clear fault', () => {
    const file = encodePkcs12({ certificates: files.ders, friendlyName: 'x', password: PASSWORD });
    for (let length = 5; length < file.length; length += 97) {
      assert.equal(told(file.subarray(0, length), { password: PASSWORD }), 'file-truncated');
    }
  });

  it('any changed octet is a fault or leaves certificates as they are', () => {
    const file = encodePkcs7(files.ders);
    for (let n = 0; n < file.length; n += 7) {
      const changed = Buffer.from(file);
      changed[n] = (changed[n] as number) ^ 0x55;
      assert.match(told(changed), /^(?:pkcs7 |file-|certificate)/);
    }
  });

  for (const [name, bytes] of costly) {
    it(`${name} costs no more than a moment`, () => {
      const look = (file: Buffer) => assert.match(told(file), /^(?:file|certificates)-/);
      const ms = processorMs(look, MOMENT_MS, bytes);
      assert.ok(ms < MOMENT_MS, `${ms} ms`);
    });
  }

  for (const [name, cipher, iterations, octets] of [
    ['a thousand million rounds', '3', 1_000_000_000, 64],
    ['RC2 over a megabyte, which is slow here', '6', 1, 1_000_000],
  ] as const) {
    it(`a file that asks for ${name} is refused at once`, () => {
      const file = encryptedFile(cipher, iterations, octets);
      const look = () => assert.equal(told(file), 'encryption-too-costly');
      const ms = processorMs(look, MOMENT_MS);
      assert.ok(ms < MOMENT_MS, `${ms} ms`);
    });
  }
});

//  what openssl is asked for             password in the file
const pkcs12Rows: readonly (readonly [name: string, ...words: string[]])[] = [
  ['modern: AES-256, SHA-256'],
  ['legacy: RC2-40 and 3DES, SHA-1', '-legacy'],
  ['legacy: RC2-128', '-legacy', '-certpbe', 'PBE-SHA1-RC2-128', '-keypbe', 'PBE-SHA1-RC2-128'],
  ['legacy: 3DES alone', '-legacy', '-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES'],
  ['legacy: 3DES with two keys', '-legacy', '-certpbe', 'PBE-SHA1-2DES'],
  ['AES-128', '-certpbe', 'AES-128-CBC'],
  ['AES-192 and SHA-512', '-certpbe', 'AES-192-CBC', '-macalg', 'sha512'],
  ['certificates in the open', '-certpbe', 'NONE'],
  ['without MAC', '-nomac', '-certpbe', 'AES-256-CBC'],
  ['without MAC, RC2-40', '-nomac', '-legacy', '-certpbe', 'PBE-SHA1-RC2-40'],
  ['without any key', '-nokeys'],
  ['many rounds', '-iter', '50000', '-maciter'],
];

describe('PKCS#12 that openssl wrote', { skip: openSslMissing }, () => {
  for (const [name, ...words] of pkcs12Rows) {
    it(`${name}: opened with its password alone`, () => {
      const file = exported(PASSWORD, words);
      const keys = words.includes('-nokeys') ? 0 : 1;
      assert.equal(told(file, { password: PASSWORD }), `pkcs12 1/1/1 keys ${keys}`);
      assert.equal(told(file, { password: 'wrong' }), 'password-wrong');
      assert.equal(told(file), 'password-missing');
    });
  }

  for (const words of [[], ['-legacy'], ['-nomac', '-certpbe', 'AES-256-CBC']]) {
    it(`an empty password needs none ${words.join(' ')}`, () => {
      assert.equal(told(exported('', words)), 'pkcs12 1/1/1 keys 1');
    });
  }

  it('without MAC and with certificates in the open, it needs no password', () => {
    assert.equal(told(exported(PASSWORD, ['-nomac'])), 'pkcs12 1/1/1 keys 1');
  });

  it('cut off, it says so and not that the password is wrong', () => {
    const file = exported(PASSWORD, []);
    assert.equal(told(file.subarray(0, -10), { password: PASSWORD }), 'file-truncated');
  });

  it('damaged, its MAC does not fit', () => {
    const file = exported(PASSWORD, []);
    const middle = file.length >> 1;
    file[middle] = (file[middle] as number) ^ 1;
    assert.equal(told(file, { password: PASSWORD }), 'password-wrong');
  });

  it('RC4 is not supported and said so', () => {
    const words = ['-legacy', '-certpbe', 'PBE-SHA1-RC4-128'];
    assert.equal(told(exported(PASSWORD, words), { password: PASSWORD }), 'encryption-unsupported');
  });
});

describe('PKCS#7 that openssl wrote', { skip: openSslMissing }, () => {
  for (const form of ['DER', 'PEM']) {
    it(form, () => {
      const words = ['-certfile', 'leaf.pem', '-certfile', 'chain.pem', '-outform', form];
      const file = openssl(files.folder, 'crl2pkcs7', '-nocrl', ...words);
      assert.equal(told(file), 'pkcs7 1/1/1 keys 0');
    });
  }

  it('signed content with the certificates of its signer, in streamed BER', () => {
    const words = ['-signer', 'leaf.pem', '-inkey', 'leaf.key', '-certfile', 'chain.pem'];
    const output = ['-outform', 'DER', '-nodetach', '-stream', '-binary', '-in', 'root.pem'];
    const file = openssl(files.folder, 'cms', '-sign', ...words, ...output);
    assert.equal(file[1], 0x80, 'of indefinite length');
    assert.equal(told(file), 'pkcs7 1/1/1 keys 0');
  });
});

/** PKCS#12 without MAC around random octets, under one of its own schemes. */
function encryptedFile(cipher: string, iterations: number, octets: number): Buffer {
  const algorithm = sequence(
    objectIdentifier(`1.2.840.113549.1.12.1.${cipher}`),
    sequence(octetString(randomBytes(8)), integer(iterations)),
  );
  const content = objectIdentifier('1.2.840.113549.1.7.1');
  const data = sequence(
    objectIdentifier('1.2.840.113549.1.7.6'),
    der(0xa0, sequence(integer(0), sequence(content, algorithm, der(0x80, randomBytes(octets))))),
  );
  return sequence(integer(3), sequence(content, der(0xa0, octetString(sequence(data)))));
}

function exported(password: string, words: readonly string[]): Buffer {
  const input = ['-inkey', 'leaf.key', '-in', 'leaf.pem', '-certfile', 'chain.pem'];
  const output = ['-passout', `pass:${password}`, '-out', 'made.p12'];
  openssl(files.folder, 'pkcs12', '-export', ...input, ...output, ...words);
  return readFileSync(join(files.folder, 'made.p12'));
}

function fingerprintOf(bytes: Buffer): string {
  const read = readReceivedFile(bytes);
  assert.ok(read.ok);
  return read.value.sha256;
}

function nested(depth: number): Buffer {
  let inner = sequence();
  for (let n = 0; n < depth; n++) inner = sequence(inner);
  return inner;
}

/** ContentInfo, its wrapping and SignedData rewritten with end marks, as tools that stream write them. */
function indefinite(file: Buffer): Buffer {
  const end = Buffer.alloc(2);
  const type = objectIdentifier('1.2.840.113549.1.7.2');
  const signedData = file.subarray(file.indexOf(type) + type.length);
  const body = signedData.subarray(signedData.indexOf(integer(1)));
  const wrap = (tag: number, ...content: Buffer[]) =>
    Buffer.concat([Buffer.from([tag, 0x80]), ...content, end]);
  return wrap(0x30, type, wrap(0xa0, wrap(0x30, body)));
}
