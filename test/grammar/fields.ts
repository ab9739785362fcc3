import {
  bareAddress,
  COLON,
  COMMA,
  comment,
  EQUAL,
  HCOLON,
  host,
  hostport,
  ipv4,
  ipv6,
  ipv6reference,
  knownNameAddr,
  LWS,
  nameAddr,
  named,
  nonAscii,
  number,
  otherUri,
  parameters,
  plainQuotedString,
  port,
  quotedString,
  SEMI,
  SLASH,
  SWS,
  sipUri,
  sipUriAt,
  text,
  token,
  uriHeaders,
  word,
} from './core-rules.ts';
import { alt, anyCase, many, opt, type Part, type Rule, seq } from './rule.ts';

/*
 * Header fields of RFC 3261 and its extensions, each with its grammar. Those whose values hang together with the rest of the
 * message are functions of what they must say.
 */

/** One of Via: not of version and transport that docs/protocol-coverage.md refuses. */
export function viaParm(sentBy: Part, branch: Part): Rule {
  const protocol = seq(
    anyCase('SIP'),
    SLASH,
    '2.0',
    SLASH,
    alt('TLS', 'tls', 'TCP', 'UDP', 'TLS-SCTP', 'x'),
  );
  const known = [
    named('ttl', alt('0', '255', '016')),
    named('maddr', host),
    named('received', alt(ipv4, ipv6, ipv6reference)),
    seq(anyCase('rport'), opt(EQUAL, port)),
    anyCase('alias'),
    named('comp', 'sigcomp'),
    named('sigcomp-id', '"<urn:uuid:0c67446e-f1a1-11d9-94d3-000a95a0e128>"'),
    anyCase('keep'),
    named('oc', '1'),
  ];
  return seq(protocol, LWS, sentBy, withOne(branch, parameters(known, plainQuotedString)));
}

/** `sent-by` with blanks around the colon. */
export function sentBy(at: Part): Rule {
  return seq(at, opt(COLON, port));
}

/** From or To; `tag` as a whole parameter, or nothing. */
export function address(at: Part, tag: Part): Rule {
  const behind = withOne(tag, parameters([], plainQuotedString));
  return seq(
    alt(knownNameAddr(sipUriAt(at)), knownNameAddr(sipUriAt(at)), bareAddress(at)),
    behind,
  );
}

/** A parameter before or behind others; an empty one is none. */
function withOne(parameter: Part, others: Rule): Rule {
  if (parameter === '') return others;
  const written = seq(SEMI, parameter);
  return alt(seq(written, others), seq(others, written));
}

export function contact(at: Part): Rule {
  const known = [
    named('q', alt('0', '1', '0.5', '1.000', '0.')),
    named('expires', alt('0', '3600', '4294967295')),
    named('+sip.instance', '"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'),
    named('reg-id', '1'),
    named('methods', '"INVITE,BYE,OPTIONS"'),
    named('audio', '"TRUE"'),
    anyCase('isfocus'),
    named('+g.3gpp.icsi-ref', '"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel"'),
    named('description', '"<a;b\\\\\\"c>"'),
    anyCase('automata'),
  ];
  return seq(
    alt(knownNameAddr(sipUriAt(at)), knownNameAddr(sipUriAt(at)), bareAddress(at)),
    parameters(known),
  );
}

/** Route and Record-Route: brackets always. */
export function route(at: Part): Rule {
  return seq(knownNameAddr(seq(anyCase('sip'), ':', opt('a@'), at, ';lr')), parameters([]));
}

/** Values with commas between them. */
export function list(part: Part, min = 1, max = 3): Rule {
  return seq(many(seq(part, COMMA), min - 1, max - 1), part);
}

/** `callid`. */
export const callId = seq(word, opt('@', word));

const seconds = alt(number('0'), number('3600'), '4294967295');
const date = 'Sat, 13 Nov 2010 23:29:00 GMT';
const anyUri = alt(sipUri, otherUri);
const anyAddress = alt(nameAddr(anyUri), nameAddr(seq(sipUri, uriHeaders)), bareAddress(hostport));
const challenge = seq(
  anyCase('Digest'),
  LWS,
  list(
    alt(
      seq('realm', EQUAL, quotedString),
      seq('qop', EQUAL, '"auth,auth-int"'),
      'stale=FALSE',
      seq(token, EQUAL, quotedString),
    ),
  ),
);
const mediaType = seq(
  token,
  SLASH,
  token,
  many(seq(SEMI, token, EQUAL, alt(token, quotedString)), 0, 2),
);
const acceptRange = seq(alt('*/*', seq(token, '/*'), mediaType), parameters([named('q', '0.3')]));
const infoUri = seq('<', anyUri, '>', parameters([named('purpose', 'icon')]));
const acceptContact = seq(
  '*',
  parameters([anyCase('require'), anyCase('explicit'), named('methods', '"BYE"')]),
);
const withToken = seq(token, parameters([]));

/** A field by its long name, its compact name, and what may stand in it. */
export type Field = readonly [name: string, compact: string, value: Part];

/** Fields that a proxy passes on as they came, to either side. */
export const PASSING: readonly Field[] = [
  ['Accept', '', opt(list(acceptRange))],
  ['Accept-Contact', 'a', list(acceptContact)],
  ['Accept-Encoding', '', opt(list(seq(alt('*', token), parameters([named('q', '1')]))))],
  ['Accept-Language', '', opt(list(alt('da', 'en-gb;q=0.8', '*')))],
  ['Accept-Resource-Priority', '', list('dsn.flash')],
  ['Allow', '', opt(list(token))],
  ['Allow-Events', 'u', list(alt('presence', 'conference.winfo'))],
  ['Answer-Mode', '', seq('Auto', parameters([anyCase('require')]))],
  ['Authorization', '', challenge],
  [
    'Authentication-Info',
    '',
    list(alt('nextnonce="47364c23432d2e131a5fb210812c"', 'qop=auth', 'nc=00000001')),
  ],
  [
    'Content-Disposition',
    '',
    seq(alt('session', 'render', token), parameters([named('handling', 'optional')])),
  ],
  ['Content-Encoding', 'e', list(token)],
  ['Content-Language', '', list('en')],
  ['Content-ID', '', '<a1@b.example>'],
  ['Date', '', date],
  ['Expires', '', seconds],
  ['Feature-Caps', '', list(seq('*', parameters([named('+g.3gpp.atcf', '"<urn:x>"')])))],
  ['Flow-Timer', '', '120'],
  [
    'Identity',
    'y',
    '"ZYNBbHC00VMZr2kZt6VmCvPonWJMGvQTBDqghoWeLxJfzB2a1pxAr3VgrB0SsSAaifsRdiOPoQZYOy2wrVghuhcsMbHWUSFxI6p6q5TOQXHMmz6uEo3svJsSH49thyGnFVcnyaZ++yRlBYYQTLqWzJ+KVhPKbfU/pryhVn9Yc6U=";info=<https://cert.b.example/cert>;ppt="shaken"',
  ],
  ['Info-Package', '', withToken],
  ['Max-Breadth', '', alt('1', '60', '059')],
  ['MIME-Version', '', '1.0'],
  ['Min-Expires', '', seconds],
  ['Min-SE', '', seq(seconds, parameters([]))],
  ['Priority', '', alt('emergency', token)],
  ['Privacy', '', seq('id', many(seq(SEMI, 'header'), 0, 1))],
  ['Proxy-Authenticate', '', challenge],
  ['Proxy-Authorization', '', challenge],
  ['RAck', '', seq('776656', LWS, '1', LWS, 'INVITE')],
  ['RSeq', '', number('988789')],
  [
    'Reason',
    '',
    list(seq(alt('Q.850', 'SIP'), parameters([named('cause', '16'), named('text', quotedString)]))),
  ],
  ['Recv-Info', '', opt(list(withToken))],
  ['Reject-Contact', 'j', list(acceptContact)],
  ['Request-Disposition', 'd', list(alt('proxy', 'cancel', 'no-fork', 'parallel'))],
  ['Require', '', list(alt('100rel', 'timer', token))],
  ['Resource-Priority', '', list('q735.3')],
  ['SIP-ETag', '', token],
  ['SIP-If-Match', '', token],
  ['Session-Expires', 'x', seq(seconds, parameters([named('refresher', 'uas')]))],
  [
    'Session-ID',
    '',
    seq('ab30317f1a784dc48ff824d0d3715d86', SEMI, 'remote=47755a9de7794ba387653f2099600ef2'),
  ],
  ['Subject', 's', opt(text)],
  [
    'Subscription-State',
    '',
    seq(
      alt('active', 'terminated', token),
      parameters([named('expires', '60'), named('reason', 'noresource')]),
    ),
  ],
  ['Supported', 'k', opt(list(alt('100rel', 'path', token)))],
  [
    'Timestamp',
    '',
    seq(number('54'), alt('', '.', '.25'), opt(LWS, alt('1', '.5', '0.125', '7.'))),
  ],
  ['Unsupported', '', list(token)],
  ['User-to-User', '', seq('56a390f3d2b7310023a2', parameters([named('encoding', 'hex')]))],
  ['WWW-Authenticate', '', challenge],
  [
    'X-Nobody-Knows',
    '',
    opt(many(alt(text, quotedString, comment, LWS, nonAscii, '@<>[]{}\\'), 1, 4)),
  ],
  ['x_y.z-1', '', seq(SWS, alt(text, quotedString), SWS)],
  ['Q', '', alt(token, ',,', ';', '')],
];

/** Fields whose texts lead somewhere, or tell of somebody: what becomes of each is told apart. */
export const TELLING: readonly Field[] = [
  ['Alert-Info', '', list(infoUri)],
  ['Call-Info', '', list(infoUri)],
  ['Error-Info', '', list(infoUri)],
  ['Geolocation', '', list(infoUri)],
  [
    'History-Info',
    '',
    list(seq('<', sipUri, '?Reason=SIP%3Bcause%3D302>', parameters([named('index', '1.1')]))),
  ],
  ['Diversion', '', list(seq(nameAddr(sipUri), parameters([named('reason', '"user-busy"')])))],
  ['In-Reply-To', '', list(callId)],
  ['Organization', '', text],
  ['P-Asserted-Identity', '', list(nameAddr(sipUri))],
  ['P-Charging-Vector', '', 'icid-value="1234bc9876e";icid-generated-at=192.0.6.8'],
  ['Path', '', list(route(hostport))],
  ['Service-Route', '', list(route(hostport))],
  ['Refer-To', 'r', seq(anyAddress, parameters([]))],
  [
    'Referred-By',
    'b',
    seq(anyAddress, parameters([named('cid', '"20398823.2UWQFN309shb3@b.example"')])),
  ],
  ['Reply-To', '', seq(anyAddress, parameters([]))],
  ['Replaces', '', seq(callId, SEMI, 'to-tag=1', SEMI, 'from-tag=2', opt(SEMI, 'early-only'))],
  ['Target-Dialog', '', seq(callId, SEMI, 'local-tag=1', SEMI, 'remote-tag=2')],
  ['Retry-After', '', seq('18000', opt(LWS, comment), parameters([named('duration', '3600')]))],
  ['Server', '', list(seq(token, opt(SLASH, token), LWS, comment), 1, 1)],
  ['User-Agent', '', seq(token, opt('/', token), LWS, comment)],
  ['Warning', '', list(seq('307', ' ', alt(hostport, token), ' ', quotedString))],
];

/** Field values that come with some requests alone. */
export const CONTENT_TYPE: Part = alt(
  mediaType,
  seq('multipart', SLASH, 'mixed', SEMI, 'boundary', EQUAL, '"=_a; b\\"c"'),
  'application/sdp',
);
/** Event, in which a Call-ID may stand (RFC 4235 §3.2). */
export function event(eventPackage: Part, called: Part): Rule {
  return seq(
    eventPackage,
    parameters([named('id', token), named('call-id', called), named('from-tag', token)]),
  );
}

/** A header line with its CRLF, under its long or compact name. */
export function line([name, compact, value]: Field): Rule {
  const written =
    compact === '' ? anyCase(name) : alt(anyCase(name), anyCase(name), anyCase(compact));
  return seq(written, HCOLON, value, SWS, '\r\n');
}
