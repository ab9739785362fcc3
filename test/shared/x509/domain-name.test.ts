import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  isAtOrBelow,
  isConstrainableName,
  isDomainName,
  isQualifiedDomainName,
} from '@sallyport/shared/x509/domain-name.ts';

const label63 = 'a'.repeat(63);
const name253 = [label63, label63, label63, 'a'.repeat(61)].join('.');

// text, host name, can be placed under name constraints
const table: readonly (readonly [string, boolean, boolean])[] = [
  ['example.com', true, true],
  ['EXAMPLE.com', true, true],
  ['localhost', true, true],
  ['a-b.example', true, true],
  ['1a.example', true, true],
  ['xn--bcher-kva.example', true, true],
  [`${label63}.example`, true, true],
  [`${label63}a.example`, false, false],
  [name253, true, true],
  [`a.${name253}`, false, false],
  ['', false, false],
  ['.', false, false],
  ['.example.com', false, false],
  ['example.com.', false, false],
  ['a..b', false, false],
  ['-a.example', false, false],
  ['a-.example', false, false],
  ['_sip.example', false, true],
  ['*.example.com', false, false],
  ['192.0.2.1', false, true],
  ['12345', false, true],
  ['example.123', false, true],
  ['[2001:db8::1]', false, false],
  ['exa mple.com', false, false],
  ['example.com\n', false, false],
  ['bücher.example', false, false],
  ['ſip.example', false, false],
];

describe('domain names (RFC 1123 §2.1)', () => {
  for (const [text, isName, isConstrainable] of table) {
    it(`${JSON.stringify(text.slice(0, 40))} is ${isName ? 'a' : 'no'} host name`, () => {
      assert.equal(isDomainName(text), isName);
      assert.equal(isConstrainableName(text), isConstrainable);
    });
  }

  it('a qualified name has a dot', () => {
    assert.equal(isQualifiedDomainName('example.com'), true);
    assert.equal(isQualifiedDomainName('localhost'), false);
    assert.equal(isQualifiedDomainName('a.'), false);
  });

  it('lies below what it ends in, at a dot', () => {
    assert.equal(isAtOrBelow('example.com', 'example.com'), true);
    assert.equal(isAtOrBelow('a.example.com', 'example.com'), true);
    assert.equal(isAtOrBelow('badexample.com', 'example.com'), false);
    assert.equal(isAtOrBelow('com', 'example.com'), false);
  });
});
