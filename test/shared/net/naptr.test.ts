import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NaptrRecord } from '@sallyport/shared/net/dns-record.ts';
import { sipsServiceNames } from '@sallyport/shared/net/naptr.ts';

function naptr(order: number, preference: number, service: string, replacement: string) {
  return { order, preference, flags: 's', service, regexp: '', replacement };
}

//  what                         records          service names
const rows: readonly (readonly [string, readonly NaptrRecord[], readonly string[]])[] = [
  ['no records', [], []],
  [
    'the example of RFC 3263 §4.1',
    [
      naptr(50, 50, 'SIPS+D2T', '_sips._tcp.example.com'),
      naptr(90, 50, 'SIP+D2T', '_sip._tcp.example.com'),
      naptr(100, 50, 'SIP+D2U', '_sip._udp.example.com'),
    ],
    ['_sips._tcp.example.com'],
  ],
  [
    'TLS last: other transports do not hide it',
    [naptr(10, 1, 'SIP+D2U', '_sip._udp.x'), naptr(20, 1, 'SIPS+D2T', '_sips._tcp.x')],
    ['_sips._tcp.x'],
  ],
  ['no TLS offered', [naptr(10, 1, 'SIP+D2U', '_sip._udp.x')], []],
  [
    'preference within the lowest order only',
    [
      naptr(2, 0, 'SIPS+D2T', '_sips._tcp.later'),
      naptr(1, 9, 'SIPS+D2T', '_sips._tcp.second'),
      naptr(1, 3, 'SIPS+D2T', '_sips._tcp.first'),
    ],
    ['_sips._tcp.first', '_sips._tcp.second'],
  ],
  [
    'case of service and flag',
    [{ ...naptr(1, 1, 'sips+d2t', '_SIPS._TCP.X.'), flags: 'S' }],
    ['_sips._tcp.x'],
  ],
  ['another flag', [{ ...naptr(1, 1, 'SIPS+D2T', 'x'), flags: 'a' }], []],
  ['no flag: more NAPTR', [{ ...naptr(1, 1, 'SIPS+D2T', 'x'), flags: '' }], []],
  ['a regular expression', [{ ...naptr(1, 1, 'SIPS+D2T', 'x'), regexp: '!.*!y!' }], []],
  ['the root as replacement', [naptr(1, 1, 'SIPS+D2T', '.')], []],
  [
    'more than four, one twice',
    ['a', 'a', 'b', 'c', 'd', 'e'].map((name, i) => naptr(1, i, 'SIPS+D2T', name)),
    ['a', 'b', 'c', 'd'],
  ],
];

describe('NAPTR for SIP over TLS (RFC 3263 §4.1)', () => {
  for (const [what, records, names] of rows) {
    it(what, () => assert.deepEqual(sipsServiceNames(records), names));
  }
});
