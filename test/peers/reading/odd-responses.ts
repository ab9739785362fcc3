import { header, headers } from '../../app-gateway/domain/core/core-stage.ts';
import type { SeededRandom } from '../../fuzz/mutator.ts';
import {
  address,
  BODIES,
  damaged,
  EXTRAS,
  field,
  OTHER,
  OURS,
  PARTNER,
  TAGS,
} from './odd-requests.ts';

/**
 * A response to a request of ours as somebody writes it who wants two readers to read it differently; most are sound and most
 * answer what was asked.
 */
export function oddResponse(random: SeededRandom, request: string): string {
  const body = random.pick([...BODIES, RESPONSE_BODY, `\r\n\r\n${RESPONSE_BODY}`]);
  const length = random.below(8) === 0 ? random.below(body.length + 9) : body.length;
  const [via = '', ...vias] = headers(request, 'Via');
  const isEchoed = random.below(3) > 0;
  const from = header(request, 'From');
  const to = header(request, 'To');
  const echoedTo = to.includes('tag=') ? to : `${to};tag=far`;
  const lines = [
    field(random, 'Via', via),
    ...vias.map((value) => field(random, 'Via', value)),
    field(random, 'From', isEchoed ? from : address(random, PARTNER, random.pick(TAGS))),
    field(random, 'To', isEchoed ? echoedTo : address(random, OURS, random.pick(TAGS))),
    field(random, 'Call-ID', header(request, 'Call-ID')),
    field(random, 'CSeq', header(request, 'CSeq')),
    ...headers(request, 'Record-Route').map((value) => field(random, 'Record-Route', value)),
    field(random, 'Contact', address(random, random.pick([PARTNER, OURS, OTHER]), '')),
    field(random, 'Content-Length', `${random.pick(['', '', '0', '000'])}${length}`),
    ...Array.from({ length: random.below(3) }, () =>
      random.pick(random.below(2) === 0 ? EXTRAS : ANSWERS),
    ),
  ];
  const fields = (random.below(4) === 0 ? lines.toReversed() : lines).join('\r\n');
  const others = random.below(3) === 0 ? damaged(random, fields) : fields;
  const early = random.below(8) === 0 ? random.pick(EARLY) : '';
  const late =
    random.below(8) === 0 ? `${random.pick(STATUS_LINES)}\r\n${fields}\r\n\r\n${body}` : '';
  return `${early}${random.pick(STATUS_LINES)}\r\n${others}\r\n\r\n${body}${late}`;
}

const STATUS_LINES = [
  'SIP/2.0 200 OK',
  'SIP/2.0 200 OK',
  'SIP/2.0 180 Ringing',
  'SIP/2.0 404 Not Found',
  'SIP/2.0 302 Moved',
  'SIP/2.0 200 ',
  'SIP/2.0 200',
  'sip/2.0 200 OK',
  'Sip/2.0 486 Busy',
  'SIP/2.0  200 OK',
  'SIP/2.0 200  OK',
  'SIP/2.0 0200 OK',
  'SIP/2.0 2000 OK',
  'SIP/2.0 200OK',
  'SIP/2.0 099 Odd',
  'SIP/2.0 700 Odd',
  'SIP/2.0 699 Odd',
  'SIP/2.0 200 a\tb',
  'SIP/2.0 200 a\u0000b',
  'SIP/2.0 200 Gr\u00c3\u00bcn',
  'SIP/2.0 200 SIP/2.0 404 Not Found',
  'SIP/2.0 200 OK SIP/2.0',
  'SIP/2.0 200 OPTIONS sip:a@b SIP/2.0',
  'SIP/2.0 200 ask one.inner.example',
  'SIP/2.0 200 a: b, "c',
  'SIP/2.1 200 OK',
  'SIP/2.0 -20 OK',
  'SIP/2.0 200 OK \t ',
];

/** What stands before it. */
const EARLY = [
  '\r\n',
  '\r\n\r\n',
  '\r\n\r\n\r\n',
  ' ',
  '\0',
  '\n',
  'x',
  'SIP/2.0 100 Trying\r\n\r\n',
];

const RESPONSE_BODY = `SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS one.inner.example:5061;branch=z9hG4bKinner1\r\nFrom: <sip:bob@${OURS}>;tag=bob1\r\nTo: <sip:ceo@${PARTNER}>;tag=s\r\nCall-ID: smuggled\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n`;

/** What responses may bring beside what any message may. */
const ANSWERS = [
  'Server: PBX on one.inner.example',
  'Warning: 399 one.inner.example "busy"',
  'Error-Info: <sip:busy@two.inner.example>',
  'X-Node: one.inner.example',
  'X-Node:\r\n one.inner\r\n .example',
  'X-Node : ONE%2einner%2Eexample',
  'X-Node: a;b="\\one.inner.example"',
  'Retry-After: 5 (at one.inner.example)',
  'Retry-After: 5\r\n ;duration=3600',
  'Reply-To: <sip:a@one.inner.example>',
  'Contact: <sip:a@one.inner.example>, "b, c" <sip:b@two.inner.example>',
  'Contact : <sip:a@two.inner.example>\r\n , <sip:b@one.inner.example>;x="one.inner.example"',
  'Route: <sip:one.inner.example;lr>',
  'Route : <sip:victim.example;lr>',
  'Record-Route: <sip:one.inner.example;lr>',
  'Via: SIP/2.0/TLS one.inner.example;branch=z9hG4bKx',
  'v : SIP/2.0/TLS victim.example;branch=z9hG4bKx',
  'Reason: SIP;cause=200;text="one.inner.example"',
  'WWW-Authenticate: Digest realm="acme.example", nonce="a,b"',
  'Unsupported: foo,\r\n bar',
  'Call-Info: <http://one.inner.example/a.png>',
  'RSeq: 1',
  'Require: 100rel',
  'Allow: INVITE, ACK',
  'Min-Expires: 60',
  'P-Asserted-Identity: "x" <sip:a@one.inner.example>',
  'CSeq: 9 INVITE',
  'Call-ID: other',
];
