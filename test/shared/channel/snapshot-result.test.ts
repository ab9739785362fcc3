import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeSnapshotResult } from '@sallyport/shared/channel/snapshot-result.ts';

//  payload                                              is good
const table: readonly (readonly [object, boolean])[] = [
  [{ version: 7, accepted: true }, true],
  [{ version: 7, accepted: false, reason: 'older than 9' }, true],
  [{ version: 7, accepted: false, reason: 'two\nlines' }, false],
  [{ version: -1, accepted: true }, false],
  [{ version: 7, accepted: 'yes' }, false],
  [{ version: 7 }, false],
];

describe("a proxy's answer to a snapshot", () => {
  for (const [payload, expected] of table) {
    it(`${JSON.stringify(payload)} is ${expected ? 'taken' : 'refused'}`, () => {
      const bytes = Buffer.from(JSON.stringify(payload));
      const decoded = decodeSnapshotResult(bytes, 0, bytes.length);
      assert.equal(decoded.ok, expected);
      if (decoded.ok) assert.deepEqual(decoded.value, payload);
    });
  }
});
