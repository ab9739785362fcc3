import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AnswerCache } from '@sallyport/dmz-proxy/dns/answer-cache.ts';
import type { DnsAnswer, DnsQuestion } from '@sallyport/shared/net/dns-record.ts';

const A: DnsQuestion = { type: 'A', name: 'x.example' };
const ADDRESSES: DnsAnswer = { kind: 'addresses', addresses: ['192.0.2.1'] };

const MIB = 1_048_576;
const FOUR = { entries: 4, bytes: MIB };

/** As large as the owner of a zone can make one. */
function naptr(): DnsAnswer {
  const text = 'x'.repeat(255);
  const record = { order: 1, preference: 1, flags: text, service: text, regexp: text };
  return { kind: 'naptr', records: Array(32).fill({ ...record, replacement: text }) };
}

describe('DNS answer cache', () => {
  //  answer              ttl ms      life ms
  const rows: readonly (readonly [DnsAnswer, number | undefined, number])[] = [
    [ADDRESSES, 0, 0],
    [ADDRESSES, 1000, 1000],
    [ADDRESSES, 604_800_000, 3_600_000],
    [{ kind: 'srv', records: [] }, undefined, 30_000],
    [{ kind: 'naptr', records: [] }, undefined, 30_000],
    [{ kind: 'none' }, undefined, 30_000],
    [{ kind: 'failed' }, undefined, 3000],
  ];
  for (const [answer, ttlMs, lifeMs] of rows) {
    it(`${answer.kind} with TTL ${ttlMs} ms is believed for ${lifeMs} ms`, () => {
      const cache = new AnswerCache(FOUR);
      cache.keep(A, answer, ttlMs, 500);
      assert.equal(cache.find(A, 500 + lifeMs - 1), lifeMs > 0 ? answer : undefined);
      assert.equal(cache.find(A, 500 + lifeMs), undefined);
      assert.equal(cache.size, 0);
    });
  }

  it('keeps types of one name apart', () => {
    const cache = new AnswerCache(FOUR);
    cache.keep(A, ADDRESSES, 1000, 0);
    assert.equal(cache.find({ type: 'AAAA', name: 'x.example' }, 0), undefined);
  });

  it('an answer that may not be kept replaces one that could', () => {
    const cache = new AnswerCache(FOUR);
    cache.keep(A, ADDRESSES, 1000, 0);
    cache.keep(A, ADDRESSES, 0, 0);
    assert.equal(cache.find(A, 0), undefined);
  });

  it('when full the longest held goes', () => {
    const cache = new AnswerCache({ entries: 2, bytes: MIB });
    const names = ['a.example', 'b.example', 'c.example'];
    for (const name of names) cache.keep({ type: 'A', name }, ADDRESSES, 1000, 0);
    assert.equal(cache.size, 2);
    const held = names.map((name) => cache.find({ type: 'A', name }, 0) !== undefined);
    assert.deepEqual(held, [false, true, true]);
  });

  it('when their texts are too many the longest held go, and what is forgotten counts no more', () => {
    const cache = new AnswerCache({ entries: 10_000, bytes: MIB });
    const large = naptr();
    const question = (at: number): DnsQuestion => ({ type: 'NAPTR', name: `${at}.example` });
    for (let at = 0; at < 1000; at++) cache.keep(question(at), large, undefined, 0);
    const held = cache.size;
    assert.ok(held > 10 && held * 32 * 4 * 255 < MIB, String(held));
    assert.equal(cache.find(question(999 - held), 0), undefined);
    assert.equal(cache.find(question(1000 - held), 0), large);
    for (let turn = 0; turn < 100; turn++) cache.keep(question(999), large, undefined, 0);
    assert.equal(cache.size, held);
    for (let at = 0; at < 1000; at++) cache.find(question(at), 30_000);
    assert.equal(cache.size, 0);
    for (let at = 0; at < held; at++) cache.keep(question(at), large, undefined, 0);
    assert.equal(cache.size, held);
  });
});
