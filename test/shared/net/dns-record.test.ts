import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dnsName } from '@sallyport/shared/net/dns-record.ts';

const label63 = 'a'.repeat(63);
const name253 = `${`${label63}.`.repeat(3)}${'a'.repeat(61)}`;

//  text                   name
const rows: readonly (readonly [string, string | undefined])[] = [
  ['example.com', 'example.com'],
  ['EXAMPLE.Com.', 'example.com'],
  ['_sips._tcp.example.com', '_sips._tcp.example.com'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['localhost', 'localhost'],
  [name253, name253],
  [`${name253}a`, undefined],
  [`${label63}a.example`, undefined],
  ['', undefined],
  ['.', undefined],
  ['..', undefined],
  ['example..com', undefined],
  ['.example.com', undefined],
  ['-a.example', undefined],
  ['a-.example', undefined],
  ['a b.example', undefined],
  ['a\\.b.example', undefined],
  ['b\u00fccher.example', undefined],
  ['a.example\r\n', undefined],
  ['a.example/', undefined],
  ['*.example', undefined],
];

describe('DNS names (RFC 1035 §2.3.4)', () => {
  for (const [text, name] of rows) {
    it(`${JSON.stringify(text).slice(0, 40)} -> ${name?.slice(0, 40)}`, () => {
      assert.equal(dnsName(text), name);
    });
  }
});
