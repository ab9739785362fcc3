import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SrvRecord } from '@sallyport/shared/net/dns-record.ts';
import { isNotOffered, orderSrv } from '@sallyport/shared/net/srv-order.ts';
import fc from 'fast-check';

function srv(priority: number, weight: number, target: string, port = 5061): SrvRecord {
  return { priority, weight, target, port };
}

const targets = (records: readonly SrvRecord[]) => records.map((record) => record.target).join(' ');

describe('SRV order (RFC 2782)', () => {
  const weighted = [srv(1, 10, 'b.x'), srv(1, 0, 'a.x'), srv(1, 30, 'c.x')];
  //  draws in turn   order
  const rows: readonly (readonly [readonly number[], string])[] = [
    [[0, 0, 0], 'a.x b.x c.x'],
    [[1, 0, 0], 'b.x a.x c.x'],
    [[10, 1, 0], 'b.x c.x a.x'],
    [[11, 0, 0], 'c.x a.x b.x'],
    [[40, 10, 0], 'c.x b.x a.x'],
  ];
  for (const [draws, order] of rows) {
    it(`weights 0, 10 and 30 with draws ${draws.join()} -> ${order}`, () => {
      const left = [...draws];
      assert.equal(targets(orderSrv(weighted, () => left.shift() ?? 0)), order);
    });
  }

  it('a lower priority is tried first whatever the weights', () => {
    const records = [srv(20, 65_535, 'late.x'), srv(10, 0, 'early.x'), srv(10, 1, 'also.x')];
    for (const draw of [0, 1]) {
      const order = targets(orderSrv(records, (max) => Math.min(draw, max)));
      assert.match(order, / late\.x$/);
    }
  });

  it('draws are from 0 to the sum of weights left, both included', () => {
    const asked: number[] = [];
    orderSrv(weighted, (max) => {
      asked.push(max);
      return max;
    });
    assert.deepEqual(asked, [40, 10]);
  });

  it('records with no usable target or port are left out, names are normalised', () => {
    const records = [
      srv(1, 1, '.'),
      srv(1, 1, ''),
      srv(1, 1, 'bad name.x'),
      srv(1, 1, 'zero.x', 0),
      srv(1, 1, 'Good.X.'),
    ];
    assert.equal(targets(orderSrv(records, () => 0)), 'good.x');
  });

  it('only a single record with the root as target means not offered', () => {
    assert.equal(isNotOffered([srv(0, 0, '.', 0)]), true);
    assert.equal(isNotOffered([srv(0, 0, '', 0)]), true);
    assert.equal(isNotOffered([srv(0, 0, '.'), srv(0, 0, 'a.x')]), false);
    assert.equal(isNotOffered([]), false);
  });

  it('a zone with thousands of records yields the 32 of best priority', () => {
    const records = Array.from({ length: 5000 }, (_, i) => srv(5000 - i, 1, `h${i}.x`));
    const ordered = orderSrv(records, () => 0);
    assert.equal(ordered.length, 32);
    assert.equal(ordered[0]?.target, 'h4999.x');
  });

  it('each record comes exactly once and priorities never fall', () => {
    const record = fc.record({ priority: fc.nat(3), weight: fc.nat(100) });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 32 }), fc.infiniteStream(fc.nat()), (rs, draws) => {
        const records = rs.map(({ priority, weight }, i) => srv(priority, weight, `h${i}.x`));
        const ordered = orderSrv(records, (max) => (draws.next().value ?? 0) % (max + 1));
        assert.deepEqual(
          ordered.map((r) => r.target).toSorted(),
          records.map((r) => r.target).toSorted(),
        );
        const priorities = ordered.map((r) => r.priority);
        assert.deepEqual(
          priorities,
          priorities.toSorted((a, b) => a - b),
        );
      }),
    );
  });
});
