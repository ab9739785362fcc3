import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createCertificateRequest } from '@sallyport/certs/certificate-request.ts';
import { checkInstalled, type InstallQuestion } from '@sallyport/certs/check-installed.ts';
import { encodePkcs7 } from '@sallyport/certs/pkcs7-export.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { offerDraft, spkiOf } from './offer-files.ts';
import {
  COMPANY_DATES,
  type CompanyFiles,
  companyFiles,
  derOf,
  openSslMissing,
  openssl,
} from './openssl.ts';
import { encodePkcs12 } from './pkcs12-writer.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;
const CLOCK_MARGIN_MS = 3_600_000;

let files: CompanyFiles;
/** A root that has nothing to do with it. */
let stranger: Buffer;
before(async () => {
  files = await companyFiles();
  stranger = (await offerDraft()).anchors[0] as Buffer;
});
after(() => files.remove());

function told(change: Partial<InstallQuestion>): string {
  const checked = checkInstalled({
    answer: encodePkcs7(files.ders),
    spki: spkiOf(files.ders[0]),
    anchors: [],
    domains: ['partner.example'],
    nowMs: NOW_MS,
    warnBeforeMs: 30 * DAY_MS,
    ...change,
  });
  if (!checked.ok) return checked.error.code;
  const { chain, anchor, problems } = checked.value;
  const names = [...chain, anchor].map((one) => one?.subjectCommonNames[0] ?? 'none');
  return [names.join(' < '), ...problems.map((one) => `${one.severity} ${one.code}`)].join(', ');
}

const GOOD = 'partner.example < Issuing CA < Root';
const of = (...places: readonly (0 | 1 | 2)[]) => encodePkcs7(places.map((n) => files.ders[n]));

type Row = readonly [name: string, change: () => Partial<InstallQuestion>, found: string];

const rows: readonly Row[] = [
  ['the whole chain', () => ({}), GOOD],
  [
    'the whole chain in PKCS#12',
    () => ({
      answer: encodePkcs12({ certificates: files.ders, friendlyName: '', password: 'p' }),
      password: 'p',
    }),
    GOOD,
  ],
  [
    'without its root, which is known',
    () => ({ answer: of(0, 1), anchors: [files.ders[2]] }),
    GOOD,
  ],
  [
    'without its root',
    () => ({ answer: of(0, 1) }),
    'partner.example < none, error chain-incomplete',
  ],
  [
    'the leaf alone',
    () => ({ answer: files.ders[0], anchors: [files.ders[2]] }),
    'partner.example < none, error chain-incomplete',
  ],
  [
    'the leaf alone below a known authority',
    () => ({ answer: files.ders[0], anchors: [files.ders[1]] }),
    'partner.example < Issuing CA',
  ],
  ['in the wrong order', () => ({ answer: of(2, 1, 0) }), `${GOOD}, note chain-order-wrong`],
  [
    'with a certificate too many',
    () => ({ answer: encodePkcs7([...files.ders, stranger]) }),
    `${GOOD}, note certificate-extra`,
  ],
  [
    'for another key',
    () => ({ spki: spkiOf(files.ders[1]).replace(/^./, '_') }),
    'none, error key-mismatch',
  ],
  [
    'for another domain',
    () => ({ domains: ['partner.example', 'b.example'] }),
    `${GOOD}, error domain-not-covered`,
  ],
  [
    'half an hour old',
    () => ({ nowMs: COMPANY_DATES.notBeforeMs + 1_800_000 }),
    `${GOOD}, note clock-margin`,
  ],
  ['an hour old', () => ({ nowMs: COMPANY_DATES.notBeforeMs + 3_600_000 }), GOOD],
  [
    'not yet valid',
    () => ({ nowMs: COMPANY_DATES.notBeforeMs - 1 }),
    `${GOOD}, warning not-yet-valid, warning not-yet-valid`,
  ],
  [
    'expired',
    () => ({ nowMs: COMPANY_DATES.notAfterMs + 1000 }),
    'partner.example < none, error expired, error path-refused',
  ],
  ['a letter', () => ({ answer: Buffer.from('Dear customer') }), 'file-format-unknown'],
  [
    'a known authority that is none',
    () => ({ anchors: [Buffer.from('x')] }),
    'file-format-unknown',
  ],
];

describe("a CA's answer", () => {
  for (const [name, change, found] of rows) {
    it(`${name}: ${found}`, () => assert.equal(told(change()), found));
  }

  for (const [usage, found] of [
    ['serverAuth', 'warning purpose-no-client'],
    ['serverAuth,clientAuth', ''],
    ['clientAuth', 'error path-refused'],
  ] as const) {
    it(`from openssl, good for ${usage}: ${found}`, { skip: openSslMissing }, async () => {
      const request = await createCertificateRequest({
        domains: ['partner.example'],
        kind: 'rsa-3072',
      });
      // openssl dates what it signs by the clock.
      const authorities = await companyFiles(validForDays(Date.now(), 60));
      const answer = signed(authorities, request.requestPem, usage);
      authorities.remove();
      const nowMs = Date.now() + 2 * CLOCK_MARGIN_MS;
      const checked = told({ answer, spki: request.spki, nowMs, warnBeforeMs: 0 });
      const [, ...others] = checked.split(', ');
      assert.equal(others.join(), found);
    });
  }
});

/** Lets openssl play the public CA: names by its own hand, purposes by its own rules. */
function signed(authorities: CompanyFiles, requestPem: string, usage: string): Buffer {
  const { folder, ca, ders } = authorities;
  writeFileSync(join(folder, 'made.csr'), requestPem);
  writeFileSync(join(folder, 'ca.key'), ca.privateKeyPem);
  writeFileSync(
    join(folder, 'ext'),
    `extendedKeyUsage=${usage}\nsubjectAltName=DNS:partner.example\n`,
  );
  const words = ['-in', 'made.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '77'];
  const leaf = openssl(
    folder,
    'x509',
    '-req',
    ...words,
    '-days',
    '9',
    '-sha256',
    '-extfile',
    'ext',
  );
  return encodePkcs7([derOf(leaf.toString()), ders[1], ders[2]]);
}
