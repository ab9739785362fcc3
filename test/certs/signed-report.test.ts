import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ReportDraft, verifyReport, writeReport } from '@sallyport/certs/signed-report.ts';
import { offerKey } from './offer-files.ts';

const KEY = offerKey();
const OTHER_KEY = offerKey();

const DRAFT: ReportDraft = {
  site: 'acme',
  domain: 'globex.example',
  madeAtMs: Date.UTC(2026, 5, 1, 12),
  steps: [
    {
      direction: 'outbound',
      step: 'our-certificate',
      target: '192.0.2.7:5061',
      expected: 'it takes our certificate',
      seen: 'REJECTED, TLS alert 48 unknown_ca',
      outcome: 'failed',
      code: 'tls-alert-48',
      ms: 12,
    },
    {
      direction: 'inbound',
      step: 'connections',
      expected: 'live connections',
      seen: '0 from it, 0 to it',
      outcome: 'ok',
      ms: 0,
    },
  ],
};

const TEXT = writeReport(DRAFT, KEY.privateKeyPem);
const SPKI = KEY.spki;

describe('a signed report', () => {
  it('is read as it was written, by its signer’s key or by the one within', () => {
    for (const keys of [[], [SPKI], [OTHER_KEY.spki, SPKI]]) {
      const read = verifyReport(Buffer.from(TEXT), keys);
      assert.deepEqual(read, { ok: true, value: { ...DRAFT, signingKey: SPKI } });
    }
  });

  it('of a signer that is not known is not believed', () => {
    const read = verifyReport(Buffer.from(TEXT), [OTHER_KEY.spki]);
    assert.deepEqual(read, { ok: false, error: 'report-signer-unknown' });
  });

  it('with fields in another order and other white space is the same report', () => {
    const turned = Object.fromEntries(Object.entries(JSON.parse(TEXT) as object).toReversed());
    assert.ok(verifyReport(Buffer.from(JSON.stringify(turned)), [SPKI]).ok);
  });

  //  what was changed                    how                                           fault
  const changes: readonly (readonly [string, (text: string) => string, string])[] = [
    ['what was seen', (text) => text.replace('REJECTED', 'ACCEPTED'), 'report-signature-wrong'],
    ['an outcome', (text) => text.replace('"failed"', '"ok"'), 'report-signature-wrong'],
    ['the time', (text) => text.replace('2026-06-01', '2026-06-02'), 'report-signature-wrong'],
    ['the note', (text) => text.replace('What we', 'What you'), 'report-signature-wrong'],
    ['the key', (text) => text.replace(SPKI, OTHER_KEY.spki), 'report-signature-wrong'],
    ['the key, to none', (text) => text.replace(SPKI, 'AAAA'), 'report-signature-wrong'],
    [
      'the signature',
      (text) => text.replace(/("signature": ").{4}/, '$1AAAA'),
      'report-signature-wrong',
    ],
    ['the format', (text) => text.replace('report-1', 'report-2'), 'report-malformed'],
    ['a step', (text) => text.replace('"ms": 12', '"ms": -1'), 'report-malformed'],
    ['more in it', (text) => text.replace('{', '{"more": 1,'), 'report-malformed'],
    [
      'a month that is none',
      (text) => text.replace('2026-06-01', '2026-13-01'),
      'report-signature-wrong',
    ],
    ['the end', (text) => text.slice(0, -20), 'report-malformed'],
    ['its size', (text) => text + ' '.repeat(1_048_576), 'report-malformed'],
  ];
  for (const [what, how, fault] of changes) {
    it(`is refused when somebody changed ${what}`, () => {
      const changed = how(TEXT);
      assert.notEqual(changed, TEXT);
      assert.deepEqual(verifyReport(Buffer.from(changed), []), { ok: false, error: fault });
    });
  }

  it('is not written where it could not be read', () => {
    const unreadable = { ...DRAFT, domain: 'not a domain' };
    assert.throws(() => writeReport(unreadable, KEY.privateKeyPem), /nobody could read/);
  });
});
