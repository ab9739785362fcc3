import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ExpiryWatch } from '@sallyport/app-gateway/commands/expiry-watch.ts';
import type { StateStore } from '@sallyport/app-gateway/ports/state-store.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { identity, identityKey, program } from '../domain/exchange/exchange-fixture.ts';
import { memoryStore } from '../ledger/memory-ledger.ts';

const DAY_MS = 86_400_000;
const END_MS = Date.UTC(2026, 5, 1);

describe('the watch over what ends', () => {
  let store: StateStore;
  let nowMs = END_MS - 90 * DAY_MS;
  const warnings: string[] = [];
  const failures: string[] = [];
  const watchOver = (over: StateStore) =>
    new ExpiryWatch({
      store: over,
      node: 'gateway-1',
      channelCertificateDays: () => 7,
      held: () => [],
      nowMs: () => nowMs,
      warned: ({ subject, severity }) => warnings.push(`${subject} ${severity}`),
      failed: (code) => failures.push(code),
    });

  before(async () => {
    store = await memoryStore();
    const key = identityKey('k1', 'active', { notAfterMs: END_MS });
    const { author } = program;
    const event = {
      atMs: nowMs,
      author,
      kind: 'imported',
      subject: 'identity/main',
      detail: {},
    } as const;
    const change = { identities: [identity('main', [key])], events: [event] } as const;
    assert.ok((await store.commit(0, change, nowMs)).ok);
  });
  after(() => store.close());

  const rows = [
    [90, undefined],
    [60, 'days-60'],
    [31, undefined],
    [30, 'days-30'],
    [14, 'days-14'],
    [7, 'days-7'],
    [1, undefined],
    [-1, 'expired'],
    [-9, undefined],
  ] as const;
  for (const [daysLeft, severity] of rows) {
    it(`${daysLeft} days before the end: ${severity ?? 'nothing new'}`, async () => {
      nowMs = END_MS - daysLeft * DAY_MS;
      const watch = watchOver(store);
      await watch.look();
      await watch.look();
      const said = severity === undefined ? [] : [`identity/main ${severity}`];
      assert.deepEqual([warnings.splice(0), failures], [said, []]);
    });
  }

  it('leaves each warning in the history, by the gateway', async () => {
    const events = await store.events({ subject: 'identity/main', limit: 100 });
    assert.ok(events.ok);
    const kinds = events.value.filter(({ kind }) => kind === 'expiry-warning');
    assert.deepEqual(
      kinds.map(({ author, detail }) => [author.kind, detail['severity']]),
      ['expired', 'days-7', 'days-14', 'days-30', 'days-60'].map((word) => ['program', word]),
    );
  });

  it('counts what is near, for monitors', async () => {
    const watch = watchOver(store);
    nowMs = END_MS - 10 * DAY_MS;
    await watch.look();
    assert.equal(watch.counts['days-14'], 1);
    nowMs = END_MS + DAY_MS;
    await watch.look();
    assert.deepEqual([watch.counts['days-14'], watch.counts.expired], [0, 1]);
  });

  it('says it once without a history, for that cannot be written', async () => {
    nowMs = END_MS - 5 * DAY_MS;
    const files = {
      load: () => store.load(),
      sightings: () => Promise.resolve(ok([])),
      events: () => Promise.resolve(ok([])),
      commit: () => Promise.resolve(err({ code: 'read-only' })),
    } as unknown as StateStore;
    const watch = watchOver(files);
    await watch.look();
    await watch.look();
    assert.deepEqual([warnings.splice(0), failures], [['identity/main days-7'], []]);
    nowMs = END_MS + DAY_MS;
    await watch.look();
    assert.deepEqual([warnings.splice(0), failures], [['identity/main expired'], []]);
  });

  it('says when it cannot look or write', async () => {
    const unavailable = err({ code: 'unavailable', reason: 'gone' } as const);
    await watchOver({ ...store, load: () => Promise.resolve(unavailable) } as StateStore).look();
    assert.deepEqual(failures.splice(0), ['unavailable']);
  });
});
