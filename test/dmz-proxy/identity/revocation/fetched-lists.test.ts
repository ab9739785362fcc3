import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import type { Partner } from '@sallyport/dmz-proxy/identity/partner.ts';
import type { FetchFault } from '@sallyport/dmz-proxy/identity/revocation/fetch-list.ts';
import { FetchedLists } from '@sallyport/dmz-proxy/identity/revocation/fetched-lists.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import type { RevocationList } from '@sallyport/shared/x509/revocation-list.ts';
import { derOf, issuer, leafAt, listPem, longList, namesake, partnerWith } from './list-stage.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Lists know seconds only. */
const WALL_MS = Math.floor(Date.now() / 1000) * 1000;
const URI = 'http://lists.example/1';
const leaf = await leafAt(URI);
const globex = partnerWith({});
const initech = partnerWith({}, 'initech');

const inHours = async (hours: number) =>
  derOf(await listPem({ thisUpdateMs: WALL_MS, nextUpdateMs: WALL_MS + hours * HOUR_MS }));
const list = await inHours(4);
const soonOver = await inHours(0.01);
const longLasting = await inHours(1000);
const forged = derOf(await listPem({ by: namesake }));
const older = derOf(
  await listPem({ thisUpdateMs: WALL_MS - 1000, nextUpdateMs: WALL_MS + 4 * HOUR_MS }),
);
const newer = derOf(
  await listPem({ thisUpdateMs: WALL_MS + 1000, nextUpdateMs: WALL_MS + 4 * HOUR_MS }),
);

/** A certificate like the leaf that names other places; only what is read of it matters here. */
function at(...uris: readonly string[]): Certificate {
  const revocationPoints = uris.map((text) => ({ kind: 'uri' as const, text }));
  return { ...leaf, extensions: { ...leaf.extensions, revocationPoints } };
}

describe('lists fetched from where certificates name them', () => {
  let nowMs: number;
  let asked: string[];
  let running: Map<string, (result: Result<Buffer, FetchFault>) => void>;
  let lines: unknown[];
  let counters: Counters;
  let lists: FetchedLists;
  beforeEach(() => {
    nowMs = 1000;
    asked = [];
    running = new Map();
    lines = [];
    counters = new Counters();
    lists = new FetchedLists({
      fetch: (uri, partner) => {
        asked.push(`${partner.id} ${uri}`);
        return new Promise((resolve) => running.set(uri, resolve));
      },
      nowMs: () => nowMs,
      wallMs: () => WALL_MS,
      log: { warn: (event, fields) => lines.push([event, fields]) },
      counters,
    });
  });

  async function answered(uri: string, result: Result<Buffer, FetchFault>): Promise<void> {
    const answer = running.get(uri);
    assert.ok(answer, `${uri} is not asked for`);
    running.delete(uri);
    answer(result);
    await new Promise(setImmediate);
  }

  const of = (certificate = leaf, partner: Partner = globex): readonly RevocationList[] =>
    lists.of(certificate, issuer, partner);

  it('are nothing at first, and there once they have come', async () => {
    assert.deepEqual(of(), []);
    assert.deepEqual(of(), []);
    assert.deepEqual(asked, [`globex ${URI}`]);
    await answered(URI, ok(list));
    assert.deepEqual(
      of().map(({ der }) => der),
      [list],
    );
    assert.deepEqual(asked, [`globex ${URI}`]);
    assert.deepEqual(counters.read(), { 'revocation-list-fetched': 1 });
  });

  const refusals: readonly (readonly [string, Result<Buffer, FetchFault>, string])[] = [
    ['no answer', err('timeout'), 'timeout'],
    ['no list', ok(Buffer.from('<html>')), 'list-malformed'],
    ['of another issuer’s key', ok(forged), 'list-signature-bad'],
  ];
  for (const [name, answer, code] of refusals) {
    it(`are not kept and reported: ${name}`, async () => {
      of();
      await answered(URI, answer);
      assert.deepEqual(of(), []);
      const fields = { partner: 'globex', host: 'lists.example', code };
      assert.deepEqual(lines, [['revocation-list-refused', fields]]);
      assert.deepEqual(counters.read(), { [`revocation-list-refused:${code}`]: 1 });
    });
  }

  it('are asked for again with back-off from 30 seconds to an hour', async () => {
    of();
    const waits = [30_000, 60_000, 120_000, 240_000, 480_000, 960_000, 1_920_000, 3_600_000];
    for (const waitMs of [...waits, 3_600_000]) {
      await answered(URI, err('status'));
      nowMs += waitMs - 1;
      of();
      assert.equal(running.size, 0, `${waitMs}`);
      nowMs += 1;
      of();
      assert.equal(running.size, 1, `${waitMs}`);
    }
    await answered(URI, ok(list));
    nowMs += 3 * HOUR_MS;
    of();
    await answered(URI, err('status'));
    assert.equal(of().length, 1, 'what is there stays');
    nowMs += 30_000;
    of();
    assert.equal(running.size, 1, 'a success begins anew');
  });

  const refreshes = [
    ['three quarters of its time', list, 3 * HOUR_MS],
    ['five minutes at least', soonOver, 5 * MINUTE_MS],
    ['a day at most', longLasting, DAY_MS],
  ] as const;
  for (const [name, der, waitMs] of refreshes) {
    it(`are refreshed by themselves after ${name}`, async () => {
      of();
      await answered(URI, ok(der));
      nowMs += waitMs - 1;
      of();
      lists.sweep(() => true);
      assert.equal(running.size, 0);
      nowMs += 1;
      lists.sweep(() => true);
      assert.equal(running.size, 1);
      assert.equal(of().length, 1);
    });
  }

  it('never go back to an older one', async () => {
    for (const [der, kept] of [
      [list, list],
      [older, list],
      [list, list],
      [newer, newer],
    ] as const) {
      of();
      await answered(URI, ok(der));
      assert.deepEqual(of()[0]?.der, kept);
      nowMs += DAY_MS;
    }
    assert.equal(counters.read()['revocation-list-refused:list-older'], 1);
  });

  it('are kept apart by issuer', async () => {
    of();
    await answered(URI, ok(list));
    const other = { ...issuer, spkiSha256: 'other' };
    assert.deepEqual(lists.of(leaf, other, globex), []);
    assert.equal(lists.size, 2);
  });

  it('are forgotten when nobody used them for a day, or their partner has none fetched', async () => {
    of();
    await answered(URI, ok(list));
    lists.sweep((id) => id === 'globex');
    nowMs += DAY_MS;
    lists.sweep(() => true);
    assert.equal(lists.size, 1);
    await answered(URI, ok(list));
    nowMs += 1;
    lists.sweep(() => true);
    assert.equal(lists.size, 0);
    of();
    await answered(URI, ok(list));
    lists.sweep((id) => id !== 'globex');
    assert.equal(lists.size, 0);
  });

  it('come from four http addresses of a certificate at most', () => {
    const uris = [
      'ldap://a/',
      'https://a/',
      ...Array.from({ length: 6 }, (_, n) => `http://h${n}/`),
    ];
    of(at(...uris));
    assert.equal(lists.size, 4);
  });

  it('are fetched four at once, two for a partner, one at a host', async () => {
    const partners = ['a', 'b', 'c'].map((id) => partnerWith({}, id)) as [
      Partner,
      Partner,
      Partner,
    ];
    const [a, b, c] = partners;
    of(at('http://one/1', 'http://one/2', 'http://two/', 'http://three/'), a);
    assert.deepEqual(asked, ['a http://one/1', 'a http://two/']);
    of(at('http://one/3', 'http://four/'), b);
    of(at('http://five/'), c);
    of(at('http://six/'), c);
    assert.deepEqual(asked.slice(2), ['b http://four/', 'c http://five/']);
    await answered('http://one/1', err('status'));
    assert.deepEqual(asked.slice(4), ['a http://one/2']);
    await answered('http://two/', err('status'));
    assert.deepEqual(asked.slice(5), ['a http://three/']);
    await answered('http://one/2', err('status'));
    assert.deepEqual(asked.slice(6), ['b http://one/3']);
  });

  it('are fetched 32 times for a partner, and then once in ten seconds', async () => {
    for (let n = 0; n < 40; n++) {
      of(at(`http://h${n}/`));
      if (running.has(`http://h${n}/`)) await answered(`http://h${n}/`, err('status'));
    }
    assert.equal(asked.length, 32);
    nowMs += 9999;
    lists.sweep(() => true);
    assert.equal(asked.length, 32);
    nowMs += 1;
    lists.sweep(() => true);
    lists.sweep(() => true);
    assert.equal(asked.length, 33);
    of(at('http://h0/'), initech);
    assert.equal(asked.length, 34);
  });

  it('are sixteen of a partner, and others’ stay', async () => {
    of(leaf, initech);
    await answered(URI, ok(list));
    for (let n = 0; n < 40; n++) {
      of(at(`http://h${n}/`));
      if (running.has(`http://h${n}/`)) await answered(`http://h${n}/`, err('status'));
    }
    assert.equal(lists.size, 17);
    assert.equal(of(leaf, initech).length, 1);
  });

  it('are 24 MiB of a partner: the one unused for longest goes', async () => {
    const big = await longList(9_000_000);
    for (const n of [1, 2, 3, 1, 4]) {
      of(at(`http://h${n}/`));
      if (running.has(`http://h${n}/`)) await answered(`http://h${n}/`, ok(big));
    }
    assert.deepEqual(
      asked.map((line) => line.slice(-3, -1)),
      ['h1', 'h2', 'h3', 'h1', 'h4'],
    );
  });

  it('are 256 in all', () => {
    for (let n = 0; n < 300; n++) of(at(`http://h${n}/`), partnerWith({}, `p${n}`));
    assert.equal(lists.size, 256);
  });
});
