import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Result } from '@sallyport/shared/result.ts';
import { parseCallId } from '@sallyport/shared/sip/call-id.ts';
import { type Contact, parseContacts } from '@sallyport/shared/sip/contact.ts';
import { parseContentType } from '@sallyport/shared/sip/content-type.ts';
import { parseCseq } from '@sallyport/shared/sip/cseq.ts';
import { parseEvent } from '@sallyport/shared/sip/event.ts';
import { parseExpires } from '@sallyport/shared/sip/expires.ts';
import { parseMaxForwards } from '@sallyport/shared/sip/max-forwards.ts';
import { type NameAddr, parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import { formatParameters } from '@sallyport/shared/sip/parameters.ts';
import type { SipFault } from '@sallyport/shared/sip/sip-fault.ts';
import { parseSubscriptionState } from '@sallyport/shared/sip/subscription-state.ts';
import { parseViaList, type Via } from '@sallyport/shared/sip/via.ts';
import { verdicts } from './message-verdict.ts';

/*
 * Field values that the tests of sofia-sip (LGPL), JAIN-SIP (public domain), re (BSD), sipgo (BSD), OpenSIPS (GPL) and
 * rsip (MIT) ask about, with texts made here. Where these do not agree the verdict is that of the grammar of
 * RFC 3261 §25.1; where several of them are lenient and ours is not, the row says so.
 */

type Row = readonly [text: string, parts: string];

const ADDRESSES: readonly Row[] = [
  ['<sip:a@b>', '<sip:a@b>'],
  ['BigGuy<sip:a@b>', 'BigGuy|<sip:a@b>'],
  ['M. Someone  x <sip:a@b>', 'M. Someone  x|<sip:a@b>'],
  ['"a \\"b\\" \\\\c" <sip:a@b>;tag=1', 'a "b" \\c|<sip:a@b>;tag=1'],
  ['"a, <b>; \'c" <sip:a@b>', "a, <b>; 'c|<sip:a@b>"],
  ['"" <sip:a@b>', '|<sip:a@b>'],
  ['"\xc3\x84" <sip:a@b>', '\xc3\x84|<sip:a@b>'],
  ['a\r\n b <sip:a@b>', 'a b|<sip:a@b>'],
  ["1 ' <sip:a@b>", "1 '|<sip:a@b>"],
  ['\t<sip:a@b> ; tag = x ', '<sip:a@b>;tag=x'],
  ['sip:a@b;tag=1', '<sip:a@b>;tag=1'],
  ['sip:b;lr=on', '<sip:b>;lr=on'],
  ['<sip:b;lr>', '<sip:b;lr>'],
  ['<sip:u@1.2.3.4;5000>', '<sip:u@1.2.3.4;5000>'],
  ['<sip:foo@[baa::1]:5060>;lr', '<sip:foo@[baa::1]:5060>;lr'],
  ['<sip:a,b;c?d@e>', '<sip:a,b;c?d@e>'],
  ['<sip:a@b>;x=1.2.3.4;y=[::1];z=c.test', '<sip:a@b>;x=1.2.3.4;y=[::1];z=c.test'],
  ['<sip:a@b>;+sip.instance="<urn:uuid:1>"', '<sip:a@b>;+sip.instance="<urn:uuid:1>"'],
  ['<sip:a@b;gr=urn:uuid:x>;y="a;b,\\"c"', '<sip:a@b;gr=urn:uuid:x>;y="a;b,\\"c"'],
  ['<mailto:a@b>', '<mailto:a@b>'],
  ['tel:+1;tag=x', '<tel:+1>;tag=x'],
  ['', 'bad'],
  ['*', 'bad'],
  ['a', 'bad'],
  ['<>', 'bad'],
  ['tester <>;tag=x', 'bad'],
  ['<a>', 'bad'],
  ['<:a>', 'bad'],
  ['<1:a>', 'bad'],
  ['<sip:>', 'bad'],
  ['sip:joe@[baa', 'bad'],
  ['<sip:foo@[bar:50>;lr', 'bad'],
  ['< sip:a@b >', 'bad'], // sofia-sip and JAIN-SIP take it
  ['sip:a@b (foo)', 'bad'], // RFC 3261 has comments in a few fields only
  ['<sip:a@b> (foo)', 'bad'],
  ['"x" sip:a@b', 'bad'],
  ['x sip:a@b', 'bad'],
  ['"x<sip:a@b>', 'bad'],
  ['x"<sip:a@b>', 'bad'],
  ['"a\\" <sip:a@b>', 'bad'],
  ['"a" "b" <sip:a@b>', 'bad'],
  ['"a" b <sip:a@b>', 'bad'],
  ['\xc3\x84 <sip:a@b>', 'bad'], // re and sofia-sip take it: no token, so it has to be quoted
  ['A,B <sip:a@b>', 'bad'],
  ['A;B <sip:a@b>', 'bad'],
  ['A@B <sip:a@b>', 'bad'], // Asterisk writes it: no token
  ['=?utf-8?q?x?= <sip:a@b>', 'bad'],
  ['a\r\nb <sip:a@b>', 'bad'],
  ['<sip:a@b', 'bad'],
  ['sip:a@b>', 'bad'],
  ['<<sip:a@b>>', 'bad'],
  ['<sip:a@b>x', 'bad'],
  ['<sip:a@b>,', 'bad'],
  ['<sip:a@b>,<sip:c@d>', 'bad'],
  ['<sip:a@b>;', 'bad'],
  ['<sip:a@b>;;x', 'bad'],
  ['<sip:a@b>;tag', 'bad'],
  ['<sip:a@b>;tag=', 'bad'],
  ['<sip:a@b>;tag="x"', 'bad'],
  ['<sip:a@b>;tag=a b', 'bad'],
  ['<sip:a@b>;tag=x@y', 'bad'],
  ['<sip:a@b>;tag=a;tag=b', 'bad'],
  ['<sip:a@b>;"x"=y', 'bad'],
  // RFC 3261 §20.10: without brackets it would not be known whose `?`, `;` and `,` these are.
  ['sip:a@b?x=y', 'bad'],
  ['sip:a,b@c', 'bad'],
  ['sip:a;b@c', 'bad'],
];

const CONTACTS: readonly Row[] = [
  ['*', '*'],
  ['<sip:a@b>,<sip:c@d>', '<sip:a@b>, <sip:c@d>'],
  ['"a, b" <sip:a@b>\r\n ,c<sip:c@d>', 'a, b|<sip:a@b>, c|<sip:c@d>'],
  ['sip:a@b,sip:c@d;q=1', '<sip:a@b>, <sip:c@d>;q=1 (q 1)'],
  [
    '<sip:a@b>;expires=4294967295;q=0.5',
    '<sip:a@b>;expires=4294967295;q=0.5 (q 0.5, expires 4294967295)',
  ],
  ['<sip:a@b>;expires=-1', '<sip:a@b>;expires=-1 (expires 3600)'],
  ['<tel:+1>, <mailto:x@y>', '<tel:+1>, <mailto:x@y>'],
  ['<sip:a@b>;q=1.000', '<sip:a@b>;q=1.000 (q 1)'],
  ['<sip:a@b>;q=0.', '<sip:a@b>;q=0. (q 0)'],
  ['<sip:a@b>;q=1.001', 'bad'],
  ['<sip:a@b>;q=2', 'bad'],
  ['<sip:a@b>;q=.5', 'bad'],
  ['<sip:a@b>;q=0.1234', 'bad'],
  ['<sip:a@b>;q=-0.5', 'bad'],
  ['<sip:a@b>,,<sip:c@d>', 'bad'], // sofia-sip takes empty values; no list of RFC 3261 has them
  ['<sip:a@b>, ,<sip:c@d>', 'bad'],
  [',<sip:a@b>', 'bad'],
  ['<sip:a@b>,', 'bad'],
  ['*,<sip:a@b>', 'bad'],
  ['<sip:a@b>,*', 'bad'],
  ['*;expires=0', 'bad'],
  ['', 'bad'],
];

const VIAS: readonly Row[] = [
  ['SIP/2.0/UDP h', 'UDP h'],
  ['SIP / 2.0 / UDP h:5060', 'UDP h:5060'],
  ['SIP/\r\n 2.0 /\tUDP\r\n h : 5060', 'UDP h:5060'],
  ['sip/2.0/udp H.Test', 'UDP h.test'],
  ['SIP/2.0/TLS-SCTP h', 'TLS-SCTP h'],
  ['SIP/2.0/TLS-UDP h', 'TLS-UDP h'],
  ['SIP/2.0/X.1-y h', 'X.1-Y h'],
  ['SIP/3.0/UDP h', 'UDP h'],
  ['SIP/2.0/UDP [3ffe::1]:5060', 'UDP [3ffe::1]:5060'],
  ['SIP/2.0/UDP h;received=::133', 'UDP h;received=::133'],
  ['SIP/2.0/UDP h;received=[::133];rport', 'UDP h;received=[::133];rport'],
  [
    'SIP/2.0/UDP h;hidden;rport=50601;comp=sigcomp;branch=1;ttl=15 ; maddr=[::227.0.0.1]',
    'UDP h;hidden;rport=50601;comp=sigcomp;branch=1;ttl=15;maddr=[::227.0.0.1]',
  ],
  ['SIP/2.0/TCP h;alias;x="a,b;c"', 'TCP h;alias;x="a,b;c"'],
  [
    'SIP/2.0/UDP a;x="b, SIP/2.0/UDP c", SIP/2.0/TCP d:1 ;y',
    'UDP a;x="b, SIP/2.0/UDP c", TCP d:1;y',
  ],
  ['SIP/2.0/UDP a,SIP/2.0/UDP b', 'UDP a, UDP b'],
  ['SIP/2.0/UDP a,,SIP/2.0/UDP b', 'bad'], // sofia-sip takes it
  [',SIP/2.0/UDP a', 'bad'],
  ['SIP/2.0/UDP a,', 'bad'],
  ['SIP/2.0/UDP h (comment)', 'bad'], // RFC 2543 had them
  ['SIP/2.0/UDP h;branch=1 (x)', 'bad'],
  ['SIP/2.0/UDP h x', 'bad'],
  ['SIP// h', 'bad'],
  ['SIP/2.0 h', 'bad'],
  ['SIP/2.0/ h', 'bad'],
  ['SIP/2.0/UDPh', 'bad'],
  ['SIP/2.0/UDP', 'bad'],
  ['SIP/2.0/UDP :5060', 'bad'],
  ['SIP/2.0/UDP ;branch=x', 'bad'],
  ['SIP/2.0/UDP h:', 'bad'],
  ['SIP/2.0/UDP h:99999', 'bad'],
  ['SIP/2.0/UDP [3ffe::1:5060', 'bad'],
  ['SIP/2.0/UDP ::1', 'bad'],
  ['SIP/2.0/UDP 1.2.3.4.5', 'bad'],
  ['SIP/2.0/UDP a@h', 'bad'],
  ['SIP/2.0/UDP sip:h', 'bad'],
  ['SIP/2.0/UDP h;', 'bad'],
  ['SIP/2.0/UDP h;;x', 'bad'],
  ['SIP/2.0/UDP h;branch', 'bad'],
  ['SIP/2.0/UDP h;branch=', 'bad'],
  ['SIP/2.0/UDP h;branch="z"', 'bad'],
  ['SIP/2.0/UDP h;branch=a;branch=b', 'bad'],
  ['SIP/2.0/UDP h;rport=', 'bad'],
  ['SIP/2.0/UDP h;rport=x', 'bad'],
  ['SIP/2.0/UDP h;ttl=256', 'bad'],
  ['SIP/2.0/UDP h;received=h', 'bad'],
  ['SIP/2.0/UDP h;maddr=::1', 'bad'],
  ['SIP/2.0/UDP h;maddr=', 'bad'],
  ['HTTP/1.1/TCP h', 'bad'], // the grammar has it; a hop that spoke no SIP could not be answered
];

const OTHERS: readonly (readonly [field: string, text: string, value: string])[] = [
  ['CSeq', '123456  CHICKEN', '123456 CHICKEN'],
  ['CSeq', '1\r\n\tINVITE', '1 INVITE'],
  ['CSeq', '1 invite', '1 invite'],
  ['CSeq', '0 INVITE', '0 INVITE'],
  ['CSeq', '00001 INVITE', '1 INVITE'],
  ['CSeq', '2147483647 INVITE', '2147483647 INVITE'],
  ['CSeq', '2147483648 INVITE', 'bad'], // RFC 3261 §8.1.1.5: less than 2**31
  ['CSeq', '4294967297 INVITE', 'bad'],
  ['CSeq', '-1 INVITE', 'bad'],
  ['CSeq', '0x1 INVITE', 'bad'],
  ['CSeq', '1INVITE', 'bad'],
  ['CSeq', 'INVITE', 'bad'],
  ['CSeq', 'INVITE 1', 'bad'],
  ['CSeq', '1', 'bad'],
  ['CSeq', '1 INVITE X', 'bad'],
  ['CSeq', '1 IN/VITE', 'bad'],
  ['Expires', '0', '0'],
  ['Expires', '4294967295', '4294967295'],
  ['Expires', '4294967296', 'bad'],
  ['Expires', '99999999999999999999', 'bad'],
  ['Expires', '-12', 'bad'],
  ['Expires', '+1', 'bad'],
  ['Expires', '1.5', 'bad'],
  ['Expires', '', 'bad'],
  ['Expires', 'Thu, 01 Dec 1994 16:00:00 GMT', 'bad'], // RFC 2543 had dates
  ['Max-Forwards', '0', '0'],
  ['Max-Forwards', '007', '7'],
  ['Max-Forwards', '255', '255'],
  ['Max-Forwards', '256', 'bad'],
  ['Max-Forwards', '-1', 'bad'],
  ['Max-Forwards', '7 0', 'bad'],
  ['Call-ID', '(a)<b>[c]{d}?"e"\\/:%!_`\'~*+.-', '(a)<b>[c]{d}?"e"\\/:%!_`\'~*+.-'],
  ['Call-ID', 'a@b', 'a@b'],
  ['Call-ID', 'a@b@c', 'bad'],
  ['Call-ID', 'a@', 'bad'],
  ['Call-ID', '@a', 'bad'],
  ['Call-ID', 'a b', 'bad'],
  ['Call-ID', 'a,b', 'bad'],
  ['Call-ID', 'a;b', 'bad'],
  ['Call-ID', 'a=b', 'bad'],
  ['Call-ID', '\xe4', 'bad'],
  ['Call-ID', '', 'bad'],
  ['Content-Type', 'Text / Plain', 'text/plain'],
  ['Content-Type', 'multipart/mixed; boundary="a b"', 'multipart/mixed;boundary="a b"'],
  ['Content-Type', 'a/b;x', 'bad'],
  ['Content-Type', 'a/b;', 'bad'],
  ['Content-Type', 'a', 'bad'],
  ['Content-Type', 'a/', 'bad'],
  ['Content-Type', '/b', 'bad'],
  ['Content-Type', 'a/b, c/d', 'bad'],
  ['Event', 'presence.winfo;id=1', 'presence.winfo;id=1'],
  ['Event', 'a..b', 'bad'],
  ['Event', '.a', 'bad'],
  ['Event', '', 'bad'],
  [
    'Subscription-State',
    'terminated;reason=noresource;retry-after=5',
    'terminated;reason=noresource;retry-after=5',
  ],
  ['Subscription-State', 'x;y;z', 'x;y;z'],
  ['Subscription-State', 'active;expires=a', 'bad'],
  ['Subscription-State', '', 'bad'],
];

const READERS: Readonly<Record<string, (text: string) => string>> = {
  From: (text) => {
    const address = parseNameAddr(text);
    return address.ok ? shown(address.value) : 'bad';
  },
  Contact: (text) => {
    const contacts = parseContacts(text);
    if (!contacts.ok) return 'bad';
    return contacts.value === '*' ? '*' : contacts.value.map(shownContact).join(', ');
  },
  Via: (text) => {
    const vias = parseViaList(text);
    return vias.ok ? vias.value.map(shownVia).join(', ') : 'bad';
  },
  CSeq: (text) => {
    const cseq = parseCseq(text);
    return cseq.ok ? `${cseq.value.sequence} ${cseq.value.method}` : 'bad';
  },
  Expires: (text) => plain(parseExpires(text)),
  'Max-Forwards': (text) => plain(parseMaxForwards(text)),
  'Call-ID': (text) => plain(parseCallId(text)),
  'Content-Type': (text) => {
    const type = parseContentType(text);
    return type.ok ? type.value.mediaType + formatParameters(type.value.parameters) : 'bad';
  },
  Event: (text) => {
    const event = parseEvent(text);
    return event.ok ? event.value.eventType + formatParameters(event.value.parameters) : 'bad';
  },
  'Subscription-State': (text) => {
    const state = parseSubscriptionState(text);
    return state.ok ? state.value.state + formatParameters(state.value.parameters) : 'bad';
  },
};

/** A proxy passes on what only end systems act on: the preference of a Contact, the state of a subscription. */
function isPassed(field: string, text: string): boolean {
  return field === 'Subscription-State' || text.includes(';q=');
}

/** Sound, and refused all the same in From and Via: readers end such a quoted string differently, or read SIP/2.0 alone. */
function isAmbiguous(field: string, text: string): boolean {
  if (field === 'Via' && text.startsWith('SIP/3.0')) return true;
  return (field === 'From' || field === 'Via') && /=".*[;\\].*"$/.test(text);
}

describe('field values after the tests of other SIP projects', () => {
  const rows = [
    ...ADDRESSES.map((row) => ['From', ...row] as const),
    ...CONTACTS.map((row) => ['Contact', ...row] as const),
    ...VIAS.map((row) => ['Via', ...row] as const),
    ...OTHERS,
  ];
  for (const [field, text, parts] of rows) {
    it(`${field} ${JSON.stringify(text)}: ${parts}`, () => {
      assert.equal(READERS[field]?.(text), parts);
    });

    const isRefused = (parts === 'bad' && !isPassed(field, text)) || isAmbiguous(field, text);
    const verdict = isRefused ? '400' : 'forward';
    it(`a message with ${field} ${JSON.stringify(text)}: ${verdict}`, () => {
      assert.equal(verdicts(messageWith(field, text)), verdict);
    });
  }
});

function messageWith(field: string, value: string): Buffer {
  const cseqMethod = field === 'CSeq' ? (/[ \t]([A-Za-z]+)$/.exec(value)?.[1] ?? 'X') : undefined;
  const method = value === '*' ? 'REGISTER' : (cseqMethod ?? 'OPTIONS');
  const fields: Record<string, string> = {
    Via: 'SIP/2.0/TLS a.test;branch=z9hG4bK1',
    From: '<sip:a@a.test>;tag=1',
    To: '<sip:b@b.test>',
    'Call-ID': 'c1',
    CSeq: `1 ${method}`,
    'Content-Length': '0',
    [field]: value,
  };
  const lines = Object.entries(fields).map(([name, text]) => `${name}: ${text}`);
  return Buffer.from([`${method} sip:b.test SIP/2.0`, ...lines, '', ''].join('\r\n'), 'latin1');
}

function shown(address: NameAddr): string {
  const name = address.displayName === undefined ? '' : `${address.displayName}|`;
  return `${name}<${address.uri}>${formatParameters(address.parameters)}`;
}

function shownContact(contact: Contact): string {
  const facts = [
    ...(contact.q === undefined ? [] : [`q ${contact.q}`]),
    ...(contact.expires === undefined ? [] : [`expires ${contact.expires}`]),
  ].join(', ');
  return shown(contact) + (facts === '' ? '' : ` (${facts})`);
}

function shownVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `${via.transport} ${via.host}${port}${formatParameters(via.parameters)}`;
}

function plain(value: Result<string | number, SipFault>): string {
  return value.ok ? `${value.value}` : 'bad';
}
