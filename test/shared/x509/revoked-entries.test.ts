import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REVOKED_ENTRIES_MAX, RevokedEntries } from '@sallyport/shared/x509/revoked-entries.ts';
import fc from 'fast-check';

const TIME = Buffer.from('\x17\x0d260102030405Z', 'latin1');
const AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const length =
    content.length < 0x80
      ? [content.length]
      : content.length < 0x1_00
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}

function entry(serialHex: string, ...rest: readonly Buffer[]): Buffer {
  const serial = element(0x02, Buffer.from(serialHex, 'hex'));
  return element(0x30, serial, ...(rest.length > 0 ? rest : [TIME]));
}

function extension(lastArc: number, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [Buffer.of(1, 1, 0xff)] : [];
  const oid = Buffer.of(0x06, 3, 0x55, 0x1d, lastArc);
  return element(0x30, oid, ...critical, element(0x04, value));
}

const reason = (number: number) => extension(21, false, Buffer.of(0x0a, 1, number));
const DATE = element(0x18, Buffer.from('20260101000000Z'));
const extended = (...extensions: Buffer[]) => [entry('05', TIME, element(0x30, ...extensions))];
const timed = (tag: number, text: string) => [entry('05', element(tag, Buffer.from(text)))];

function outcome(entries: readonly Buffer[]): string {
  const read = RevokedEntries.read(Buffer.concat(entries));
  if ('fault' in read) return read.fault;
  return read.entries.find(Buffer.of(5))?.reason ?? 'not found';
}

describe('entries of a revocation list', () => {
  const malformed = 'list-entries-malformed';
  const rows: readonly (readonly [name: string, entries: readonly Buffer[], expected: string])[] = [
    ['nothing', [], 'not found'],
    ['the serial', [entry('05')], 'unspecified'],
    ['another serial', [entry('06')], 'not found'],
    ['a serial that ends alike', [entry('0105')], 'not found'],
    ['the serial padded', [entry('0005')], malformed],
    ['a serial below zero', [entry('ff'), entry('05')], 'unspecified'],
    ['a serial below zero, padded', [entry('ff85')], malformed],
    ['the serial twice', [entry('05'), ...extended(reason(1))], 'unspecified'],
    ['a hold beside a reason', [...extended(reason(6)), ...extended(reason(4))], 'superseded'],
    ['a reason beside a hold', [...extended(reason(4)), ...extended(reason(6))], 'superseded'],
    ['a serial without octets', [entry('')], malformed],
    ['a serial of 20 octets', [entry('11'.repeat(20)), entry('05')], 'unspecified'],
    ['a serial of 64 octets', [entry('11'.repeat(64)), entry('05')], 'unspecified'],
    ['a serial of 65 octets', [entry('11'.repeat(65)), entry('05')], malformed],
    ['serial zero', [entry('00'), entry('05')], 'unspecified'],
    ['a time of the other form', timed(0x18, '20500102030405Z'), 'unspecified'],
    ['a time without seconds', timed(0x17, '2601020304Z'), malformed],
    ['a time with an offset', timed(0x17, '2601020304+01'), malformed],
    ['no time', [entry('05', Buffer.alloc(0))], malformed],
    ['a reason', extended(reason(1)), 'keyCompromise'],
    ['a hold', extended(reason(6)), 'certificateHold'],
    ['the reason that is none', extended(reason(7)), 'unspecified'],
    ['removal, which deltas know', extended(reason(8)), malformed],
    ['the last reason', extended(reason(10)), 'aACompromise'],
    ['a reason too far', extended(reason(11)), 'unspecified'],
    ['a reason below zero', extended(reason(0xff)), malformed],
    [
      'a reason of two octets',
      extended(extension(21, false, Buffer.of(0x0a, 2, 0, 0x80))),
      malformed,
    ],
    ['a reason twice', extended(reason(1), reason(1)), malformed],
    ['no extension in their sequence', extended(Buffer.alloc(0)), 'unspecified'],
    ['a reason, marked critical', extended(extension(21, true, Buffer.of(10, 1, 4))), 'superseded'],
    ['reason and date', extended(reason(1), extension(24, false, DATE)), 'keyCompromise'],
    ['the name of another issuer', extended(extension(29, true, DATE)), 'list-indirect'],
    ['an unknown extension', extended(extension(99, false, DATE)), 'unspecified'],
    [
      'an unknown critical extension',
      extended(extension(99, true, DATE)),
      'list-entry-critical-extension',
    ],
    ['something behind', [entry('05', TIME, Buffer.of(5, 0))], malformed],
    ['an entry that says it is longer', [Buffer.of(0x30, 0x7f, 2, 1, 5)], malformed],
    ['an entry with a padded length', [Buffer.concat([Buffer.of(0x30, 0x81, 3), TIME])], malformed],
  ];
  for (const [name, entries, expected] of rows) {
    it(`${name}: ${expected}`, () => assert.equal(outcome(entries), expected));
  }

  it('finds each of many, with its date, and nothing else', () => {
    const serial = fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .filter(([first = 0, second = 0xff]) => first < 0x80 && (first > 0 || second >= 0x80))
      .map((bytes) => Buffer.from(bytes).toString('hex'));
    fc.assert(
      fc.property(fc.uniqueArray(serial, { maxLength: 300 }), serial, (serials, other) => {
        const read = RevokedEntries.read(Buffer.concat(serials.map((hex) => entry(hex))));
        assert.ok('entries' in read);
        for (const hex of serials) {
          assert.equal(read.entries.find(Buffer.from(hex, 'hex'))?.revokedAtMs, AT_MS);
        }
        const found = read.entries.find(Buffer.from(other, 'hex')) !== undefined;
        assert.equal(found, serials.includes(other));
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it('tells serials apart whose hashes are the same', () => {
    // Two texts with one 32-bit FNV-1a hash.
    const [left, right] = ['costarring', 'liquid'].map((text) => Buffer.from(text));
    const read = RevokedEntries.read(entry((left as Buffer).toString('hex')));
    assert.ok('entries' in read);
    assert.ok(read.entries.find(left as Buffer));
    assert.equal(read.entries.find(right as Buffer), undefined);
  });

  it('are at most a million, in twelve bytes each', () => {
    const one = entry('05');
    const some = Buffer.alloc(one.length * (REVOKED_ENTRIES_MAX + 1), one);
    const read = RevokedEntries.read(some.subarray(0, one.length * REVOKED_ENTRIES_MAX));
    assert.ok('entries' in read);
    assert.equal(read.entries.size, REVOKED_ENTRIES_MAX);
    assert.equal(read.entries.indexBytes, REVOKED_ENTRIES_MAX * 12);
    assert.deepEqual(RevokedEntries.read(some), { fault: 'list-entries-too-many' });
  });
});
