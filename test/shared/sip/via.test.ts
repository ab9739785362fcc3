import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatVia, parseVia, parseViaList, type Via } from '@sallyport/shared/sip/via.ts';
import fc from 'fast-check';

const NONE: ReadonlyMap<string, string | undefined> = new Map();
const TLS = { protocol: 'SIP', version: '2.0', transport: 'TLS', parameters: NONE };

//  text      value
const accepted: readonly (readonly [string, Via])[] = [
  ['SIP/2.0/TLS a.example', { ...TLS, host: 'a.example' }],
  ['sip/2.0/tls A.Example:5061', { ...TLS, host: 'a.example', port: 5061 }],
  ['SIP/2.0/TLS [2001:DB8::9:1]:6050', { ...TLS, host: '[2001:db8::9:1]', port: 6050 }],
  [
    'SIP  / 2.0\r\n / TLS\r\n  a : 5061 ;\r\n branch = z9hG4bK1',
    { ...TLS, host: 'a', port: 5061, parameters: new Map([['branch', 'z9hG4bK1']]) },
  ],
  ['SIP/3.0/UNKNOWN a', { ...TLS, version: '3.0', transport: 'UNKNOWN', host: 'a' }],
  [
    'SIP/2.0/TLS a;received=2001:db8::9:255;rport=5061',
    {
      ...TLS,
      host: 'a',
      parameters: new Map([
        ['received', '2001:db8::9:255'],
        ['rport', '5061'],
      ]),
    },
  ],
  [
    'SIP/2.0/TLS a;rport;received=[::1];ttl=255;maddr=224.2.0.1;alias',
    {
      ...TLS,
      host: 'a',
      parameters: new Map([
        ['rport', undefined],
        ['received', '[::1]'],
        ['ttl', '255'],
        ['maddr', '224.2.0.1'],
        ['alias', undefined],
      ]),
    },
  ],
];

const refused: readonly string[] = [
  '',
  'Some garbage',
  'SIP/2.0/TLS',
  'SIP/2.0/TLS ',
  'SIP/2.0 a',
  'SIP/2.0/TLSa.example',
  'SIP/2.0/$ 1.1.1.1',
  'HTTP/2.0/TLS a',
  'NotSIP/2.0/TLS a',
  'SIP//TLS a',
  'SIP/2.0/TLS a b',
  'SIP/2.0/TLS a@b',
  'SIP/2.0/TLS -1.-1.-1.-1:5060',
  'SIP/2.0/TLS 2001:db8::1',
  'SIP/2.0/TLS []',
  'SIP/2.0/TLS [::1',
  'SIP/2.0/TLS a:',
  'SIP/2.0/TLS a:0',
  'SIP/2.0/TLS a:-1',
  'SIP/2.0/TLS a:65536',
  'SIP/2.0/TLS a;',
  'SIP/2.0/TLS a;;,;,,',
  'SIP/2.0/TLS a,',
  'SIP/2.0/TLS a;branch',
  'SIP/2.0/TLS a;branch=',
  'SIP/2.0/TLS a;branch="x"',
  'SIP/2.0/TLS a;branch=1;branch=2',
  'SIP/2.0/TLS a;received',
  'SIP/2.0/TLS a;received=a.b.c.d',
  'SIP/2.0/TLS a;received=192.0.2.1;received=192.0.2.2',
  'SIP/2.0/TLS a;rport=0',
  'SIP/2.0/TLS a;rport=65536',
  'SIP/2.0/TLS a;rport=x',
  'SIP/2.0/TLS a;rport;rport',
  'SIP/2.0/TLS a;ttl',
  'SIP/2.0/TLS a;ttl=256',
  'SIP/2.0/TLS a;ttl=a',
  "SIP/2.0/TLS a;maddr=1.2.3.4'",
  'SIP/2.0/TLS a;maddr',
  'SIP/2.0/TLS a;x;X',
  'SIP/2.0/TLS \u0142',
];

describe('Via (RFC 3261 §20.42, RFC 3581, RFC 5118 §4.5)', () => {
  for (const [text, value] of accepted) {
    it(`takes ${JSON.stringify(text)} apart`, () => {
      assert.deepEqual(parseVia(text), { ok: true, value });
    });
  }

  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseVia(text), { ok: false, error: 'sip-via-malformed' });
      assert.deepEqual(parseViaList(text), { ok: false, error: 'sip-via-malformed' });
    });
  }

  it('a list keeps the order, topmost first', () => {
    const list = parseViaList('SIP/2.0/TLS a;x="1,2" , SIP/2.0/TCP b:5060,SIP/2.0/UDP [::1]');
    assert.ok(list.ok);
    assert.deepEqual(
      list.value.map(({ transport, host, port }) => [transport, host, port]),
      [
        ['TLS', 'a', undefined],
        ['TCP', 'b', 5060],
        ['UDP', '[::1]', undefined],
      ],
    );
    assert.equal(parseVia('SIP/2.0/TLS a, SIP/2.0/TLS b').ok, false);
  });

  it('parse(format(via)) is the via', () => {
    const token = fc.stringMatching(/^[a-z0-9]{1,6}$/);
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
    const host = fc.constantFrom('a.example', '[2001:db8::1]', '192.0.2.1');
    fc.assert(
      fc.property(
        host,
        port,
        token,
        fc.array(fc.tuple(token, token)),
        (name, number, branch, more) => {
          const known = ['ttl', 'maddr', 'rport', 'received', 'branch'];
          const others = more.filter(([key]) => !known.includes(key));
          const via: Via = {
            ...TLS,
            host: name,
            ...(number !== undefined && { port: number }),
            parameters: new Map([...others, ['branch', branch]]),
          };
          assert.deepEqual(parseVia(formatVia(via)), { ok: true, value: via });
        },
      ),
      { seed: 1 },
    );
  });
});
