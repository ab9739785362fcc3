import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusalOf, utcText } from '@sallyport/app-gateway/domain/exchange/exchange-refusal.ts';
import { REFUSAL_TEXTS } from '@sallyport/app-gateway/domain/exchange/refusal-texts.ts';

describe('a refusal', () => {
  it('says what is wrong and what to do, with its facts', () => {
    const facts = { identity: 'main', key: 'k2', partners: ['a', 'b'] };
    assert.deepEqual(refusalOf('partners-not-told', facts), {
      code: 'partners-not-told',
      message: 'main/k2 is not known to: a, b',
      next: 'send each an offer first, or an officer activates it by force',
      detail: facts,
    });
  });

  it('does not fill in what a fact says', () => {
    const facts = { domain: '{owner}', owner: '$&', claimant: 'x' };
    assert.equal(
      refusalOf('domains-overlap', facts).message,
      '{owner} belongs to $&, and x claims it too',
    );
  });
});

describe('every refusal', () => {
  for (const [code, [message, next]] of Object.entries(REFUSAL_TEXTS)) {
    it(`${code} says what, and what to do`, () => {
      assert.match(code, /^[a-z]+(?:-[a-z]+)*$/);
      for (const text of [message, next]) {
        assert.ok(text.length > 2);
        assert.doesNotMatch(text.replace(/\{[a-zA-Z]+\}/g, ''), /[{}]/);
      }
    });
  }
});

describe('a time in words', () => {
  for (const [timeMs, expected] of [
    [0, '1970-01-01 00:00 UTC'],
    [Number.NaN, 'no date'],
    [Infinity, 'no date'],
    [8.65e15, 'no date'],
  ] as const) {
    it(`${timeMs}: ${expected}`, () => assert.equal(utcText(timeMs), expected));
  }
});
