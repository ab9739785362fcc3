import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { matchesFingerprint, parseTypedFingerprint } from '@sallyport/certs/fingerprint.ts';
import { formatSpoken } from '@sallyport/certs/fingerprint-words.ts';
import { formatFingerprint } from '@sallyport/shared/x509/fingerprint-text.ts';

const HEX = createHash('sha256').update('a set').digest('hex');
const OTHER = createHash('sha256').update('another set').digest('hex');
const COLONS = (HEX.match(/../g) ?? []).join(':').toUpperCase();
const lastChanged = HEX.slice(0, -1) + (HEX.endsWith('0') ? '1' : '0');

const rows: readonly (readonly [name: string, text: string, method: string, matches: boolean])[] = [
  ['plain digits', HEX, 'fingerprint', true],
  ['digits in groups', formatFingerprint(HEX), 'fingerprint', true],
  ['digits as openssl prints them', COLONS, 'fingerprint', true],
  ['digits behind the name of the hash', `SHA256:${HEX}`, 'fingerprint', true],
  ['digits on two lines', `${HEX.slice(0, 32)}\n  ${HEX.slice(32)}\n`, 'fingerprint', true],
  ['the words', formatSpoken(HEX).join(' '), 'words', true],
  [
    'numbered words',
    formatSpoken(HEX)
      .map((w, n) => `${n + 1} ${w}`)
      .join(' '),
    'words',
    true,
  ],
  ['digits of another set', OTHER, 'fingerprint', false],
  ['digits that differ in the last place', lastChanged, 'fingerprint', false],
  ['words of another set', formatSpoken(OTHER).join(' '), 'words', false],
];

const unreadable: readonly (readonly [name: string, text: string, code: string])[] = [
  ['one digit less', HEX.slice(1), 'fingerprint-length-wrong'],
  ['one digit more', `${HEX}0`, 'fingerprint-length-wrong'],
  ['the first group alone', HEX.slice(0, 8), 'fingerprint-length-wrong'],
  ['nothing', '', 'words-count-wrong'],
  ['some text', 'it is all right', 'word-unknown'],
  ['a megabyte', 'x'.repeat(1_000_000), 'word-unknown'],
];

describe('fingerprint as typed', () => {
  for (const [name, text, method, matches] of rows) {
    it(`${name} ${matches ? 'match' : 'do not match'}`, () => {
      const typed = parseTypedFingerprint(text);
      assert.ok(typed.ok);
      assert.equal(typed.value.method, method);
      assert.equal(matchesFingerprint(typed.value, HEX), matches);
    });
  }

  for (const [name, text, code] of unreadable) {
    it(`${name}: ${code}`, () => {
      const typed = parseTypedFingerprint(text);
      assert.equal(typed.ok ? 'read' : typed.error.code, code);
    });
  }

  it('is never the same as no fingerprint, or as a part of one', () => {
    const typed = { method: 'fingerprint', hex: HEX } as const;
    assert.equal(matchesFingerprint(typed, ''), false);
    assert.equal(matchesFingerprint({ ...typed, hex: '' }, HEX), false);
    assert.equal(matchesFingerprint({ ...typed, hex: HEX.slice(0, 8) }, HEX), false);
  });

  it('is printed in groups of four', () => {
    assert.match(formatFingerprint(HEX), /^(?:[0-9a-f]{4} ){15}[0-9a-f]{4}$/);
  });
});
