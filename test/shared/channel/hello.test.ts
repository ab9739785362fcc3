import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CREDIT_BYTES_MIN,
  commonVersion,
  decodeHello,
  type Hello,
} from '@sallyport/shared/channel/hello.ts';

const HELLO: Hello = {
  protocolVersions: [1],
  role: 'gateway',
  site: 'acme',
  node: 'gateway-1',
  worker: 0,
  workers: 2,
  creditBytes: 8_388_608,
  flowCreditBytes: CREDIT_BYTES_MIN,
};

function isGood(change: object): boolean {
  const bytes = Buffer.from(JSON.stringify({ ...HELLO, ...change }));
  return decodeHello(bytes, 0, bytes.length).ok;
}

//  change                             is good
const table: readonly (readonly [object, boolean])[] = [
  [{}, true],
  [{ protocolVersions: [1, 2, 3] }, true],
  [{ protocolVersions: [] }, false],
  [{ protocolVersions: [0] }, false],
  [{ protocolVersions: 1 }, false],
  [{ role: 'operator' }, false],
  [{ site: 'a'.repeat(63) }, true],
  [{ site: 'a'.repeat(64) }, false],
  [{ site: 'Acme' }, false],
  [{ node: '' }, false],
  [{ node: 'edge_1' }, false],
  [{ worker: -1 }, false],
  [{ workers: 0 }, false],
  [{ creditBytes: CREDIT_BYTES_MIN - 1 }, false],
  [{ flowCreditBytes: CREDIT_BYTES_MIN - 1 }, false],
  [{ flowCreditBytes: 2 ** 40 }, false],
  [{ token: 'x' }, false],
];

describe('hello', () => {
  for (const [change, expected] of table) {
    it(`${JSON.stringify(change).slice(0, 60)} is ${expected ? 'taken' : 'refused'}`, () => {
      assert.equal(isGood(change), expected);
    });
  }

  it('comes back as it was sent', () => {
    const bytes = Buffer.from(JSON.stringify(HELLO));
    assert.deepEqual(decodeHello(bytes, 0, bytes.length), { ok: true, value: HELLO });
  });
});

//  ours      theirs      common
const versions: readonly (readonly [number[], number[], number | undefined])[] = [
  [[1], [1], 1],
  [[1, 2], [1, 2, 3], 2],
  [[2, 1], [3, 2, 1], 2],
  [[1], [2], undefined],
  [[], [1], undefined],
];

describe('the version both speak', () => {
  for (const [ours, theirs, expected] of versions) {
    it(`${JSON.stringify([ours, theirs])} -> ${expected}`, () => {
      assert.equal(commonVersion(ours, theirs), expected);
    });
  }
});
