import type { SeededRandom } from '../../fuzz/mutator.ts';

/** Domains as the stage of the core knows them. */
export const PARTNER = 'globex.example';
export const OURS = 'acme.example';
export const OTHER = 'victim.example';

/** A request as somebody writes it who wants two readers to read it differently; most are sound, some are not. */
export function oddRequest(random: SeededRandom, number: number): string {
  const method = random.pick(METHODS);
  const body = random.pick(BODIES);
  const lines = [
    field(random, 'Via', `SIP/2.0/TLS edge.${PARTNER}:5061;branch=z9hG4bKodd${number}`),
    field(random, 'Max-Forwards', random.pick(['70', '070', '8'])),
    field(random, 'From', address(random, PARTNER, random.pick(TAGS))),
    field(random, 'To', address(random, random.pick([OURS, OTHER]), random.pick(TO_TAGS))),
    field(random, 'Call-ID', `${random.pick(CALL_IDS)}${number}`),
    field(random, 'CSeq', `${random.pick(['1', '0001', '2147483647'])} ${method}`),
    ...(method === 'SUBSCRIBE' ? [field(random, 'Event', 'presence')] : []),
    field(random, 'Contact', address(random, PARTNER, '')),
    field(random, 'Content-Length', `${random.pick(['', '', '0', '000'])}${body.length}`),
    ...Array.from({ length: random.below(3) }, () => random.pick(EXTRAS)),
  ];
  const [via = '', ...rest] = lines;
  const isViaLast = random.below(4) === 0;
  const fields = (isViaLast ? rest.toReversed() : rest).join('\r\n');
  const others = random.below(3) === 0 ? damaged(random, fields) : fields;
  const head = isViaLast ? `${others}\r\n${via}` : `${via}\r\n${others}`;
  return `${method} ${uri(random, OURS)} SIP/2.0\r\n${head}\r\n\r\n${body}`;
}

/** With one or two pieces put in, in the place of a few bytes. */
export function damaged(random: SeededRandom, text: string): string {
  let changed = text;
  for (let left = 1 + random.below(2); left > 0; left--) {
    const at = random.below(changed.length);
    changed = changed.slice(0, at) + random.pick(PIECES) + changed.slice(at + random.below(3));
  }
  return changed;
}

const PIECES = [
  '',
  ' ',
  '\t',
  ',',
  ';',
  ':',
  '"',
  '\\',
  '<',
  '>',
  '@',
  '=',
  '%',
  '?',
  '*',
  '\r\n ',
  '\r\n\t',
  '[::1]',
  '(',
  'x',
  '0',
  ';tag=two',
  'l: 0\r\n',
  '\r\nl: 0',
].concat([
  `\r\nRoute: <sip:${OTHER};lr>`,
  `\r\nP-Asserted-Identity: <sip:ceo@${OURS}>`,
  '\r\nX: y',
  '\u00c3\u00bc',
  '\\\u0000',
  '{',
  '}',
  '|',
  '^',
  '~',
  '/',
  '&',
  '#',
  "'",
  '`',
]);

const METHODS = ['MESSAGE', 'MESSAGE', 'INVITE', 'OPTIONS', 'SUBSCRIBE'];

const INSIDE_BODY = `OPTIONS sip:smuggled@${OURS} SIP/2.0\r\nVia: SIP/2.0/TLS edge.${PARTNER};branch=z9hG4bKs\r\nFrom: <sip:ceo@${OURS}>;tag=s\r\nTo: <sip:bob@${OURS}>\r\nCall-ID: smuggled\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`;
export const BODIES = ['', 'hello', INSIDE_BODY, `\r\n${INSIDE_BODY}`, `0\r\n\r\n${INSIDE_BODY}`];

const SHORT: Readonly<Record<string, string>> = {
  Via: 'v',
  From: 'f',
  To: 't',
  'Call-ID': 'i',
  Contact: 'm',
  Event: 'o',
  'Content-Length': 'l',
};

const COLONS = [': ', ': ', ': ', ': ', ':', ' : ', '\t:\t', ':\r\n ', ' :\r\n\t', ':  '];
const ENDS = ['', '', '', '', ' ', '\t', '\r\n ', ' \r\n \t'];
const FOLDS = ['\r\n ', '\r\n\t', '  \r\n \t', '\r\n \r\n '];

export function field(random: SeededRandom, name: string, value: string): string {
  let written = name;
  if (random.below(4) === 0) written = SHORT[name] ?? name;
  const style = random.below(6);
  if (style === 0) written = written.toUpperCase();
  if (style === 1) written = written.toLowerCase();
  const spaced =
    random.below(6) === 0 && value.includes(' ')
      ? value.replace(' ', () => random.pick(FOLDS))
      : value;
  return written + random.pick(COLONS) + spaced + random.pick(ENDS);
}

export const TAGS = [
  'tag=one',
  'tag=one',
  'tag=one',
  'tag = one',
  'TAG=one',
  'x="a;tag=two";tag=one',
  'x=y;tag=one;z',
];
export const TO_TAGS = ['', '', '', '', 'x="tag=two"', 'tag=far', 'tag=far', 'x=y'];
const CALL_IDS = ['a', 'a@b', '<>:"/[]?{}', "(.!%*_+`'~)-", 'a"b', 'a@<c>'];

export function address(random: SeededRandom, domain: string, parameters: string): string {
  const parameter =
    parameters === '' ? '' : random.pick([';', ';', ' ; ', '\t;', ';\r\n ']) + parameters;
  const name = random.pick(NAMES);
  if (name === undefined) return `${uri(random, domain, true)}${parameter}`;
  return `${name}<${uri(random, domain)}>${parameter}`;
}

const NAMES = [
  undefined,
  '',
  '',
  '"Alice" ',
  'Alice Smith ',
  '"Alice"',
  `"<sip:ceo@${OURS}>;tag=two" `,
  `"\\" <sip:ceo@${OURS}>;tag=two, \\"" `,
  `"<sip:ceo@${OURS}>, " `,
  '"\\\\" ',
  '"\\\u0000" ',
  '"a\\\u0001b" ',
  '"a\tb" ',
  '"Gr\u00c3\u00bcn" ',
  `"a\r\n From: <sip:ceo@${OURS}>;tag=two\r\n b" `,
  '"a, b; c=d ? e & f" ',
  "a.b%c*d_e+f`g'h~i!j- ",
  '"" ',
];

function uri(random: SeededRandom, domain: string, isBare = false): string {
  const scheme = random.pick(['sip', 'sip', 'sip', 'SIP', 'sips', 'Sip']);
  const user = random.pick(isBare ? BARE_USERS : USERS);
  const host = random.pick([domain, domain, domain, domain.toUpperCase(), `${domain}.`]);
  const port = random.pick(['', '', '', ':5060', ':05061']);
  const parameter = isBare ? '' : random.pick(URI_PARAMETERS);
  return `${scheme}:${user}${host}${port}${parameter}`;
}

const BARE_USERS = [
  '',
  'alice@',
  'alice:secret@',
  'al%69ce@',
  `a%40${OTHER}@`,
  'a&b=c+d$e/f@',
  'a:5060@',
];
const USERS = [
  ...BARE_USERS,
  `a;tag=x@`,
  `${OTHER};x=y@`,
  `${OTHER}?x=y@`,
  `${OTHER}/@`,
  `${OTHER},b@`,
  `${OTHER}:5060@`,
  `a;b;c?d?e/f@`,
  '%00@',
  '%0d%0aFrom:%20x@',
  '+1-234;phone-context=b@',
  '(a)@',
  "!*'~@",
  '%22@',
  'sip:a@',
  '*@',
];
const URI_PARAMETERS = [
  '',
  '',
  '',
  ';transport=tls',
  ';user=phone',
  ';lr',
  ';%6cr',
  ';lr=on',
  `;maddr=${OTHER}`,
  ';ttl=1',
  ';method=INVITE',
  ';x=%3b%40',
  `;x=${OTHER}:5060`,
  ';tag=two',
  ';x=[::1]/&+$',
  '?Subject=x',
  `?Route=%3Csip:${OTHER}%3E`,
];
export const EXTRAS = [
  'Subject: hi',
  `Subject: a\r\n From: <sip:ceo@${OURS}>;tag=two`,
  `Subject: a\r\n\tContent-Length: 400`,
  'Subject: a\r\n l: 0',
  'Subject: a\r\n \r\n b',
  'Subject: a\r\n \r\n',
  'Subject:\r\n ',
  'Subject:',
  `P-Asserted-Identity: <sip:ceo@${OURS}>`,
  `P-Asserted-Identity : <sip:ceo@${OURS}>`,
  `p-ASSERTED-identity\t:\r\n <sip:ceo@${OURS}>`,
  `Remote-Party-ID : <sip:ceo@${OURS}>`,
  `X-Fold: a\r\n P-Asserted-Identity: <sip:ceo@${OURS}>`,
  'X-Empty : ',
  'Record-Route : <sip:edge.globex.example;lr>\r\n , <sip:b.globex.example;lr>',
  'Record-Route: "a, <b>" <sip:edge.globex.example;lr>',
  'Via : SIP / 2.0 /\r\n TLS\tclient.globex.example : 5061 ; branch = z9hG4bKx , SIP/2.0/UDP x;branch=z9hG4bKy',
  'Transfer-Encoding: chunked',
  'Expect: 100-continue',
  'Content-Encoding: identity',
  'Content-Type: multipart/mixed;boundary="a\r\n b"',
  'Content-Type: text/plain',
  'Language: 7',
  'L-x: 9',
  'Content-Lengthy: 9',
  'Content-Len: 9',
  'Route%: <sip:victim.example>',
  'Froms: <sip:ceo@acme.example>;tag=two',
  "X-!%*_+`'~: 1",
  'Supported: \r\n\t',
  'Subject: "unterminated',
  "Subject: Gr\u00c3\u00bcn \\ ' ( < >",
  'Identity: "abc"',
  'Via: SIP/2.0/2TLS client.globex.example;branch=z9hG4bKx',
  'Retry-After: 5;duration=3600',
  'Retry-After: Fri, 26 Sep 1997 13:00:00 GMT',
  'Retry-After: 5, (soon)',
  'Replaces: a@b;to-tag=1;from-tag=2',
  'Refer-To: <sip:x@globex.example?Replaces=a%40b%3Bto-tag%3D1>',
];
