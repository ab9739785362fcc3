import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { formatSpoken } from '@sallyport/certs/fingerprint-words.ts';
import { type Offer, readOffer, writeOffer } from '@sallyport/certs/offer.ts';
import { formatSheetHtml, formatSheetText, sheetCode } from '@sallyport/certs/offer-sheet.ts';
import { formatFingerprint } from '@sallyport/shared/x509/fingerprint-text.ts';
import { offerDraft, offerKey } from './offer-files.ts';

let offer: Offer;
before(async () => {
  const file = writeOffer(await offerDraft(), offerKey().privateKeyPem);
  assert.ok(file.ok);
  const read = readOffer(Buffer.from(file.value), []);
  assert.ok(read.ok);
  offer = read.value;
});

const FORMS = [
  ['text', formatSheetText],
  ['HTML', formatSheetHtml],
] as const;

describe('sheet of an offer', () => {
  for (const [form, format] of FORMS) {
    it(`${form}: says who, until when, and the fingerprint in digits and words`, () => {
      const sheet = format(offer).replace(/\s+/g, ' ');
      const wanted = [
        'acme-edge',
        'acme.example',
        'edge.acme.example:5061',
        'Ann Müller, ann@acme.example, +49 30 1234',
        '2026-07-01 00:00 UTC',
        'Acme Root',
        'With Sallyport',
        'Without Sallyport',
        formatFingerprint(offer.fingerprint),
        formatSpoken(offer.fingerprint).join(' '),
      ];
      assert.deepEqual(
        wanted.filter((text) => !sheet.includes(text)),
        [],
      );
    });

    it(`${form}: bears what is empty`, () => {
      const sheet = format({ ...offer, contacts: [], endpoints: [] });
      assert.match(sheet, /none given/);
      assert.match(sheet, /as DNS says/);
    });
  }

  it('HTML: whatever a name holds stays text', () => {
    const name = `<script>alert("1")</script>&'`;
    const sheet = formatSheetHtml({ ...offer, site: name, contacts: [{ name }], domains: [name] });
    assert.doesNotMatch(sheet, /<script|alert\("/);
    assert.match(sheet, /&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;&#39;/);
  });

  it('HTML: loads nothing from anywhere', () => {
    const sheet = formatSheetHtml(offer).replace('http://www.w3.org/2000/svg', '');
    assert.doesNotMatch(sheet, /https?:|src=|href=|url\(|@import/);
    assert.match(sheet, /default-src 'none'/);
  });

  it('HTML: the square code holds the fingerprint', () => {
    const svg = /<svg[\s\S]*<\/svg>/.exec(formatSheetHtml(offer))?.[0] ?? '';
    assert.equal(sheetCode(offer), `sallyport-fingerprint:v1:acme-edge:${offer.fingerprint}`);
    assert.ok(svg.includes(`aria-label="${sheetCode(offer)}"`));
    const side = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
    assert.equal((side - 8 - 17) % 4, 0, 'a whole version with its margin');
    assert.equal(finders(svg, side), 3, 'three corners');
  });

  it('text: shows no control characters', () => {
    const sheet = formatSheetText({ ...offer, contacts: [{ name: '\u001b[2J\u202e' }] });
    assert.match(sheet, /\?\[2J\?/);
    assert.doesNotMatch(sheet.replace(/\n/g, ''), /\p{C}/u);
  });
});

/** How many corners have the ring and core by which readers find the code. */
function finders(svg: string, side: number): number {
  const dark = new Set([...svg.matchAll(/M(\d+) (\d+)h1/g)].map(([, x, y]) => `${x},${y}`));
  const far = side - 4 - 7;
  return [
    [4, 4],
    [far, 4],
    [4, far],
  ].filter(([left = 0, top = 0]) => {
    const isDark = (x: number, y: number) => dark.has(`${left + x},${top + y}`);
    const ring = [0, 1, 2, 3, 4, 5, 6].every((n) => isDark(n, 0) && isDark(0, n) && isDark(n, 6));
    return ring && isDark(3, 3) && !isDark(1, 1) && !isDark(1, 3);
  }).length;
}
