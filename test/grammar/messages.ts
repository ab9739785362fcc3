import type { SeededRandom } from '../fuzz/mutator.ts';
import {
  COMMA,
  DIGIT,
  host,
  hostport,
  LWS,
  nameAddr,
  named,
  number,
  otherUri,
  sipUriAt,
  token,
  userinfo,
} from './core-rules.ts';
import {
  address,
  CONTENT_TYPE,
  callId,
  contact,
  event,
  type Field,
  line,
  list,
  PASSING,
  route,
  sentBy,
  TELLING,
  viaParm,
} from './fields.ts';
import { alt, anyCase, made, many, opt, type Part, type Rule, seq } from './rule.ts';

/*
 * Whole messages from the grammar, whose fields stand in any order. Hosts are such that what they say is allowed: the partner's
 * domain is globex.example, ours acme.example.
 */

/** Who asks whom, and by which names. */
interface Way {
  readonly from: Rule;
  readonly to: Rule;
  /** Who sends, of Contacts. */
  readonly server: Rule;
  /** How the sender knows us, of Routes. */
  readonly us: Rule;
}

const OURS = alt('acme.example', 'ACME.Example', 'acme.example:5061', 'Acme.example:05060');
const PARTNERS = alt('globex.example', 'Globex.EXAMPLE');

const WAYS = {
  partner: {
    from: PARTNERS,
    to: OURS,
    server: alt('sip.globex.example:5070', 'GLOBEX.example', '192.0.2.77', '[2001:db8::77]:5061'),
    us: alt('sip.acme.example', 'SIP.ACME.EXAMPLE:5061', 'acme.example'),
  },
  inside: {
    from: alt('acme.example', 'ACME.Example'),
    to: alt(PARTNERS, seq(PARTNERS, ':5061')),
    server: alt('10.3.2.1:5070', 'acme.example', 'pc7.corp.example', '[2001:db8::77]'),
    us: alt('gateway-1.inner.example', 'GATEWAY-2.inner.example:5061'),
  },
} as const satisfies Record<string, Way>;

export type Side = keyof typeof WAYS;

export const METHODS =
  'INVITE ACK BYE CANCEL OPTIONS MESSAGE SUBSCRIBE NOTIFY REFER PRACK UPDATE INFO'.split(' ');

/** A valid request from one side to the other. */
export function validRequest(random: SeededRandom, side: Side, method: string): string {
  const { from, to, server, us } = WAYS[side];
  const requestUri = made(sipUriAt(to, userinfo), random);
  const tag = (rule: Part) => named('tag', rule);
  const cookie = alt('z9hG4bK', 'Z9HG4BK');
  const withCookie = named('branch', seq(cookie, token));
  const branch = random.pick([withCookie, withCookie, named('branch', token), '']);
  const isEvent = method === 'SUBSCRIBE' || method === 'NOTIFY';
  const fields: Field[] = [
    ['Via', 'v', seq(viaParm(sentBy(host), branch), opt(COMMA, viaParm(sentBy(host), '')))],
    ['From', 'f', address(from, random.below(8) === 0 ? '' : tag(token))],
    ['To', 't', address(alt(to, hostport), random.below(3) === 0 ? tag(token) : '')],
    ['Call-ID', 'i', callId],
    ['CSeq', '', seq(alt(number('1'), number('314159'), '2147483647', '0'), LWS, method)],
    ...(random.below(5) === 0 ? [] : [['Max-Forwards', '', number('68')] as const]),
    ...(isEvent
      ? [['Event', 'o', event('presence', alt(token, seq('"', 'a7@b.example', '"')))] as const]
      : []),
    ['Contact', 'm', list(contact(server), 1, method === 'INVITE' ? 1 : 3)],
    ...someLines(random, 2, ['Route', '', list(route(us))]),
    ...someLines(random, 2, ['Record-Route', '', list(route(hostport))]),
    ...others(random),
  ];
  const vias = someLines(random, 2, [
    'Via',
    'v',
    list(viaParm(sentBy(host), random.pick([named('branch', token), '']))),
  ]);
  return messageOf(
    random,
    `${method} ${requestUri} ${made(anyCase('SIP/2.0'), random)}`,
    fields,
    vias,
  );
}

/** A valid response; `echoed` are the lines that it must give back. */
export function validResponse(
  random: SeededRandom,
  echoed: readonly Field[],
  status: number,
  oneContact: Part,
): string {
  const character = alt('%41', ';', '\t', ' ', '$', '\u00c3\u00bc', 'a');
  const reason = alt('', ' ', 'OK', seq(many(character, 1, 9), 'x'));
  const fields: Field[] = [...echoed, ['Contact', 'm', list(oneContact)], ...others(random)];
  const startLine = `${made(anyCase('SIP/2.0'), random)} ${status} ${made(reason, random)}`;
  return messageOf(random, startLine, fields, []);
}

/** `sip:` or any other: what Contacts of redirections and such may hold. */
export const anyContact = alt(contact(hostport), nameAddr(otherUri));

function someLines(random: SeededRandom, max: number, field: Field): Field[] {
  return Array.from({ length: random.below(max + 1) }, () => field);
}

function others(random: SeededRandom): Field[] {
  const all = [...PASSING, ...TELLING];
  const count = random.below(7);
  return Array.from({ length: count }, () => all.splice(random.below(all.length), 1)).flat();
}

/** Lines in any order, but that values of one field stand in theirs. */
function messageOf(
  random: SeededRandom,
  startLine: string,
  fields: readonly Field[],
  laterVias: readonly Field[],
): string {
  const body = made(
    many(alt('\0', '\r\n', '\r\n\r\n', 'a', '\u00ff', DIGIT, 'INVITE sip:a SIP/2.0'), 0, 6),
    random,
  );
  const length: Field = ['Content-Length', 'l', number(`${body.length}`)];
  const type: Field[] = body === '' ? [] : [['Content-Type', 'c', CONTENT_TYPE]];
  const left = [...fields, length, ...type, ...laterVias];
  let text = `${startLine}\r\n`;
  while (left.length > 0) {
    let at = random.below(3) === 0 ? random.below(left.length) : 0;
    const name = left[at]?.[0];
    at = left.findIndex(([other]) => other === name);
    for (const field of left.splice(at, 1)) text += made(line(field), random);
  }
  return `${text}\r\n${body}`;
}
