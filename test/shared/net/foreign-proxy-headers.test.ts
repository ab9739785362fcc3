import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readProxyHeader } from '@sallyport/shared/net/proxy-protocol.ts';

/*
 * What the tests of Envoy (Apache-2.0), haproxy (GPL) and Varnish (BSD) ask of a reader
 * of PROXY headers, with bytes made here. Where they do not agree the verdict is that of the specification.
 */

const TCP6 = 'PROXY TCP6 1:2:3::4 5:6::7:8 65535 1234';

//  case                                    line                                                          outcome
const LINES: readonly (readonly [string, string, string])[] = [
  ['TCP4', 'PROXY TCP4 1.2.3.4 253.253.253.253 65535 1234\r\n', '1.2.3.4 65535 behind ""'],
  [
    'TCP4, data behind',
    'PROXY TCP4 1.2.3.4 9.9.9.9 5 6\r\nmore\r\n',
    '1.2.3.4 5 behind "more\\r\\n"',
  ],
  ['TCP6', `${TCP6}\r\n`, '1:2:3::4 65535 behind ""'],
  ['TCP6, data behind', `${TCP6}\r\nmore`, '1:2:3::4 65535 behind "more"'],
  ['two headers', 'PROXY UNKNOWN\r\nPROXY UNKNOWN\r\n', 'local behind "PROXY UNKNOWN\\r\\n"'],
  ['UNKNOWN with addresses', 'PROXY UNKNOWN 1:2:3::4 5:6::7:8 6 7\r\nmore', 'local behind "more"'],
  ['UNKNOWN with rubbish', 'PROXY UNKNOWN junk \0\x7f\xff\r\nmore', 'local behind "more"'],
  ['UNKNOWN with a lone CR', 'PROXY UNKNOWN ju\rnk\r\n', 'proxy-protocol-line-malformed'],
  ['no source', 'PROXY TCP6\r\n', 'proxy-protocol-line-malformed'],
  ['one address', 'PROXY TCP6 1:2:3::4\r\n', 'proxy-protocol-line-malformed'],
  ['no ports', 'PROXY TCP6 1:2:3::4 5:6::7:8\r\n', 'proxy-protocol-line-malformed'],
  ['one port', 'PROXY TCP6 1:2:3::4 5:6::7:8 1234\r\n', 'proxy-protocol-line-malformed'],
  ['empty port', 'PROXY TCP6 1:2:3::4 5:6::7:8  1234\r\n', 'proxy-protocol-line-malformed'],
  ['port 100000', 'PROXY TCP6 1:2:3::4 5:6::7:8 1234 100000\r\n', 'proxy-protocol-line-malformed'],
  ['signed port', 'PROXY TCP6 1:2:3::4 5:6::7:8 +1234 1\r\n', 'proxy-protocol-line-malformed'],
  ['port in hex', 'PROXY TCP6 1:2:3::4 5:6::7:8 0x12 1\r\n', 'proxy-protocol-line-malformed'],
  ['port of a full stop', 'PROXY TCP4 1.2.3.4 1.2.3.5 1. 1\r\n', 'proxy-protocol-line-malformed'],
  ['source of five parts', 'PROXY TCP4 1.2.3.4.5 1.2.3.5 1 1\r\n', 'proxy-protocol-line-malformed'],
  ['source of three parts', 'PROXY TCP4 1.2.3 1.2.3.5 1 1\r\n', 'proxy-protocol-line-malformed'],
  ['source 0', 'PROXY TCP4 0 1.2.3.5 1 1\r\n', 'proxy-protocol-line-malformed'],
  ['source in brackets', 'PROXY TCP6 [::1] ::1 1 1\r\n', 'proxy-protocol-line-malformed'],
  ['families mixed', 'PROXY TCP4 1.2.3.4 ::1 1 1\r\n', 'proxy-protocol-line-malformed'],
  ['families mixed, TCP6', 'PROXY TCP6 ::1 1.2.3.4 1 1\r\n', 'proxy-protocol-line-malformed'],
  ['protocol TCP', 'PROXY TCP 1.2.3.4 1.2.3.5 1 1\r\n', 'proxy-protocol-line-malformed'],
  ['protocol FOO', 'PROXY FOO 1.2.3.4 1.2.3.5 1 1\r\n', 'proxy-protocol-line-malformed'],
  ['protocol TCP40', 'PROXY TCP40 1.2.3.4 1.2.3.5 1 1\r\n', 'proxy-protocol-line-malformed'],
  ['no protocol', 'PROXY \r\n', 'proxy-protocol-line-malformed'],
  ['tab for the first space', 'PROXY\tTCP4 1.2.3.4 1.2.3.5 1 1\r\n', 'proxy-protocol-signature'],
  ['first word cut short', 'PRO TCP4 1.2.3.4 1.2.3.5 1 1\r\n', 'proxy-protocol-signature'],
  ['first word longer', 'PROXYTCP4 1.2.3.4 1.2.3.5 1 1\r\n', 'proxy-protocol-signature'],
  ['space in front', ' PROXY TCP4 1.2.3.4 1.2.3.5 1 1\r\n', 'proxy-protocol-signature'],
  ['line end in front', '\r\nPROXY TCP4 1.2.3.4 1.2.3.5 1 1\r\n', 'proxy-protocol-signature'],
  ['spaces to 107 bytes', `${TCP6.padEnd(105)}\r\n`, 'proxy-protocol-line-malformed'],
  ['spaces beyond 107 bytes', `${TCP6.padEnd(106)}\r\n`, 'proxy-protocol-line-too-long'],
  [
    'a full address',
    `PROXY TCP6 ${full('a')} ${full('b')} 65535 65535\r\n`,
    `${full('a')} 65535 behind ""`,
  ],
  ['no line end', 'PROXY TCP4 1.2.3.4 1.2.3.5 1 1', 'need-more'],
  ['a request instead', 'GET / HTTP/1.1\r\n\r\n', 'proxy-protocol-signature'],
  ['a SIP request instead', 'PUBLISH sip:a@b SIP/2.0\r\n', 'proxy-protocol-signature'],
  ['a SIP keep-alive in front', '\r\n\r\nOPTIONS sip:b SIP/2.0\r\n', 'proxy-protocol-signature'],
];

const V4 = '01020304' + '00010203' + '0305' + '0201';
const V6 =
  '00010002000300000000000000000004' + '00010001020300000000000000000005' + '0802' + '0002';
const MAPPED =
  '00000000000000000000ffff01020304' + '00000000000000000000ffff01020305' + '0802' + '0002';
const UNIX = '2f'.padEnd(432, '0');

//  case                                version and command, family, length, block        outcome
const BINARY: readonly (readonly [string, string, string])[] = [
  ['TCP over IPv4', `21 11 000c ${V4}`, '1.2.3.4 773 behind ""'],
  ['TCP over IPv4, data behind', `21 11 000c ${V4} 6d6f7265`, '1.2.3.4 773 behind "more"'],
  ['UDP over IPv4', `21 12 000c ${V4}`, '1.2.3.4 773 behind ""'],
  ['TCP over IPv6', `21 21 0024 ${V6}`, '1:2:3::4 2050 behind ""'],
  ['UDP over IPv6, data behind', `21 22 0024 ${V6} 6d6f7265`, '1:2:3::4 2050 behind "more"'],
  ['IPv4 in IPv6', `21 21 0024 ${MAPPED}`, '1.2.3.4 2050 behind ""'],
  ['LOCAL, no block', '20 00 0000 6d6f7265', 'local behind "more"'],
  ['LOCAL of an IPv4 family, no block', '20 11 0000 6d6f7265', 'local behind "more"'],
  ['LOCAL of an IPv4 family, addresses', `20 11 000c ${V4} 6d6f7265`, 'local behind "more"'],
  ['LOCAL of an IPv4 family, short block', '20 11 0002 0102 6d6f7265', 'local behind "more"'],
  ['LOCAL of an unknown family', '20 fe 0000 6d6f7265', 'local behind "more"'],
  ['LOCAL with an empty field', '20 00 0003 040000 6d6f7265', 'local behind "more"'],
  ['LOCAL with a field of four', '20 00 0007 040004 00000000 6d6f7265', 'local behind "more"'],
  ['LOCAL with a checksum, as an NLB sends', '20 00 0007 030004 a9b87e8f', 'local behind ""'],
  ['PROXY unspecified', '21 00 0000 6d6f7265', 'local behind "more"'],
  ['PROXY unspecified with a field', '21 00 0004 040001 ff 6d6f7265', 'local behind "more"'],
  ['a socket of UNIX', `21 31 00d8 ${UNIX} 6d6f7265`, 'local behind "more"'],
  ['datagrams of UNIX', `21 32 00d8 ${UNIX}`, 'local behind ""'],
  ['UNIX with the block of IPv6', `21 32 0024 ${V6}`, 'proxy-protocol-length'],
  ['one field', `21 11 0010 ${V4} 040001 ff 6d6f7265`, '1.2.3.4 773 behind "more"'],
  ['two fields', `21 11 0014 ${V4} 040001 ff 020001 61 6d`, '1.2.3.4 773 behind "m"'],
  ['an empty field', `21 11 000f ${V4} 050000 6d`, '1.2.3.4 773 behind "m"'],
  ['a field of Amazon', `21 11 0014 ${V4} ea0005 01 61626364`, '1.2.3.4 773 behind ""'],
  ['a field of Azure', `21 11 0014 ${V4} ee0005 01 01020304`, '1.2.3.4 773 behind ""'],
  ['the same field twice', `21 11 0014 ${V4} e00001 61 e00001 62`, '1.2.3.4 773 behind ""'],
  ['a field of 256 bytes', `21 11 010f ${V4} e00100 ${'61'.repeat(256)}`, '1.2.3.4 773 behind ""'],
  [
    'a TLS field in fields',
    `21 21 0032 ${V6} 20000b 01 00000000 210003 616263`,
    '1:2:3::4 2050 behind ""',
  ],
  ['a field of one byte', `21 11 000d ${V4} 04`, 'proxy-protocol-tlv-malformed'],
  ['a field without its length', `21 11 000e ${V4} 0400`, 'proxy-protocol-tlv-malformed'],
  ['a field beyond the block', `21 11 000f ${V4} 040001 ff`, 'proxy-protocol-tlv-malformed'],
  [
    'the second field beyond the block',
    `21 11 0013 ${V4} 040001 ff 020001 61`,
    'proxy-protocol-tlv-malformed',
  ],
  ['a wrong checksum', `21 11 0013 ${V4} 030004 00000000`, 'proxy-protocol-checksum'],
  ['a checksum of three bytes', `21 11 0012 ${V4} 030003 000000`, 'proxy-protocol-tlv-malformed'],
  ['length 4 for IPv4', '21 11 0004 01020304', 'proxy-protocol-length'],
  ['length 11 for IPv4', `21 11 000b ${V4}`, 'proxy-protocol-length'],
  ['length 0 for IPv4', '21 11 0000', 'proxy-protocol-length'],
  ['length 4 for IPv6', '21 21 0004 00010002', 'proxy-protocol-length'],
  ['length 20 for IPv6', `21 22 0014 ${V6}`, 'proxy-protocol-length'],
  ['length 35 for IPv6', `21 22 0023 ${V6}`, 'proxy-protocol-length'],
  ['length beyond what is kept', `21 11 ffff ${V4}`, 'proxy-protocol-length'],
  ['family 4', `21 41 000c ${V4}`, 'proxy-protocol-family'],
  ['family 9', `21 93 000c ${V4}`, 'proxy-protocol-family'],
  ['transport 3', `21 13 000c ${V4}`, 'proxy-protocol-family'],
  ['family with no transport', `21 10 000c ${V4}`, 'proxy-protocol-family'],
  ['transport with no family', `21 01 000c ${V4}`, 'proxy-protocol-family'],
  ['command 2', `22 11 000c ${V4}`, 'proxy-protocol-command'],
  ['command 3', `23 11 000c ${V4}`, 'proxy-protocol-command'],
  ['command 9', `29 11 000c ${V4}`, 'proxy-protocol-command'],
  ['version 1 in binary', `11 11 000c ${V4}`, 'proxy-protocol-version'],
  ['version 3 in binary', `31 11 000c ${V4}`, 'proxy-protocol-version'],
  ['version 0 in binary', `01 11 000c ${V4}`, 'proxy-protocol-version'],
  ['no command', '', 'need-more'],
  ['no family', '21', 'need-more'],
  ['half a length', '21 11 00', 'need-more'],
  ['half an address', '21 11 000c 0102', 'need-more'],
  ['half a field', `21 11 0010 ${V4} 0400`, 'need-more'],
];

describe('PROXY headers after the tests of other readers', () => {
  for (const [name, line, outcome] of LINES) {
    it(`version 1, ${name}: ${outcome}`, () => sees(Buffer.from(line, 'latin1'), outcome));
  }
  for (const [name, hex, outcome] of BINARY) {
    it(`version 2, ${name}: ${outcome}`, () => sees(binary(hex), outcome));
  }

  it('version 2, every byte of the signature wrong by one bit: refused at that byte', () => {
    for (let at = 1; at < 12; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = binary('');
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        sees(bytes.subarray(0, at), 'need-more');
        sees(bytes.subarray(0, at + 1), 'proxy-protocol-signature');
      }
    }
  });
});

/** However the bytes come in: waited for up to some byte, and from there on the same kind of reading. */
function sees(bytes: Buffer, outcome: string): void {
  let first = bytes.length;
  while (first > 0 && kindOf(bytes.subarray(0, first - 1)) !== 'need-more') first--;
  const kind = kindOf(bytes);
  for (let end = 0; end <= bytes.length; end++) {
    const expected = end < first ? 'need-more' : kind;
    assert.equal(kindOf(bytes.subarray(0, end)), expected, `${end} bytes`);
  }
  assert.equal(outcomeOf(bytes), outcome);
}

function kindOf(bytes: Buffer): string {
  return readProxyHeader(bytes, 0, bytes.length).kind;
}

function outcomeOf(bytes: Buffer): string {
  const reading = readProxyHeader(bytes, 0, bytes.length);
  if (reading.kind === 'fault') return reading.fault;
  if (reading.kind === 'need-more') return reading.kind;
  const source =
    reading.kind === 'local' ? 'local' : `${reading.sourceAddress} ${reading.sourcePort}`;
  const behind = bytes.toString('latin1', reading.headerBytes);
  return `${source} behind ${JSON.stringify(behind)}`;
}

function binary(hex: string): Buffer {
  return Buffer.from(`0d0a0d0a000d0a515549540a${hex.replaceAll(' ', '')}`, 'hex');
}

function full(digit: string): string {
  return Array.from({ length: 8 }, () => digit.repeat(4)).join(':');
}
