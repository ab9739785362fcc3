import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FeedPages } from '@sallyport/app-gateway/adapters/syslog/feed-pages.ts';
import { Ledger } from './feed-stage.ts';
import { cutMessages } from './syslog-server.ts';

function pagesOf(records: number, over: object = {}) {
  const ledger = new Ledger();
  ledger.add(records);
  const pages = new FeedPages({ ledger, format: 'cef', programVersion: '0.4.0', ...over });
  const read = async (from: number) => {
    const batch = await pages.batch(from);
    assert.ok(batch.ok);
    if (batch.value === undefined) return undefined;
    const { octets, next, missing } = batch.value;
    return { messages: cutMessages(octets).messages.length, next, missing };
  };
  return { ledger, pages, read };
}

describe('pages of the ledger for a feed', () => {
  //  records, from, what is read
  for (const [records, from, expected] of [
    [0, 0, undefined],
    [1, 0, { messages: 1, next: 1, missing: 0 }],
    [1, 1, undefined],
    [100, 0, { messages: 100, next: 100, missing: 0 }],
    [101, 0, { messages: 100, next: 100, missing: 0 }],
    [101, 100, { messages: 1, next: 101, missing: 0 }],
  ] as const) {
    it(`${records} records from place ${from}`, async () => {
      assert.deepEqual(await pagesOf(records).read(from), expected);
    });
  }

  it('count what was dropped, and go to the end of a dropped day at once', async () => {
    const { ledger, read } = pagesOf(1000);
    for (let index = 0; index < 950; index++) ledger.dropped.add(index);
    assert.deepEqual(await read(0), { messages: 0, next: 950, missing: 950 });
    assert.deepEqual(await read(900), { messages: 50, next: 1000, missing: 50 });
  });

  it('are read five at a time, and again when the feed goes back', async () => {
    const { ledger, read } = pagesOf(1150);
    const asked: (readonly [number, number])[] = [];
    const entries = ledger.entries.bind(ledger);
    ledger.entries = (from, to) => {
      asked.push([from, to]);
      return entries(from, to);
    };
    let from = 0;
    for (let at = 0; at < 12; at++) from = (await read(from))?.next ?? 0;
    assert.equal(from, 1150);
    assert.equal(await read(from), undefined);
    ledger.add(3);
    assert.deepEqual(await read(from), { messages: 3, next: 1153, missing: 0 });
    assert.deepEqual(await read(120), { messages: 100, next: 220, missing: 0 });
    assert.deepEqual(asked, [
      [0, 500],
      [500, 1000],
      [1000, 1150],
      [1150, 1153],
      [120, 620],
    ]);
  });

  it('pass over types that are not wanted', async () => {
    const { read } = pagesOf(10, { types: ['message-refused'] });
    assert.deepEqual(await read(0), { messages: 5, next: 10, missing: 0 });
  });

  it('are none of a ledger that ends before, or does not answer', async () => {
    const { ledger, pages } = pagesOf(5);
    assert.deepEqual(await pages.batch(6), { ok: false, error: 'shorter' });
    assert.deepEqual(await pages.count(5), { ok: true, value: 0 });
    ledger.isUp = false;
    assert.deepEqual(await pages.batch(0), { ok: false, error: 'unavailable' });
  });
});
