import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  acceptSnapshot,
  canonicalJson,
  type SnapshotMark,
} from '@sallyport/shared/channel/snapshot.ts';
import fc from 'fast-check';

const CURRENT: SnapshotMark = { version: 5, digest: 'aa' };

//  current     offered                          verdict
const table: readonly (readonly [SnapshotMark | undefined, SnapshotMark, string])[] = [
  [undefined, { version: 1, digest: 'bb' }, 'accept'],
  [CURRENT, { version: 6, digest: 'bb' }, 'accept'],
  [CURRENT, { version: 6, digest: 'aa' }, 'accept'],
  [CURRENT, { version: 5, digest: 'aa' }, 'same'],
  [CURRENT, { version: 5, digest: 'bb' }, 'conflict'],
  [CURRENT, { version: 4, digest: 'aa' }, 'older'],
  [CURRENT, { version: 0, digest: 'bb' }, 'older'],
];

describe('an offered snapshot', () => {
  for (const [current, offered, verdict] of table) {
    it(`${current?.version ?? 'none'} -> ${offered.version} ${offered.digest}: ${verdict}`, () => {
      assert.equal(acceptSnapshot(current, offered), verdict);
    });
  }

  it('never brings the version down, whatever is offered in whatever order', () => {
    const mark = fc.record({ version: fc.nat(9), digest: fc.constantFrom('aa', 'bb') });
    fc.assert(
      fc.property(fc.array(mark), (offers) => {
        let current: SnapshotMark | undefined;
        for (const offer of offers) {
          const before = current?.version ?? -1;
          if (acceptSnapshot(current, offer) === 'accept') current = offer;
          assert.ok((current?.version ?? -1) >= before);
        }
        const highest = Math.max(-1, ...offers.map((offer) => offer.version));
        assert.equal(current?.version ?? -1, highest);
      }),
    );
  });
});

describe('canonical JSON', () => {
  it('sorts keys at every depth and keeps lists in order', () => {
    assert.equal(
      canonicalJson({ b: [{ z: 1, a: 'x' }, 2], a: { d: null, c: true } }),
      '{"a":{"c":true,"d":null},"b":[{"a":"x","z":1},2]}',
    );
  });

  it('spells equal contents equally and reads back as the content', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (content) => {
        const shuffled = Object.fromEntries(Object.entries(content).reverse());
        assert.equal(canonicalJson(shuffled), canonicalJson(content));
        assert.deepEqual(JSON.parse(canonicalJson(content)), JSON.parse(JSON.stringify(content)));
      }),
    );
  });
});
