import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { identifierOf, numberOf, octetsOf, parseBer } from '@sallyport/certs/ber-element.ts';
import fc from 'fast-check';

const nested = (levels: number) => '3080'.repeat(levels) + '0000'.repeat(levels);
const many = (elements: number) =>
  `3083${(elements * 2).toString(16).padStart(6, '0')}${'0500'.repeat(elements)}`;

const rows: readonly (readonly [name: string, hex: string, found: string])[] = [
  ['a primitive element', '020103', '02'],
  ['a sequence', '30050201030500', '30(02,05)'],
  ['an indefinite length', '308002010305000000', '30(02,05)'],
  ['indefinite within definite', '300730800201030000', '30(30(02))'],
  ['a length with needless octets, as BER allows', '30840000000302010a', '30(02)'],
  ['an empty sequence', '3000', '30'],
  ['line ends and zeros behind it', '30000d0a0000', '30'],
  ['other octets behind it', '300041', 'ber-malformed'],
  ['nothing', '', 'ber-truncated'],
  ['a tag alone', '30', 'ber-truncated'],
  ['a length that is cut off', '3082', 'ber-truncated'],
  ['content that is cut off', '300502', 'ber-truncated'],
  ['no end mark', '3080020103', 'ber-truncated'],
  ['half an end mark', '308002010300', 'ber-truncated'],
  ['a child longer than its parent', '3003020503', 'ber-truncated'],
  ['a child longer than its parent, within', '300602050330000000', 'ber-malformed'],
  ['a primitive element of indefinite length', '02800000', 'ber-malformed'],
  ['a tag of several octets', '3f8101020103', 'ber-malformed'],
  ['an end mark where none may be', '30020000', 'ber-malformed'],
  ['a length of five octets', '30850000000001ff', 'ber-malformed'],
  ['32 levels', nested(32), `${'30('.repeat(31)}30${')'.repeat(31)}`],
  ['33 levels', nested(33), 'ber-malformed'],
  ['50 000 elements', many(49_999), 'many'],
  ['50 001 elements', many(50_000), 'ber-malformed'],
];

type Parsed = ReturnType<typeof parseBer>;

function shape(parsed: Parsed): string {
  if (!parsed.ok) return parsed.error;
  const { children, tag } = parsed.value;
  if (children.length > 1000) return 'many';
  const inner = children.map((value) => shape({ ok: true, value })).join();
  return `${tag.toString(16).padStart(2, '0')}${inner === '' ? '' : `(${inner})`}`;
}

const parsed = (hex: string) => {
  const element = parseBer(Buffer.from(hex, 'hex'));
  return element.ok ? element.value : undefined;
};

describe('BER (X.690 §8)', () => {
  for (const [name, hex, found] of rows) {
    it(`${name}: ${found.slice(0, 30)}`, () => {
      assert.equal(shape(parseBer(Buffer.from(hex, 'hex'))), found);
    });
  }

  it('octet strings come whole or in pieces', () => {
    assert.equal(octetsOf(parsed('0402aabb'))?.toString('hex'), 'aabb');
    assert.equal(octetsOf(parsed('24800401aa24800401bb00000000'))?.toString('hex'), 'aabb');
    assert.equal(octetsOf(parsed('a0060401aa0401bb'))?.toString('hex'), 'aabb');
    assert.equal(octetsOf(parsed('2403020103')), undefined);
    assert.equal(octetsOf(undefined), undefined);
  });

  it('numbers and identifiers are read, and nothing else for them', () => {
    assert.equal(numberOf(parsed('020103'), 3), 3);
    assert.equal(numberOf(parsed('020104'), 3), undefined);
    assert.equal(numberOf(parsed('020100'), 3), undefined);
    assert.equal(numberOf(parsed('0201ff'), 300), undefined);
    assert.equal(numberOf(parsed('0500'), 3), undefined);
    assert.equal(identifierOf(parsed('06032a0304')), '1.2.3.4');
    assert.equal(identifierOf(parsed('0500')), '');
    assert.equal(identifierOf(undefined), '');
  });

  it('never throws, and what it reads lies within the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const bytes = Buffer.concat([Buffer.from([0x30, 0x80]), octets]);
        const element = parseBer(bytes);
        if (element.ok) assert.ok(element.value.whole.length <= bytes.length);
      }),
      { seed: 690, numRuns: 2000 },
    );
  });
});
