import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32c } from '@sallyport/shared/net/crc32c.ts';
import {
  PROXY_HEADER_BYTES_MAX,
  readProxyHeaderV2,
  V2_SIGNATURE,
} from '@sallyport/shared/net/proxy-protocol-v2.ts';

const IPV4 = [192, 0, 2, 1, 192, 0, 2, 2, 0x13, 0xc5, 0x13, 0xc5];
const MAPPED = [...Array<number>(10).fill(0), 0xff, 0xff, 192, 0, 2, 1];
const IPV6 = [...MAPPED, ...MAPPED, 0x13, 0xc5, 0x13, 0xc5];
const UNIX = Array<number>(216).fill(0x61);
const NOOP = [0x04, 0, 2, 0, 0];
const ALPN = [0x01, 0, 3, 0x73, 0x69, 0x70];

//  what                                command family  block                 outcome
const rows: readonly (readonly [string, number, number, readonly number[], string])[] = [
  ['LOCAL', 0x20, 0x00, [], 'local'],
  ['LOCAL with addresses', 0x20, 0x11, IPV4, 'local'],
  ['LOCAL with an unknown family', 0x20, 0xff, [], 'local'],
  ['LOCAL with a block of nonsense', 0x20, 0x00, [9, 9, 9, 9], 'local'],
  ['TCP over IPv4', 0x21, 0x11, IPV4, '192.0.2.1 5061'],
  ['UDP over IPv4', 0x21, 0x12, IPV4, '192.0.2.1 5061'],
  ['TCP over mapped IPv6', 0x21, 0x21, IPV6, '192.0.2.1 5061'],
  ['UNSPEC', 0x21, 0x00, [], 'local'],
  ['UNSPEC with a field', 0x21, 0x00, NOOP, 'local'],
  ['UNIX stream', 0x21, 0x31, UNIX, 'local'],
  ['UNIX stream too short', 0x21, 0x31, UNIX.slice(1), 'proxy-protocol-length'],
  ['IPv4 too short', 0x21, 0x11, IPV4.slice(1), 'proxy-protocol-length'],
  ['IPv6 too short', 0x21, 0x21, IPV6.slice(1), 'proxy-protocol-length'],
  ['version 1', 0x11, 0x11, IPV4, 'proxy-protocol-version'],
  ['version 3', 0x31, 0x11, IPV4, 'proxy-protocol-version'],
  ['unknown command', 0x22, 0x11, IPV4, 'proxy-protocol-command'],
  ['unknown family', 0x21, 0x41, IPV4, 'proxy-protocol-family'],
  ['unknown transport', 0x21, 0x13, IPV4, 'proxy-protocol-family'],
  ['IPv4 without a transport', 0x21, 0x10, IPV4, 'proxy-protocol-family'],
  ['fields', 0x21, 0x11, [...IPV4, ...NOOP, ...ALPN], '192.0.2.1 5061'],
  ['an empty field', 0x21, 0x11, [...IPV4, 0x02, 0, 0], '192.0.2.1 5061'],
  ['a field past the end', 0x21, 0x11, [...IPV4, 0x02, 0, 1], 'proxy-protocol-tlv-malformed'],
  ['half a field head', 0x21, 0x11, [...IPV4, 0x02, 0], 'proxy-protocol-tlv-malformed'],
  ['a huge field', 0x21, 0x11, [...IPV4, 0x02, 255, 255], 'proxy-protocol-tlv-malformed'],
  ['a short checksum', 0x21, 0x11, [...IPV4, 3, 0, 2, 0, 0], 'proxy-protocol-tlv-malformed'],
  ['a wrong checksum', 0x21, 0x11, [...IPV4, 3, 0, 4, 1, 2, 3, 4], 'proxy-protocol-checksum'],
  [
    'a wrong one after a field',
    0x21,
    0x11,
    [...IPV4, ...NOOP, 3, 0, 4, 1, 2, 3, 4],
    'proxy-protocol-checksum',
  ],
];

describe('PROXY protocol version 2 (§2.2)', () => {
  for (const [what, command, family, block, outcome] of rows) {
    it(`${what} -> ${outcome}`, () => {
      assert.equal(outcomeOf(header(command, family, block)), outcome);
    });
  }

  it('a right checksum is accepted wherever it stands, and once only', () => {
    const checksum = [3, 0, 4, 0, 0, 0, 0];
    for (const [fields, at] of [
      [[...checksum, ...NOOP], 31],
      [[...NOOP, ...checksum], 36],
    ] as const) {
      const bytes = header(0x21, 0x11, [...IPV4, ...fields]);
      bytes.writeUInt32BE(crc32c(bytes, 0, bytes.length, at), at);
      assert.equal(outcomeOf(bytes), '192.0.2.1 5061');
      for (let i = 16; i < bytes.length; i++) {
        // Another type here would only mean that there is no checksum.
        if (i === at - 3) continue;
        const damaged = Buffer.from(bytes);
        damaged[i] = (damaged[i] ?? 0) ^ 0x01;
        assert.notEqual(outcomeOf(damaged), '192.0.2.1 5061', `byte ${i}`);
      }
    }
    const twice = header(0x21, 0x11, [...IPV4, ...checksum, ...checksum]);
    twice.writeUInt32BE(crc32c(twice, 0, twice.length, 31), 31);
    assert.equal(outcomeOf(twice), 'proxy-protocol-tlv-malformed');
  });

  it('the length is bounded, and judged before the block arrives', () => {
    const room = PROXY_HEADER_BYTES_MAX - 16 - IPV4.length - 3;
    const field = (length: number) => [0x02, length >> 8, length & 0xff, ...Buffer.alloc(length)];
    assert.equal(outcomeOf(header(0x21, 0x11, [...IPV4, ...field(room)])), '192.0.2.1 5061');
    const over = header(0x21, 0x11, [...IPV4, ...field(room + 1)]);
    assert.equal(outcomeOf(over.subarray(0, 16)), 'proxy-protocol-length');
    assert.equal(outcomeOf(header(0x20, 0x00, []).fill(0xff, 14, 16)), 'proxy-protocol-length');
  });

  it('a wrong byte is a fault as soon as it is seen', () => {
    const good = header(0x21, 0x11, IPV4);
    for (const at of [0, 5, 11, 12, 13]) {
      const bytes = Buffer.from(good);
      bytes[at] = 0x99;
      assert.match(outcomeOf(bytes.subarray(0, at + 1)), /^proxy-protocol-/, `byte ${at}`);
      assert.equal(outcomeOf(good.subarray(0, at + 1)), 'need-more');
    }
  });
});

function header(command: number, family: number, block: readonly number[]): Buffer {
  const length = [block.length >> 8, block.length & 0xff];
  return Buffer.from([...V2_SIGNATURE, command, family, ...length, ...block]);
}

function outcomeOf(bytes: Buffer): string {
  const reading = readProxyHeaderV2(bytes, 0, bytes.length);
  switch (reading.kind) {
    case 'proxied':
      assert.equal(reading.headerBytes, bytes.length);
      return `${reading.sourceAddress} ${reading.sourcePort}`;
    case 'fault':
      return reading.fault;
    case 'local':
    case 'need-more':
      return reading.kind;
  }
}
