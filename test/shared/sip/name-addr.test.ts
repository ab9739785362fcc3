import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatNameAddr, type NameAddr, parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import fc from 'fast-check';

const NONE: ReadonlyMap<string, string | undefined> = new Map();

//  text      value
const accepted: readonly (readonly [string, NameAddr])[] = [
  ['sip:a@b', { uri: 'sip:a@b', parameters: NONE }],
  ['<sip:a@b>', { uri: 'sip:a@b', parameters: NONE }],
  [' <sip:a@b> ', { uri: 'sip:a@b', parameters: NONE }],
  ['sip:a@b;tag=1', { uri: 'sip:a@b', parameters: new Map([['tag', '1']]) }],
  ['sip:a@b ; tag = 1', { uri: 'sip:a@b', parameters: new Map([['tag', '1']]) }],
  ['<sip:a@b;tag=1>', { uri: 'sip:a@b;tag=1', parameters: NONE }],
  [
    'caller<sip:a@b>;tag=1',
    { displayName: 'caller', uri: 'sip:a@b', parameters: new Map([['tag', '1']]) },
  ],
  ['T. Watson <sip:a@b>', { displayName: 'T. Watson', uri: 'sip:a@b', parameters: NONE }],
  ['"" <sip:a@b>', { displayName: '', uri: 'sip:a@b', parameters: NONE }],
  [
    '"a \\"b\\\\\\c, <d>"<sip:a@b>',
    { displayName: 'a "b\\c, <d>', uri: 'sip:a@b', parameters: NONE },
  ],
  ['"a\\\0\\\x7f" <sip:a@b>', { displayName: 'a\0\x7f', uri: 'sip:a@b', parameters: NONE }],
  ['"\u00e9" <sip:a@b>', { displayName: '\u00e9', uri: 'sip:a@b', parameters: NONE }],
  [
    '"a\r\n b"\r\n <sip:a@b>\r\n ;x',
    { displayName: 'a b', uri: 'sip:a@b', parameters: new Map([['x', undefined]]) },
  ],
  ['<sip:a@b?Route=%3Csip:c%3E>', { uri: 'sip:a@b?Route=%3Csip:c%3E', parameters: NONE }],
  ['<tel:+1-201>;q=0.5', { uri: 'tel:+1-201', parameters: new Map([['q', '0.5']]) }],
  ['isbn:2983792873', { uri: 'isbn:2983792873', parameters: NONE }],
  [
    '<sip:a@b>;+sip.instance="<urn:uuid:1>"',
    { uri: 'sip:a@b', parameters: new Map([['+sip.instance', '"<urn:uuid:1>"']]) },
  ],
];

const refused: readonly string[] = [
  '',
  '*',
  '1.2.3.4',
  '?:1.2.3.4',
  '<1.2.3.4>',
  '<>',
  '<sip:a@b',
  'sip:a@b>',
  '< sip:a@b>',
  '<sip:a@b >',
  '<sip:a @b>',
  '"a <sip:a@b>',
  'a"b" <sip:a@b>',
  '"A"B <sip:a@b>',
  '"a" sip:a@b',
  'Bell, Alexander <sip:a@b>',
  'a@b <sip:a@b>',
  '\u00e9 <sip:a@b>',
  '"\0" <sip:a@b>',
  'sip:a@b?x=y',
  'sip:a,b@c',
  'sip:a@b, sip:c@d',
  '<sip:a@b>,',
  '<sip:a@b>x',
  '<sip:a@b>;',
  '<sip:a@b>;;',
  '<sip:a@b>;?',
  '<sip:a@b>;tag',
  '<sip:a@b>;tag=',
  '<sip:a@b>;tag="x"',
  '<sip:a@b>;tag=1;tag=2',
  '<sip:a@b>;x;X',
  '<sip:a@b>;x=@',
  '<sip:a@b>\r\n;x',
  '<sip:[::1>',
  '\u0142 <sip:a@b>',
];

describe('an address with a name (RFC 3261 §20.10, §25.1)', () => {
  for (const [text, value] of accepted) {
    it(`takes ${JSON.stringify(text)} apart`, () => {
      assert.deepEqual(parseNameAddr(text), { ok: true, value });
    });
  }

  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseNameAddr(text), { ok: false, error: 'sip-name-addr-malformed' });
    });
  }

  it('parse(format(address)) is the address', () => {
    const latin1 = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
    });
    const displayName = fc.option(
      latin1.filter((text) => !/[\r\n]/.test(text)),
      { nil: undefined },
    );
    fc.assert(
      fc.property(displayName, fc.constantFrom('sip:a@b;lr?c=d', 'tel:1'), (name, uri) => {
        const address = {
          ...(name !== undefined && { displayName: name }),
          uri,
          parameters: new Map([['tag', 'x']]),
        };
        assert.deepEqual(parseNameAddr(formatNameAddr(address)), { ok: true, value: address });
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('no display name can break a line', () => {
    const text = formatNameAddr({ displayName: 'a\r\nVia: x', uri: 'sip:a@b', parameters: NONE });
    assert.equal(text, '"a  Via: x" <sip:a@b>');
  });
});
