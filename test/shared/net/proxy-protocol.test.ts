import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readProxyHeader, V1_LINE_BYTES_MAX } from '@sallyport/shared/net/proxy-protocol.ts';
import fc from 'fast-check';

interface Vector {
  readonly desc: string;
  readonly hex: string;
  readonly expect: 'accept' | 'reject';
  readonly version: number;
  readonly parsed?: { readonly src?: string; readonly rest?: string };
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/proxy-protocol/vectors.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly Vector[] };

//  line                                                                    outcome
const lines: readonly (readonly [string, string])[] = [
  ['PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n', '192.0.2.1 1'],
  ['PROXY TCP4 192.0.2.1 192.0.2.2 0 65535\r\n', '192.0.2.1 0'],
  ['PROXY TCP6 2001:DB8::1 ::1 5061 5061\r\n', '2001:db8::1 5061'],
  ['PROXY TCP6 ::ffff:192.0.2.1 ::1 5061 5061\r\n', '192.0.2.1 5061'],
  ['PROXY UNKNOWN\r\n', 'local'],
  ['PROXY UNKNOWN whatever 1 2 3 4 5\r\n', 'local'],
  ['PROXY UNKNOWNX\r\n', 'proxy-protocol-line-malformed'],
  ['PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n', 'proxy-protocol-line-malformed'],
  ['PROXY TCP4 192.0.2.1 192.0.2.2 1 2\rX', 'proxy-protocol-line-malformed'],
  ['PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n', 'proxy-protocol-line-malformed'],
  ['PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n', 'proxy-protocol-line-malformed'],
  ['PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n', 'proxy-protocol-line-malformed'],
  ['PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n', 'proxy-protocol-line-malformed'],
  ['PROXY TCP4\t192.0.2.1 192.0.2.2 1 2\r\n', 'proxy-protocol-line-malformed'],
  ['PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n', 'proxy-protocol-line-malformed'],
  ['PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n', 'proxy-protocol-line-malformed'],
  ['PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n', 'proxy-protocol-line-malformed'],
  ['PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n', 'proxy-protocol-line-malformed'],
  ['PROXY TCP4 192.0.2.1 192.0.2.256 1 2\r\n', 'proxy-protocol-line-malformed'],
  ['PROXY TCP6 ::1%lo ::1 1 2\r\n', 'proxy-protocol-line-malformed'],
  ['PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n', 'proxy-protocol-line-malformed'],
  ['PROXY tcp4 192.0.2.1 192.0.2.2 1 2\r\n', 'proxy-protocol-line-malformed'],
  ['proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n', 'proxy-protocol-signature'],
  ['\x16\x03\x01\x02\x00', 'proxy-protocol-signature'],
  ['PROX', 'need-more'],
  ['PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r', 'need-more'],
  [`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`, 'local'],
  [`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`, 'proxy-protocol-line-too-long'],
  [`PROXY UNKNOWN ${'x'.repeat(92)}`, 'need-more'],
  [`PROXY UNKNOWN ${'x'.repeat(93)}`, 'proxy-protocol-line-too-long'],
];

describe('PROXY protocol', () => {
  for (const { desc, hex, expect, version, parsed } of vectors.cases) {
    it(`v${version} vector: ${desc} -> ${expect}`, () => {
      const bytes = Buffer.from(hex, 'hex');
      const outcome = outcomeOf(bytes);
      if (expect === 'reject') return assert.match(outcome, /^(proxy-protocol-|need-more)/);
      const source = parsed?.src?.replace(/^\[?(.*?)\]?:(\d+)$/, '$1 $2');
      if (source) assert.equal(outcome, source);
      else assert.doesNotMatch(outcome, /^(proxy-protocol-|need-more)/);
      const reading = readProxyHeader(bytes, 0, bytes.length);
      assert.ok('headerBytes' in reading);
      assert.equal(bytes.toString('latin1', reading.headerBytes), parsed?.rest ?? '');
    });
  }

  for (const [line, outcome] of lines) {
    it(`${JSON.stringify(line).slice(0, 60)} -> ${outcome}`, () => {
      assert.equal(outcomeOf(Buffer.from(line, 'latin1')), outcome);
    });
  }

  it('a line is at most 107 bytes', () => {
    const fits = Buffer.from(`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`);
    assert.equal(fits.length, V1_LINE_BYTES_MAX);
  });

  it('bytes around the range are not looked at', () => {
    const line = 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n';
    const bytes = Buffer.from(`\n\n${line}`);
    assert.equal(readProxyHeader(bytes, 2, bytes.length).kind, 'proxied');
    for (let end = 2; end < bytes.length; end++) {
      assert.equal(readProxyHeader(bytes, 2, end).kind, 'need-more');
    }
  });

  it('wherever an accepted header is split, it asks for more and then reads the same', () => {
    const headers = [
      ...vectors.cases.filter((v) => v.expect === 'accept').map((v) => Buffer.from(v.hex, 'hex')),
      ...lines
        .filter(([, outcome]) => !/^(proxy-protocol-|need-more)/.test(outcome))
        .map(([line]) => Buffer.from(line, 'latin1')),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...headers), fc.nat(), fc.uint8Array(), (header, at, tail) => {
        const whole = readProxyHeader(header, 0, header.length);
        assert.ok('headerBytes' in whole);
        const cut = at % whole.headerBytes;
        assert.deepEqual(readProxyHeader(header, 0, cut), { kind: 'need-more' });
        const bytes = Buffer.concat([header.subarray(0, whole.headerBytes), tail]);
        assert.deepEqual(readProxyHeader(bytes, 0, bytes.length), whole);
      }),
    );
  });

  it('arbitrary bytes are never asked to go on beyond the limit', () => {
    const start = fc.constantFrom('PROXY ', '\r\n\r\n\0\r\nQUIT\n', '\r\n\r\n\0\r\nQUIT\n\x21\x11');
    fc.assert(
      fc.property(start, fc.uint8Array({ minLength: 4096, maxLength: 4096 }), (head, tail) => {
        const bytes = Buffer.concat([Buffer.from(head, 'latin1'), tail]);
        assert.notEqual(readProxyHeader(bytes, 0, bytes.length).kind, 'need-more');
      }),
    );
  });
});

function outcomeOf(bytes: Buffer): string {
  const reading = readProxyHeader(bytes, 0, bytes.length);
  switch (reading.kind) {
    case 'proxied':
      return `${reading.sourceAddress} ${reading.sourcePort}`;
    case 'fault':
      return reading.fault;
    case 'local':
    case 'need-more':
      return reading.kind;
  }
}
