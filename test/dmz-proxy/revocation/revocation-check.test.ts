import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Counters } from '@sallyport/dmz-proxy/counters.ts';
import { RevocationCheck } from '@sallyport/dmz-proxy/revocation/revocation-check.ts';
import { ok } from '@sallyport/shared/result.ts';
import { derOf, leafAt, listPem, namesake, partnerWith, pathOf } from './list-stage.ts';

const NOW_MS = Date.now();
const URI = 'http://lists.example/1';
const leaf = await leafAt(URI);
const path = pathOf(leaf);
const empty = await listPem();
const revoking = await listPem({ revoked: [leaf], thisUpdateMs: NOW_MS - 1000 });
const forged = await listPem({ by: namesake, revoked: [leaf] });
const REVOKED_AT = new Date(Math.floor((NOW_MS - 1000) / 1000) * 1000).toISOString();

describe('what is known of a partner’s certificates', () => {
  let nowMs: number;
  let fetches: number;
  let served: string;
  let lines: unknown[];
  let counters: Counters;
  let check: RevocationCheck;
  beforeEach(() => {
    nowMs = 0;
    fetches = 0;
    served = empty;
    lines = [];
    counters = new Counters();
    check = new RevocationCheck({
      fetch: () => {
        fetches++;
        return Promise.resolve(ok(derOf(served)));
      },
      nowMs: () => nowMs,
      wallMs: () => NOW_MS,
      log: { warn: (event, fields) => lines.push([event, fields]) },
      counters,
    });
  });

  const serial = leaf.serialHex;
  const unknown = (code: string) => ['revocation-unknown', { partner: 'globex', code, serial }];
  const ignored = (code: string) => [
    'revocation-list-ignored',
    { partner: 'globex', code, list: 0 },
  ];
  const revoked = [
    'certificate-revoked',
    { partner: 'globex', code: 'keyCompromise', serial, revokedAt: REVOKED_AT },
  ];
  const rows: readonly (readonly [string, readonly string[], string, readonly unknown[]])[] = [
    ['a list without it', [empty], 'good', []],
    ['a list with it', [revoking], 'revoked', [revoked]],
    ['no list', [], 'unknown', [unknown('list-missing')]],
    [
      'no list that can be read',
      ['x'],
      'unknown',
      [ignored('list-malformed'), unknown('list-missing')],
    ],
    [
      'a forged list',
      [forged],
      'unknown',
      [ignored('list-signature-bad'), unknown('list-signature-bad')],
    ],
    ['a forged list beside a true one', [forged, empty], 'good', [ignored('list-signature-bad')]],
  ];
  for (const [name, lists, verdict, expected] of rows) {
    it(`by the snapshot, ${name}: ${verdict}`, () => {
      const partner = partnerWith({ fetch: false, lists });
      assert.equal(check.of(path, partner, NOW_MS), verdict);
      assert.deepEqual(lines, expected);
      assert.equal(fetches, 0);
    });
  }

  it('is fetched without waiting where the partner’s settings say so', async () => {
    const partner = partnerWith({});
    assert.equal(check.of(path, partner, NOW_MS), 'unknown');
    await new Promise(setImmediate);
    assert.equal(check.of(path, partner, NOW_MS), 'good');
    served = revoking;
    nowMs += 86_400_000;
    check.sweep({ byId: new Map([['globex', partner]]) });
    await new Promise(setImmediate);
    assert.equal(check.of(path, partner, NOW_MS), 'revoked');
    assert.equal(fetches, 2);
  });

  const kept = [
    ['fetches', partnerWith({}), 2],
    ['does not', partnerWith({ fetch: false }), 1],
    ['looks into nothing', partnerWith({ mode: 'off' }), 1],
    ['is none', undefined, 1],
  ] as const;
  for (const [name, later, expected] of kept) {
    it(`is refreshed ${expected - 1} times for a partner who later ${name}`, async () => {
      check.of(path, partnerWith({}), NOW_MS);
      await new Promise(setImmediate);
      nowMs += 86_400_000;
      check.sweep({ byId: new Map(later === undefined ? [] : [['globex', later]]) });
      assert.equal(fetches, expected);
    });
  }

  it('is written once in ten minutes and counted each time', () => {
    const partner = partnerWith({ fetch: false });
    for (const atMs of [0, 1, 599_999]) {
      nowMs = atMs;
      check.of(path, partner, NOW_MS);
    }
    assert.equal(lines.length, 1);
    nowMs = 600_000;
    check.of(path, partner, NOW_MS);
    assert.equal(lines.length, 2);
    assert.deepEqual(counters.read(), { 'revocation-unknown:list-missing': 4 });
  });
});
