import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diskFindings } from '@sallyport/app-gateway/doctor/disk-findings.ts';
import { fakeSystem, glance } from './fake-system.ts';

const MIB = 1_048_576;
const FOLDER = '/var/lib/sallyport/edge-1/spool';

//  MiB free, in all, inodes free, in all                   findings
const table: readonly (readonly [number, number, number, number, string, string])[] = [
  [5000, 20_000, 900, 1000, 'ok', 'ok'],
  [1024, 2048, 900, 1000, 'ok', 'ok'],
  [1023, 2048, 900, 1000, 'warning', 'ok'],
  [200, 2048, 900, 1000, 'warning', 'ok'],
  [199, 2048, 900, 1000, 'fault', 'ok'],
  [5000, 50_000_000, 900, 1000, 'warning', 'ok'],
  [5000, 20_000, 50, 1000, 'ok', 'ok'],
  [5000, 20_000, 49, 1000, 'ok', 'warning'],
  [5000, 20_000, 9, 1000, 'ok', 'fault'],
  [5000, 20_000, 0, 0, 'ok', 'ok'],
];

describe('room on the disk', () => {
  for (const [free, total, inodesFree, inodesTotal, bytes, inodes] of table) {
    it(`${free} of ${total} MiB, ${inodesFree} of ${inodesTotal} inodes: ${bytes}, ${inodes}`, () => {
      const room = { bytesFree: free * MIB, bytesTotal: total * MIB, inodesFree, inodesTotal };
      const found = diskFindings(fakeSystem({ rooms: { [FOLDER]: room } }), [FOLDER]);
      assert.deepEqual(glance(found), [`${bytes} disk-room`, `${inodes} disk-inodes`]);
    });
  }

  it('a folder that cannot be looked at is not known', () => {
    assert.deepEqual(glance(diskFindings(fakeSystem({}), [FOLDER])), ['unknown disk-room']);
  });
});
