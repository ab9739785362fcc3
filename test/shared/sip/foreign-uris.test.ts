import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatSipUri, parseSipUri, sameUri } from '@sallyport/shared/sip/uri.ts';

/*
 * Forms of URIs that the tests of pjsip (GPL), OverSIP (MIT), OpenSIPS (GPL), re (BSD), sipgo (BSD), sofia-sip (LGPL), JAIN-SIP (public domain),
 * rsip (MIT), reSIProcate (VSL), belle-sip (GPL) and SIPSorcery (BSD) ask about, with texts made here. Where these do not agree the verdict is that of the grammar of
 * RFC 3261 §25.1: `bad` is malformed, `other` a scheme that gets 416, everything else a URI and its parts.
 */

const ALNUM = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const MARK = "-_.!~*'()";

//  text                                    parts
const TABLE: readonly (readonly [string, string])[] = [
  ['sip:h.test', 'host h.test'],
  ['SIP:bob@h', 'user bob, host h'],
  ['sIpS:bob@H.Test', 'sips, user bob, host h.test'],
  ['sip:@h', 'bad'],
  ['sip:', 'bad'],
  ['sip', 'bad'],
  ['', 'bad'],
  ['sip:a@', 'bad'],
  ['sip:;a', 'bad'],
  ['sip:a@b@c', 'bad'],
  [' sip:a@h', 'bad'],
  ['sip:a@h ', 'bad'],
  ['sip: a@h', 'bad'],
  ['sip :a@h', 'bad'],
  ['<sip:a@h>', 'bad'],

  // user and password
  [
    'sip:user:pass@[::1]:1234;transport=udp?a=b',
    'user user, password pass, host [::1], port 1234, transport=udp, ?a=b',
  ],
  ['sip:a:@h', 'user a, password , host h'],
  ['sip::p@h', 'bad'],
  ['sip:a:b:c@h', 'bad'],
  ['sip://bob@h:5060', 'user //bob, host h, port 5060'],
  ['sip:bob;day=tuesday@h', 'user bob;day=tuesday, host h'],
  ['sip:meeting=77@h', 'user meeting=77, host h'],
  ['sip:a&b=c+d$e,f@h', 'user a&b=c+d$e,f, host h'],
  ['sip:a/b?c@h', 'user a/b?c, host h'],
  ["sip:-_.!~*'()@h", "user -_.!~*'(), host h"],
  ['sip:*9@h', 'user *9, host h'],
  ['sip:+1-212;phone-context=+1@h;user=phone', 'user +1-212;phone-context=+1, host h, user=phone'],
  ['sip:a b@h', 'bad'],
  ['sip:a"b@h', 'bad'],
  ['sip:a<b@h', 'bad'],
  ['sip:a#b@h', 'bad'],
  ['sip:a\\b@h', 'bad'],
  ['sip:a\0@h', 'bad'],
  ['sip:\xfc@h', 'bad'],
  ['sip:%c3%BC@h', 'user %c3%BC, host h'],
  ['sip:%00@h', 'user %00, host h'],
  ['sip:%@h', 'bad'],
  ['sip:%0@h', 'bad'],
  ['sip:%zz@h', 'bad'],
  ['sip:a:%4@h', 'bad'],

  // host and port
  ['sip:1.2.3.4', 'host 1.2.3.4'],
  ['sip:256.1.1.1', 'bad'],
  ['sip:1.2.3', 'bad'],
  ['sip:1.2.3.4.5', 'bad'],
  ['sip:a@1test', 'bad'],
  ['sip:a@test.1', 'bad'],
  ['sip:a@1.test', 'user a, host 1.test'],
  ['sip:a@h.', 'user a, host h.'],
  ['sip:a@h..x', 'bad'],
  ['sip:a@.h', 'bad'],
  ['sip:a@-h', 'bad'],
  ['sip:a@h-', 'bad'],
  ['sip:a@a-.test', 'bad'],
  ['sip:a@h_x', 'user a, host h_x'],
  ['sip:a@h%41', 'bad'],
  ['sip:a@xn--bcher-kva.test', 'user a, host xn--bcher-kva.test'],
  ['sip:[2001:db8::10]:5070', 'host [2001:db8::10], port 5070'],
  ['sip:[2001:db8::10:5070]', 'host [2001:db8::10:5070]'],
  ['sip:[::ffff:1.2.3.4]', 'host [::ffff:1.2.3.4]'],
  ['sip:[1.2.3.4]', 'bad'],
  ['sip:[::1', 'bad'],
  ['sip:::1', 'bad'],
  ['sip:[::1]x', 'bad'],
  ['sip:[::1::2]', 'bad'],
  ['sip:[12345::]', 'bad'],
  ['sip:[fe80::1%25eth0]', 'bad'],
  ['sip:[fe80::1%eth0]', 'bad'],
  ['sip:a@2001:db8:4005:800::2004', 'bad'],
  ['sip:a@:::ffff:127.0.0.1', 'bad'],
  [
    'sip:[2001:db8:ce3e:e200:20:800:121.12.131.12]',
    'host [2001:db8:ce3e:e200:20:800:121.12.131.12]',
  ],
  ['sip:[2001:db8:203:612:0:3:0:12%2]', 'bad'],
  ['sip:123jeff', 'bad'],
  ['sip:12345678987', 'bad'],
  ['sip:[v1.a]', 'bad'],
  ['sip:a@h:', 'bad'],
  ['sip:a@h:0', 'bad'],
  ['sip:a@h:05060', 'user a, host h, port 5060'],
  ['sip:a@h:65535', 'user a, host h, port 65535'],
  ['sip:a@h:65536', 'bad'],
  ['sip:a@h:4294972356', 'bad'],
  ['sip:a@h:-1', 'bad'],
  ['sip:a@h:5060x', 'bad'],
  ['sip:a@h:5060:5060', 'bad'],
  ['sip:a@h: 5060', 'bad'],
  ['sip:1.2.3.4:443/ws/;transport=ws', 'bad'],

  // parameters
  ['sip:bob@h;gr', 'user bob, host h, gr'],
  ['sip:bob@h;gr=urn:uuid:f8-1', 'user bob, host h, gr=urn:uuid:f8-1'],
  ['sip:bob@h;pn-provider', 'user bob, host h, pn-provider'],
  ['sip:bob@h;pn-provider=', 'bad'],
  ['sip:a@h;transport=', 'bad'],
  ['sip:a@h;=b', 'bad'],
  ['sip:a@h;', 'bad'],
  ['sip:a@h;;a', 'bad'],
  ['sip:a@h;lr=on', 'user a, host h, lr=on'],
  ['sip:a@h;LR;Transport=TLS', 'user a, host h, lr, transport=TLS'],
  ['sip:a@h;%6cr', 'user a, host h, lr'],
  ['sip:a@h;x=1;X=2', 'bad'],
  ['sip:a@h;maddr=[::1];ttl=1', 'user a, host h, maddr=[::1], ttl=1'],
  ['sip:a@h;p=%41', 'user a, host h, p=%41'],
  ['sip:a@h;p=x@y', 'bad'],
  ['sip:a@h;p="q"', 'bad'],
  ['sip:a@h;p=a=b', 'bad'],
  ['sip:x@h;play=http://1.2.3.4:8080/x.vxml', 'user x, host h, play=http://1.2.3.4:8080/x.vxml'],

  // headers
  ['sip:h?method=INVITE&contact=sip:foo.test', 'host h, ?method=INVITE&contact=sip:foo.test'],
  ['sip:a@h?a=', 'user a, host h, ?a='],
  ['sip:a@h?a', 'bad'],
  ['sip:a@h?', 'bad'],
  ['sip:a@h?=b', 'bad'],
  ['sip:a@h?a=b&', 'bad'],
  ['sip:a@h?&a=b', 'bad'],
  ['sip:a@h?a=b;c', 'bad'],
  ['sip:a@h?a=b?c=d', 'bad'],
  ['sip:a@h?a=b?c', 'user a, host h, ?a=b?c'],
  ['sip:a@h?to=sip:b%40c;x', 'bad'],
  [
    'sip:b:s@h:9999;rport;transport=tcp;method=REGISTER?to=sip:b%40c',
    'user b, password s, host h, port 9999, rport, transport=tcp, method=REGISTER, ?to=sip:b%40c',
  ],

  // every byte that pjsip's tests put into each part
  [`sip:${ALNUM}-_.test`, `host ${ALNUM.toLowerCase()}-_.test`],
  [
    `sip:${ALNUM}${MARK}&=+$,;?/:${ALNUM}${MARK}&=+$,@h`,
    `user ${ALNUM}${MARK}&=+$,;?/, password ${ALNUM}${MARK}&=+$,, host h`,
  ],
  [
    `sip:h;user=ip;${ALNUM}[]/:&+$%21=${ALNUM}${MARK}[]/:&+$%21;lr;x2`,
    `host h, user=ip, ${ALNUM.toLowerCase()}[]/:&+$!=${ALNUM}${MARK}[]/:&+$%21, lr, x2`,
  ],
  [
    'sip:h;transport=tcp;user=ip;ttl=255;lr;maddr=127.0.0.1;method=ACK',
    'host h, transport=tcp, user=ip, ttl=255, lr, maddr=127.0.0.1, method=ACK',
  ],
  [
    'sip:h;message=I%20am%20sorry?Subject=Hello%20There&Server=x',
    'host h, message=I%20am%20sorry, ?Subject=Hello%20There&Server=x',
  ],
  ['sip:h;pvalue="hello world"', 'bad'], // pjsip takes it: no parameter of a URI is quoted
  ['sip:user:password', 'bad'],
  ['sip:;:@', 'bad'],
  ['sip:+1(408) 444-1212:666@gw1', 'bad'],
  ['sip:a@h;gruu="b@c"', 'bad'],
  ['sip:a;x-v17:password@h:5555', 'user a;x-v17, password password, host h, port 5555'],
  ['noscheme@h:1202', 'bad'],
  ['sip:a@h;xtype=1;maddr=b;xtype=2', 'bad'],
  ['sip:@', 'bad'],
  ['sip :h', 'bad'],
  ['sip:u@[::1];maddr=[::01]', 'user u, host [::1], maddr=[::01]'],
  ['SIP:[01::000:A0f]:6666;lr', 'host [01::000:a0f], port 6666, lr'],

  // others
  ['tel:+1-201-555-0123', 'other'],
  ['http://h/x?y', 'other'],
  ['urn:service:sos', 'other'],
  ['im:a@h', 'other'],
  ['h.test:5060;foo=bar', 'other'],
  ['bad_scheme://x', 'bad'],
  ['1x:a', 'bad'],
  ['127.0.0.2:5060;rport', 'bad'],
  ['//h', 'bad'],
  ['h', 'bad'],
];

const ALIKE: readonly (readonly [string, string, boolean])[] = [
  ['sip:alice@H.test;transport=TCP', 'SIP:alice@h.TEST;Transport=tcp', true],
  ['sip:%61lice@h', 'sip:alice@h', true],
  ['sip:alice@h', 'sip:Alice@h', false],
  ['sip:a@h', 'sips:a@h', false],
  ['sip:a@h', 'sip:a@h:5060', false],
  ['sip:a@h', 'sip:a@h;transport=udp', false],
  ['sip:a@h;x=1', 'sip:a@h', true],
  ['sip:a@h;x=1', 'sip:a@h;x=2', false],
  ['sip:a@h;x=1;y=2', 'sip:a@h;y=2;x=1', true],
  ['sip:a@h?b=1&a=2', 'sip:a@h?a=2&b=1', true],
  ['sip:a@h?b=1', 'sip:a@h', false],
  ['sip:a@h;method=A', 'sip:a@h', false],
  ['sip:a@h;maddr=1.2.3.4', 'sip:a@h', false],
  ['sip:a@h;ttl=1', 'sip:a@h', false],
  ['sip:a@h;user=phone', 'sip:a@h', false],
  ['sip:a:p@h', 'sip:a@h', false],
  ['sip:a@[2001:db8::1]', 'sip:a@[2001:DB8:0:0::1]', true],
  ['sip:a%3bb@h', 'sip:a;b@h', false],
  ['sip:h', 'sip:h.', false],
  ['sip:a@h;ttl=15;method=b', 'sip:a@h;method=b;ttl=15', true],
  ['sip:a@h;x=1', 'sip:a@h;y=1', true],
  ['sip:h;transport=tcp;method=A?to=sip:b%40h', 'sip:h;method=A;transport=tcp?to=sip:b%40h', true],
  ['sip:+358-555;postd=pp@h;user=phone', 'sip:+358-555;POSTD=PP@h;user=phone', false],
  ['sip:+358-555;a=1;b=2@h', 'sip:+358-555;b=2;a=1@h', false],
];

describe('URIs after the tests of other SIP projects', () => {
  for (const [text, parts] of TABLE) {
    it(`${JSON.stringify(text)}: ${parts}`, () => {
      assert.equal(partsOf(text), parts);
      const uri = parseSipUri(text);
      if (uri.ok) assert.deepEqual(parseSipUri(formatSipUri(uri.value)), uri);
    });
  }

  for (const [one, other, isSame] of ALIKE) {
    it(`${one} ${isSame ? 'is' : 'is not'} ${other}`, () => {
      const [a, b] = [parseSipUri(one), parseSipUri(other)];
      assert.ok(a.ok && b.ok);
      assert.equal(sameUri(a.value, b.value), isSame);
      assert.equal(sameUri(b.value, a.value), isSame);
    });
  }
});

function partsOf(text: string): string {
  const uri = parseSipUri(text);
  if (!uri.ok) return uri.error === 'sip-uri-malformed' ? 'bad' : 'other';
  const { scheme, user, password, host, port, parameters, headers } = uri.value;
  return [
    ...(scheme === 'sips' ? ['sips'] : []),
    ...(user === undefined ? [] : [`user ${user}`]),
    ...(password === undefined ? [] : [`password ${password}`]),
    `host ${host}`,
    ...(port === undefined ? [] : [`port ${port}`]),
    ...[...parameters].map(([name, value]) => (value === undefined ? name : `${name}=${value}`)),
    ...(headers === undefined ? [] : [`?${headers}`]),
  ].join(', ');
}
