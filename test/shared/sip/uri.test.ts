import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatSipUri, parseSipUri, type SipUri, sameUri } from '@sallyport/shared/sip/uri.ts';
import fc from 'fast-check';

const NONE: ReadonlyMap<string, string | undefined> = new Map();

//  text      parts
const accepted: readonly (readonly [string, SipUri])[] = [
  ['sip:b', { scheme: 'sip', host: 'b', parameters: NONE }],
  ['SIPS:B.Example', { scheme: 'sips', host: 'b.example', parameters: NONE }],
  ['sip:b:5090', { scheme: 'sip', host: 'b', port: 5090, parameters: NONE }],
  ['sip:a@b', { scheme: 'sip', user: 'a', host: 'b', parameters: NONE }],
  ['sip:a:@b', { scheme: 'sip', user: 'a', password: '', host: 'b', parameters: NONE }],
  ['sip:a:%20@b', { scheme: 'sip', user: 'a', password: '%20', host: 'b', parameters: NONE }],
  ['sip:%00@b', { scheme: 'sip', user: '%00', host: 'b', parameters: NONE }],
  [
    'sip:user;par=u%40example.net@[::1]:5061',
    {
      scheme: 'sip',
      user: 'user;par=u%40example.net',
      host: '[::1]',
      port: 5061,
      parameters: NONE,
    },
  ],
  [
    "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@b",
    {
      scheme: 'sip',
      user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
      password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
      host: 'b',
      parameters: NONE,
    },
  ],
  [
    'sip:b;LR;Transport=TLS;x=[1]/:&+$',
    {
      scheme: 'sip',
      host: 'b',
      parameters: new Map([
        ['lr', undefined],
        ['transport', 'TLS'],
        ['x', '[1]/:&+$'],
      ]),
    },
  ],
  [
    'sip:b;%6C%72;a%3d%26=%3D?a=&B=%3C',
    {
      scheme: 'sip',
      host: 'b',
      parameters: new Map([
        ['lr', undefined],
        ['a%3d%26', '%3D'],
      ]),
      headers: 'a=&B=%3C',
    },
  ],
];

const malformed: readonly string[] = [
  '',
  'sip',
  'sip:',
  'sips:',
  'sip:@b',
  'sip::p@b',
  'sip:a@',
  'sip:a@b@c',
  'sip:a@b@:5090',
  'sip:a b@c',
  'sip:a"@b',
  'sip:%@b',
  'sip:%4@b',
  'sip:a:%zz@b',
  'sip:b:',
  'sip:b:0',
  'sip:b:65536',
  'sip:b:5060x',
  'sip:[::1',
  'sip:[::1]x',
  'sip:2001:db8::10',
  'sip:b;',
  'sip:b;;lr',
  'sip:b;=x',
  'sip:b;x=',
  'sip:b;x=%',
  'sip:b;x y',
  'sip:b;lr;LR',
  'sip:b;lr;l%72',
  'sip:b;transport=&',
  'sip:b;user=[',
  'sip:b;method=/',
  'sip:b;maddr=&',
  'sip:b;maddr=a..b',
  'sip:b;ttl=256',
  'sip:b;ttl=-1',
  'sip:b?',
  'sip:b?a',
  'sip:b?=a',
  'sip:b?a=b&',
  'sip:b?a=b=c',
  'sip:b?a=b;lr',
  'sip:b ',
  ' sip:b',
  'sip:b\r\n',
  'sip:\u0142',
  'sip:\u00e9@b',
  '?:a@b',
  '1.2.3.4',
  'tel:',
  '1tel:2',
  'tel:%',
  'tel:a b',
];

describe('SIP URI (RFC 3261 §19.1, §25.1)', () => {
  for (const [text, uri] of accepted) {
    it(`takes ${text} apart`, () => {
      assert.deepEqual(parseSipUri(text), { ok: true, value: uri });
    });
  }

  for (const text of malformed) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseSipUri(text), { ok: false, error: 'sip-uri-malformed' });
    });
  }

  for (const text of [
    'tel:+16505550505',
    'soap.beep://192.0.2.103:3002',
    'isbn:2983792873',
    'sipx:a@b',
  ]) {
    it(`says that ${text} has another scheme`, () => {
      assert.deepEqual(parseSipUri(text), {
        ok: false,
        error: 'sip-request-uri-scheme-unsupported',
      });
    });
  }
});

//  one                          other                       same (RFC 3261 §19.1.4)
const pairs: readonly (readonly [string, string, boolean])[] = [
  ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp', true],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5', true],
  ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5', true],
  [
    'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
    'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    true,
  ],
  [
    'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
    'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    true,
  ],
  ['sip:a@[2001:db8::1]', 'sip:a@[2001:DB8:0::0001]', true],
  ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP', false],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060', false],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp', false],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp', false],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting', false],
  ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4', false],
  ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off', false],
  ['sip:a@b', 'sips:a@b', false],
  ['sip:a@b', 'sip:b', false],
  ['sip:a:x@b', 'sip:a@b', false],
  ['sip:a%3Bb@c', 'sip:a;b@c', false],
  ['sip:a@b;user=phone', 'sip:a@b', false],
  ['sip:a@b', 'sip:a@b;ttl=1', false],
  ['sip:a@b;maddr=c', 'sip:a@b', false],
  ['sip:a@b;%74ransport=%74cp', 'sip:a@b;transport=TCP', true],
  ['sip:a@b;%74ransport=tcp', 'sip:a@b', false],
];

describe('the same URI', () => {
  for (const [one, other, same] of pairs) {
    it(`${one} ${same ? 'is' : 'is not'} ${other}`, () => {
      const a = parseSipUri(one);
      const b = parseSipUri(other);
      assert.ok(a.ok && b.ok);
      assert.equal(sameUri(a.value, b.value), same);
      assert.equal(sameUri(b.value, a.value), same);
    });
  }
});

const word = fc.stringMatching(/^[A-Za-z0-9_.!~*'()-]{1,8}$/);
const token = fc.stringMatching(/^[a-z0-9-]{1,8}$/);
const uris: fc.Arbitrary<SipUri> = fc
  .record({
    scheme: fc.constantFrom('sip' as const, 'sips' as const),
    user: fc.option(word, { nil: undefined }),
    password: fc.option(word, { nil: undefined }),
    host: fc.constantFrom('b', 'a.b-c.example', '[2001:db8::1]', '192.0.2.1', 'b.'),
    port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
    parameters: fc.array(fc.tuple(token, fc.option(token, { nil: undefined }))),
    headers: fc.option(fc.constantFrom('a=b', 'a=&b=%20'), { nil: undefined }),
  })
  .map(({ user, password, port, parameters, headers, ...rest }) => ({
    ...rest,
    ...(user !== undefined && { user }),
    ...(user !== undefined && password !== undefined && { password }),
    ...(port !== undefined && { port }),
    parameters: new Map(parameters.filter(([name]) => !['ttl', 'maddr'].includes(name))),
    ...(headers !== undefined && { headers }),
  }));

describe('SIP URI properties', () => {
  it('parse(format(uri)) is the uri, and the same as itself', () => {
    fc.assert(
      fc.property(uris, (uri) => {
        assert.deepEqual(parseSipUri(formatSipUri(uri)), { ok: true, value: uri });
        assert.equal(sameUri(uri, uri), true);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('any text is a URI or a fault, never an exception', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.equal(typeof parseSipUri(`sip:${text}`).ok, 'boolean');
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});
