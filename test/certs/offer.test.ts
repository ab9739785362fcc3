import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { type OfferDraft, readOffer, trustOfOffer, writeOffer } from '@sallyport/certs/offer.ts';
import { readReceivedFile, trustOfFile } from '@sallyport/certs/received-file.ts';
import { canonicalJson } from '@sallyport/shared/channel/snapshot.ts';
import { trustFingerprint } from '@sallyport/shared/x509/trust-fingerprint.ts';
import { offerDraft, offerKey, spkiOf } from './offer-files.ts';
import { COMPANY_DATES, derOf, openSslMissing, openssl } from './openssl.ts';

const KEY = offerKey();
const OTHER_KEY = offerKey();

let draft: OfferDraft;
let text: string;
before(async () => {
  draft = await offerDraft();
  text = written(draft);
});

function written(what: OfferDraft): string {
  const file = writeOffer(what, KEY.privateKeyPem);
  assert.ok(file.ok, JSON.stringify(file));
  return file.value;
}

/** The code of the fault, or `read`. */
function told(file: string, signingKeys: readonly string[] = []): string {
  const offer = readOffer(Buffer.from(file), signingKeys);
  return offer.ok ? 'read' : offer.error.code;
}

type Fields = Record<string, unknown>;

/** The file with other fields, signed anew: what a malicious or mistaken signer could send. */
function resigned(change: (document: Fields) => Fields): string {
  const { signature: _, ...document } = JSON.parse(text) as Fields;
  const changed = change(document);
  const octets = Buffer.from(`sallyport offer v1\n${canonicalJson(changed)}`);
  const signature = sign(null, octets, createPrivateKey(KEY.privateKeyPem)).toString('base64');
  return JSON.stringify({ ...changed, signature });
}

const withFields = (fields: Fields) => () => resigned((document) => ({ ...document, ...fields }));

const tampered: readonly (readonly [name: string, file: () => string, found: string])[] = [
  [
    'with another domain',
    () => text.replace('"acme.example"', '"evil.example"'),
    'offer-signature-wrong',
  ],
  [
    'with another sequence',
    () => text.replace('"sequence": 3', '"sequence": 4'),
    'offer-signature-wrong',
  ],
  [
    'with another key of the signer',
    () => text.replace(KEY.spki, OTHER_KEY.spki),
    'offer-signature-wrong',
  ],
  ['with a word more', () => text.replace('{', '{"more": 1,'), 'offer-malformed'],
  ['cut off', () => text.slice(0, -5), 'offer-malformed'],
  ['that is a list', () => '[]', 'offer-malformed'],
  ['signed again with an unknown key', withFields({ more: 1 }), 'offer-malformed'],
  [
    'signed again with another fingerprint',
    withFields({ fingerprint: '0'.repeat(64) }),
    'offer-inconsistent',
  ],
  [
    'signed again without what it refers to',
    withFields({ anchors: ['0'.repeat(64)] }),
    'offer-inconsistent',
  ],
  ['signed again with an anchor left out', withFields({ anchors: [] }), 'offer-inconsistent'],
  ['signed again with another PKCS#7', withFields({ pkcs7: ['MAA='] }), 'offer-inconsistent'],
  [
    'signed again with an end before its start',
    withFields({ expiresAt: '2026-01-01T00:00:00.000Z' }),
    'offer-inconsistent',
  ],
  [
    'signed again with a time that is none',
    withFields({ expiresAt: '2026-02-31T00:00:00.000Z' }),
    'offer-malformed',
  ],
  ['signed again with a sequence of 0', withFields({ sequence: 0 }), 'offer-malformed'],
  ['signed again without domains', withFields({ domains: [] }), 'offer-malformed'],
  [
    'signed again with a name that turns the writing',
    withFields({ contacts: [{ name: 'a\u202eb' }] }),
    'offer-malformed',
  ],
  [
    'signed again with a line feed in a name',
    withFields({ contacts: [{ name: 'a\nb' }] }),
    'offer-malformed',
  ],
  [
    'signed again with pins that shut its keys out',
    withFields({ pins: [Buffer.alloc(32, 1).toString('base64')] }),
    'offer-inconsistent',
  ],
  [
    'signed again with a key that is none',
    withFields({ signingKey: Buffer.alloc(44).toString('base64') }),
    'offer-signature-wrong',
  ],
  ['of a later format', withFields({ format: 'sallyport-offer-2' }), 'offer-version-unsupported'],
];

describe('signed offer', () => {
  it('is read as it was written', () => {
    const offer = readOffer(Buffer.from(text), []);
    assert.ok(offer.ok);
    const { certificates, signingKey, fingerprint, ...rest } = offer.value;
    assert.deepEqual(rest, draft);
    assert.equal(signingKey, KEY.spki);
    assert.equal(certificates.length, 2);
    assert.equal(fingerprint, trustFingerprint(trustOfOffer(offer.value)));
  });

  it('is mail-safe: lines under 80 characters but for names', () => {
    const long = text.split('\n').filter((line) => line.length > 100);
    assert.deepEqual(
      long.map((line) => line.trim().slice(0, 7)),
      ['"note":', '"signat'],
    );
  });

  it('says the same after other line ends and other spaces', () => {
    assert.equal(told(text.replace(/\n/g, '\r\n')), 'read');
    assert.equal(told(`\ufeff${JSON.stringify(JSON.parse(text))}`), 'read');
  });

  for (const [name, file, found] of tampered) {
    it(`${name}: ${found}`, () => assert.equal(told(file()), found));
  }

  it('has a fingerprint that depends on who signs', () => {
    const offer = readOffer(Buffer.from(written(draft)), []);
    assert.ok(offer.ok);
    const another = trustFingerprint(trustOfOffer({ ...offer.value, signingKey: OTHER_KEY.spki }));
    assert.notEqual(offer.value.fingerprint, another);
  });

  it('is signed by a key that is known, once there is one', () => {
    assert.equal(told(text, [KEY.spki]), 'read');
    assert.equal(told(text, [OTHER_KEY.spki, KEY.spki]), 'read');
    assert.equal(told(text, [OTHER_KEY.spki]), 'offer-signer-unknown');
  });

  it('is read among the files of a partner with what it offers to trust', () => {
    const file = readReceivedFile(Buffer.from(text));
    assert.ok(file.ok);
    assert.equal(file.value.format, 'sallyport');
    assert.deepEqual(
      file.value.anchors.map(({ der }) => der),
      draft.anchors,
    );
    assert.equal(file.value.leaves.length, 1);
    const fingerprint = trustFingerprint(trustOfFile(file.value));
    assert.equal(fingerprint, file.value.offer?.fingerprint);
  });

  it('with pins lets only these keys in', () => {
    const keys = draft.identities.flatMap((identity) => identity.keys.map(({ spki }) => spki));
    assert.equal(told(written({ ...draft, pins: keys })), 'read');
    const pinned = written({ ...draft, pins: [spkiOf(draft.anchors[0] as Buffer)] });
    assert.equal(told(pinned), 'read');
    const one = writeOffer({ ...draft, pins: keys.slice(0, 1) }, KEY.privateKeyPem);
    assert.equal(one.ok ? 'written' : one.error.code, 'offer-inconsistent');
  });
});

const unwritable: readonly (readonly [name: string, change: Partial<OfferDraft>])[] = [
  ['a domain in capitals', { domains: ['ACME.example'] }],
  ['a port of 0', { endpoints: [{ host: 'a', port: 0 }] }],
  ['an identity without a key', { identities: [{ name: 'main', serverNames: [], keys: [] }] }],
  ['a sequence of 0', { sequence: 0 }],
  ['nothing to trust', { anchors: [], identities: [] }],
];

describe('offer that would not be read', () => {
  for (const [name, change] of unwritable) {
    it(`${name}: is not written`, () => {
      assert.equal(writeOffer({ ...draft, ...change }, KEY.privateKeyPem).ok, false);
    });
  }

  it('a certificate of another key is not written', async () => {
    const stranger = await createAuthority({ commonName: 'x', ...COMPANY_DATES });
    const chain = [derOf(stranger.certificatePem)];
    const keys = [{ use: 'now' as const, spki: Buffer.alloc(32).toString('base64'), chain }];
    const identities = [{ name: 'main', serverNames: [], keys }];
    const file = writeOffer({ ...draft, identities }, KEY.privateKeyPem);
    assert.equal(file.ok ? 'written' : file.error.code, 'offer-inconsistent');
  });
});

describe('offer without the program', { skip: openSslMissing }, () => {
  it('its PEM and PKCS#7 lines open in openssl', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-offer-'));
    const document = JSON.parse(text) as { pem: string[]; pkcs7: string[] };
    writeFileSync(join(folder, 'all.pem'), document.pem.join('\n'));
    writeFileSync(join(folder, 'all.p7b'), Buffer.from(document.pkcs7.join(''), 'base64'));
    const pem = openssl(folder, 'storeutl', '-noout', '-text', 'all.pem').toString();
    const bag = ['pkcs7', '-inform', 'DER', '-in', 'all.p7b', '-print_certs', '-noout'];
    assert.match(pem, /Total found: 2/);
    assert.match(openssl(folder, ...bag).toString(), /CN ?= ?acme\.example[\s\S]*CN ?= ?Acme Root/);
    rmSync(folder, { recursive: true });
  });
});
