import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { noteLastSeal, noteSafeSeal, takeEpoch } from '@sallyport/dmz-proxy/audit/epoch-file.ts';
import { parseEarlierRun } from '@sallyport/shared/audit/earlier-run.ts';

const SEAL = { seq: 70, hash: Buffer.alloc(32, 0xa5) };

describe('the epoch of the run before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-epoch-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is known to the next run, and unknown to the first', () => {
    assert.equal(takeEpoch(folder, 1n), undefined);
    assert.equal(takeEpoch(folder, 0xffff_ffff_ffff_ffffn)?.epoch, 1n);
    const before = { epoch: 0xffff_ffff_ffff_ffffn, lastSeal: undefined };
    assert.deepEqual(takeEpoch(folder, 3n), before);
  });

  it('tells with which seal that run ended, where it has said so', () => {
    takeEpoch(folder, 4n);
    noteLastSeal(folder, 4n, SEAL);
    assert.deepEqual(takeEpoch(folder, 5n), { epoch: 4n, lastSeal: SEAL });
    assert.deepEqual(takeEpoch(folder, 6n), { epoch: 5n, lastSeal: undefined });
  });

  it('tells the newest seal that was noted while that run went on', () => {
    takeEpoch(folder, 14n);
    for (const seq of [7, 4_294_967_295, 8]) {
      noteSafeSeal(folder, 14n, { ...SEAL, seq });
      const text = readFileSync(join(folder, 'epoch'), 'latin1');
      assert.deepEqual(parseEarlierRun(text), { epoch: 14n, lastSeal: { ...SEAL, seq } });
    }
    assert.deepEqual(takeEpoch(folder, 15n)?.lastSeal?.seq, 8);
    assert.deepEqual(readdirSync(folder), ['epoch']);
  });

  for (const text of ['', 'x', '12\n', '0123456789ABCDEF\n', '0123456789abcdef']) {
    it(`${JSON.stringify(text)} is none`, () => {
      writeFileSync(join(folder, 'epoch'), text);
      assert.equal(takeEpoch(folder, 7n), undefined);
      assert.equal(takeEpoch(folder, 8n)?.epoch, 7n);
    });
  }

  it('is unknown where nothing can be written', () => {
    assert.equal(takeEpoch(join(folder, 'nowhere'), 1n), undefined);
    noteLastSeal(join(folder, 'nowhere'), 1n, SEAL);
    noteSafeSeal(join(folder, 'nowhere'), 1n, SEAL);
    assert.equal(takeEpoch(join(folder, 'nowhere'), 1n), undefined);
  });
});
