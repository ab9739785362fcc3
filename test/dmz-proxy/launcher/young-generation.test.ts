import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { it } from 'node:test';
import { YOUNG_GENERATION } from '@sallyport/dmz-proxy/launcher/young-generation.ts';

/** Makes room for new objects grow to its largest, and prints its size in bytes. */
const PROGRAM = `
const { getHeapSpaceStatistics } = require('node:v8');
const kept = [];
for (let i = 0; i < 2e6; i++) kept[i % 1e5] = { i };
console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size);
`;
const MIB = 1_048_576;

function roomForNewObjects(options: readonly string[]): number {
  return Number(execFileSync(process.execPath, [...options, '-e', PROGRAM], { encoding: 'utf8' }));
}

it('keeps the room for new objects to two halves of 4 MiB, which would else grow beyond', () => {
  assert.ok(roomForNewObjects([YOUNG_GENERATION]) <= 8 * MIB);
  assert.ok(roomForNewObjects([]) > 8 * MIB);
});
