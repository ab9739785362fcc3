import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import { RevocationCheck } from '@sallyport/dmz-proxy/identity/revocation/revocation-check.ts';
import type { Staple } from '@sallyport/dmz-proxy/identity/revocation/staple.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import type { Path } from '@sallyport/shared/x509/path.ts';
import { derOf, issuer, leafAt, listPem, namesake, partnerWith, pathOf } from './list-stage.ts';

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

  const HOUR_MS = 3_600_000;
  const issuerKey = path.chain[1]?.spkiSha256;
  const stapled = (status: Staple['status']): Staple => ({ issuerKey, status });
  const nextUpdateMs = NOW_MS + HOUR_MS;
  const good = stapled(ok({ kind: 'good', nextUpdateMs }));
  const bad = stapled(
    ok({ kind: 'revoked', reason: 'superseded', revokedAtMs: NOW_MS, nextUpdateMs }),
  );
  const missing = stapled(err('ocsp-missing'));
  const forgedStaple = stapled(err('ocsp-signature-bad'));
  const past = stapled(ok({ kind: 'good', nextUpdateMs: NOW_MS - 1 }));
  const features = { ...leaf.extensions, tlsFeatures: [5] };
  const bound = { ...leaf, extensions: features };
  const boundPath: Path = { ...path, leaf: bound, chain: [bound, issuer] };
  const told = (event: string, code: string) => `${event}:${code}`;
  const required = told('revocation-unknown', 'staple-required');
  //  lists         staple         may do without             bound to staple
  const combined: readonly (readonly [
    string,
    readonly string[],
    Staple | undefined,
    readonly [string, ...string[]],
    readonly [string, ...string[]],
  ])[] = [
    ['no list, good', [], good, ['good'], ['good']],
    ['a good list, good', [empty], good, ['good'], ['good']],
    [
      'a list that revokes, good',
      [revoking],
      good,
      ['revoked', told('certificate-revoked', 'keyCompromise')],
      ['revoked', told('certificate-revoked', 'keyCompromise')],
    ],
    [
      'no list, revoked',
      [],
      bad,
      ['revoked', told('certificate-revoked', 'superseded')],
      ['revoked', told('certificate-revoked', 'superseded')],
    ],
    [
      'a good list, revoked',
      [empty],
      bad,
      ['revoked', told('certificate-revoked', 'superseded')],
      ['revoked', told('certificate-revoked', 'superseded')],
    ],
    ['a good list, none', [empty], missing, ['good'], ['unknown', required]],
    [
      'no list, none',
      [],
      missing,
      ['unknown', told('revocation-unknown', 'list-missing')],
      ['unknown', required],
    ],
    [
      'a good list, a forged one',
      [empty],
      forgedStaple,
      ['good', told('staple-ignored', 'ocsp-signature-bad')],
      ['unknown', required, told('staple-ignored', 'ocsp-signature-bad')],
    ],
    [
      'no list, one past its end',
      [],
      past,
      [
        'unknown',
        told('revocation-unknown', 'list-missing'),
        told('staple-ignored', 'ocsp-expired'),
      ],
      ['unknown', required, told('staple-ignored', 'ocsp-expired')],
    ],
    ['a good list, a client', [empty], undefined, ['good'], ['good']],
    [
      'no list, a client',
      [],
      undefined,
      ['unknown', told('revocation-unknown', 'list-missing')],
      ['unknown', told('revocation-unknown', 'list-missing')],
    ],
  ];
  for (const [name, lists, staple, free, held] of combined) {
    for (const [whose, shown, [verdict, ...counted]] of [
      ['that may do without', path, free],
      ['bound to staple', boundPath, held],
    ] as const) {
      it(`by list and staple, ${name}, of a certificate ${whose}: ${verdict}`, () => {
        const partner = partnerWith({ fetch: false, lists });
        assert.equal(check.of(shown, partner, NOW_MS, staple), verdict);
        assert.deepEqual(Object.keys(counters.read()).sort(), counted);
        assert.equal(lines.length, counted.length);
      });
    }
  }

  it('is nothing that a leaf without an issuer must staple', () => {
    const pinned: Path = { ...boundPath, chain: [bound] };
    assert.equal(check.of(pinned, partnerWith({ fetch: false }), NOW_MS, missing), 'good');
  });

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
