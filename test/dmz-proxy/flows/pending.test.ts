import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PendingRequest, PendingTable } from '@sallyport/dmz-proxy/flows/pending.ts';
import fc from 'fast-check';

const headOf = ({ slot, headBytes }: PendingRequest<string>) =>
  slot.slab.toString('latin1', slot.start, slot.start + headBytes);

function headIn(head: string) {
  const bytes = Buffer.from(`<<${head}>>`, 'latin1');
  return { bytes, start: 2, bodyStart: bytes.length - 2 };
}

function add(
  table: PendingTable<string>,
  owner: string,
  nowMs = 0,
  head = '',
  callIdHash = 0,
): number {
  const kept = { owner, inviteKey: undefined, recordSeq: -1 };
  return table.add(kept, headIn(head), callIdHash, nowMs);
}

describe('requests not answered yet', () => {
  it('are numbered from one', () => {
    const table = new PendingTable<string>();
    assert.deepEqual([add(table, 'a'), add(table, 'a')], [1, 2]);
  });

  it('keep a copy of their head until they are taken', () => {
    const table = new PendingTable<string>();
    add(table, 'a', 0, 'INVITE one');
    add(table, 'a', 0, 'x'.repeat(5000));
    const one = table.take(1);
    assert.equal(one && headOf(one), 'INVITE one');
    const two = table.take(2);
    assert.equal(two && headOf(two), 'x'.repeat(5000));
    assert.equal(table.take(1), undefined);
    assert.equal(table.size, 0);
  });

  it('use freed places again', () => {
    const table = new PendingTable<string>();
    add(table, 'a', 0, 'first');
    const freed = table.take(1)?.slot;
    add(table, 'a', 0, 'second');
    assert.equal(table.take(2)?.slot, freed);
  });

  it('are found by one with the same head', () => {
    const table = new PendingTable<string>();
    const ownerOf = (callIdHash: number, head: string) =>
      table.same(headIn(head), callIdHash)?.owner;
    assert.equal(ownerOf(0, ''), undefined);
    add(table, 'a', 0, 'MESSAGE one', 0xff_ff_ff_01);
    add(table, 'b', 0, 'x'.repeat(5000), 2);
    assert.equal(ownerOf(0xff_ff_ff_01, 'MESSAGE one'), 'a');
    assert.equal(ownerOf(2, 'x'.repeat(5000)), 'b');
    for (const [hash, head] of [
      [1, 'MESSAGE onf'],
      [1, 'MESSAGE on'],
      [3, 'MESSAGE one'],
    ] as const) {
      assert.equal(ownerOf(hash, head), undefined);
    }
    table.take(1);
    assert.equal(ownerOf(0xff_ff_ff_01, 'MESSAGE one'), undefined);
    add(table, 'c', 0, 'MESSAGE two', 2);
    assert.equal(ownerOf(2, 'x'.repeat(5000)), undefined);
  });

  it('are taken by owner, all at once, or when nobody has spoken of them for long', () => {
    const table = new PendingTable<string>();
    const taken: string[] = [];
    const take = ({ owner }: PendingRequest<string>) => taken.push(owner);
    add(table, 'a', 10);
    add(table, 'b', 20);
    add(table, 'c', 30);
    assert.equal(table.size, 3);
    table.takeOf(new Set(['b']), take);
    assert.deepEqual(taken, ['b']);
    table.touch(1, 40);
    table.sweep(35, take);
    assert.deepEqual(taken, ['b', 'c']);
    table.takeAll(take);
    assert.deepEqual(taken, ['b', 'c', 'a']);
    assert.equal(table.size, 0);
  });

  it('never mix up heads, however they come and go', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 600 }), (steps) => {
        const table = new PendingTable<string>();
        const expected = new Map<number, string>();
        const numbers = new Map<number, number>();
        for (const [i, step] of steps.entries()) {
          const number = numbers.get(step);
          if (number !== undefined) {
            const request = table.take(number);
            assert.equal(request && headOf(request), expected.get(step));
            expected.delete(step);
            numbers.delete(step);
          } else {
            const head = `head ${i} ${'.'.repeat(step)}`;
            numbers.set(step, add(table, 'a', 0, head));
            expected.set(step, head);
          }
        }
        assert.equal(table.size, expected.size);
      }),
      { seed: 11 },
    );
  });
});
