import { alt, anyCase, anyOf, many, opt, type Part, type Rule, seq, someOf } from './rule.ts';

/*
 * The smaller productions of RFC 3261 §25.1 that message headers are made of, named as there. What no two servers read alike and
 * docs/protocol-coverage.md refuses is left out where it is named so.
 */

const DIGITS = '0123456789';
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const DIGIT = anyOf(DIGITS);
const alphanum = anyOf(LETTERS + DIGITS);
const HEXDIG = anyOf(`${DIGITS}abcdefABCDEF`);

const WSP = anyOf('  \t');
/** White space, which may go on in the next line. */
export const LWS = seq(opt(many(WSP, 0, 2), '\r\n'), many(WSP, 1, 2));
export const SWS = alt('', '', '', ' ', LWS);
export const HCOLON = seq(alt('', '', '', many(WSP, 0, 2)), ':', alt(' ', ' ', SWS));
export const EQUAL = seq(SWS, '=', SWS);
export const SEMI = seq(SWS, ';', SWS);
export const COMMA = seq(SWS, ',', SWS);
export const COLON = seq(SWS, ':', SWS);
export const SLASH = seq(SWS, '/', SWS);

const TOKEN_MARKS = "-.!%*_+`'~";
const tokenCharacter = anyOf(LETTERS + DIGITS + TOKEN_MARKS);
export const token = alt(many(alphanum, 1, 8), many(tokenCharacter, 1, 8));
export const word = alt(
  many(alphanum, 1, 12),
  many(anyOf(`${LETTERS}${DIGITS}${TOKEN_MARKS}()<>:\\"/[]?{}`), 1, 12),
);
/** `1*DIGIT`, zeros in front. */
export function number(text: string): Rule {
  return seq(alt('', '', '', '0', '00'), text);
}

/** Two, three and four bytes of UTF-8. */
export const nonAscii = alt(
  ...['\u00fc', '\u20ac', '\u{1d11e}'].map((text) => Buffer.from(text).toString('latin1')),
);
const PRINTABLE = Array.from({ length: 94 }, (_, at) => String.fromCharCode(0x21 + at)).join('');
/** `TEXT-UTF8-TRIM`, with line folds inside. */
export const text = seq(
  many(anyOf(PRINTABLE), 1, 6),
  many(alt(nonAscii, LWS, anyOf(PRINTABLE)), 0, 9),
  '.',
);

const qdtext = alt(anyOf(PRINTABLE.replace(/["\\]/g, '')), anyOf(LETTERS), nonAscii, LWS);
const quotedPair = seq('\\', alt('"', '\\', anyOf(PRINTABLE)));
export const quotedString = seq('"', many(alt(qdtext, qdtext, qdtext, quotedPair), 0, 12), '"');
/** Escaped control characters too, all but CR and LF. */
const controlled = seq(
  '"',
  many(alt(qdtext, quotedPair, '\\\0', '\\\t', '\\\x01', '\\\x7f'), 1, 9),
  '"',
);
/** Without what is read in two ways in From, To and Via: backslashes and semicolons. */
export const plainQuotedString = seq(
  '"',
  many(alt(anyOf(PRINTABLE.replace(/["\\;]/g, '')), nonAscii, LWS), 0, 12),
  '"',
);
const ctext = anyOf(PRINTABLE.replace(/[()\\]/g, ''));
export const comment: Rule = (random) => nested(random.below(3))(random);

function nested(depth: number): Rule {
  const inner = depth === 0 ? [] : [nested(depth - 1)];
  return seq('(', many(alt(ctext, ctext, LWS, nonAscii, seq('\\', ctext), ...inner), 0, 6), ')');
}

// Hosts

const label = alt(
  many(alphanum, 1, 5),
  seq(alphanum, many(anyOf(`${LETTERS}${DIGITS}-`), 0, 5), alphanum),
);
const topLabel = seq(anyOf(LETTERS), opt(many(anyOf(`${LETTERS}${DIGITS}-`), 0, 3), alphanum));
export const hostname = seq(many(seq(label, '.'), 0, 3), topLabel, alt('', '', '', '.'));
const octet = alt('0', '9', '255', '010', '199', '42');
export const ipv4 = seq(octet, '.', octet, '.', octet, '.', octet);
export const ipv6 = alt(
  '::',
  '::1',
  '2001:db8::',
  '2001:DB8::9:1',
  '1:2:3:4:5:6:7:8',
  '0001:0:00:000:0000:6:7:ABCD',
  '1:2:3:4:5:6:7::',
  seq('::ffff:', ipv4),
  seq('2001:db8::', ipv4),
  seq('1:2:3:4:5:6:', ipv4),
);
export const ipv6reference = seq('[', ipv6, ']');
export const host = alt(hostname, hostname, ipv4, ipv6reference);
export const port = alt('1', '5060', '5061', '65535', '00080', '8');
export const hostport = seq(host, opt(':', port));

// Parameters of header fields

/** `generic-param` with that name. */
function generic(name: Part, value: Part): Rule {
  return seq(name, opt(EQUAL, alt(token, host, value)));
}

/** Some of the named parameters and some unknown ones; no name comes twice (§7.3.1). */
export function parameters(known: readonly Part[], quoted: Part = quotedString): Rule {
  // The last digit keeps their names apart.
  const unknown = [1, 2, 3].map((last) => generic(seq(token, String(last)), quoted));
  return someOf(
    0,
    4,
    [...known, ...unknown].map((part) => seq(SEMI, part)),
  );
}

export function named(name: string, value: Part): Rule {
  return seq(anyCase(name), EQUAL, value);
}

// URIs

const escaped = seq('%', HEXDIG, HEXDIG);
const UNRESERVED = `${LETTERS}${DIGITS}-_.!~*'()`;
const unreserved = anyOf(UNRESERVED);
const userCharacter = alt(unreserved, unreserved, unreserved, escaped, anyOf('&=+$,/?'));
/** Visual separators, a context, and what else numbers carry (RFC 2806, RFC 3966). */
const telephoneNumber = seq(
  '+',
  many(anyOf(`${DIGITS}-.()`), 1, 9),
  DIGIT,
  someOf(0, 2, [';isub=12-3', ';postd=pp22', ';phone-context=%2b49', ';x-a=%22b%22', ';ext=5']),
);
const user = alt(
  many(alphanum, 1, 6),
  seq(many(userCharacter, 1, 8)),
  telephoneNumber,
  seq(many(alphanum, 1, 4), ';', many(alt(userCharacter, ';'), 0, 5)),
);
const password = many(alt(unreserved, escaped, anyOf('&=+$,')), 0, 6);
export const userinfo = seq(user, opt(alt('', seq(':', password))), '@');
const parameterCharacter = alt(unreserved, unreserved, escaped, anyOf('[]/:&+$'));
const uriToken = many(anyOf(`${LETTERS}${DIGITS}-.!*_+'~`), 1, 6);
const uriParameters = someOf(0, 3, [
  seq(';', anyCase('transport'), '=', alt(anyCase('tls'), anyCase('tcp'), 'tls-sctp', uriToken)),
  seq(';', anyCase('user'), '=', alt(anyCase('phone'), anyCase('ip'), uriToken)),
  seq(';', anyCase('method'), '=', alt('INVITE', uriToken)),
  seq(';', anyCase('ttl'), '=', alt('0', '1', '255', '007')),
  alt(';lr', ';LR', ';lr=on', ';lr=true', ';%6Cr'),
  alt(';comp=sigcomp', ';sigcomp-id=%22urn:uuid:0%22'),
  alt(';ob', ';gr', ';gr=urn:uuid:f81d4fae', ';cause=486', ';isfocus', ';text'),
  seq(';', many(parameterCharacter, 1, 6), '1', opt('=', many(parameterCharacter, 1, 8))),
  seq(';', many(parameterCharacter, 1, 6), '2', opt('=', many(parameterCharacter, 1, 8))),
]);
const headerCharacter = alt(unreserved, unreserved, escaped, anyOf('[]/?:+$'));
const uriHeader = seq(many(headerCharacter, 1, 6), '=', many(headerCharacter, 0, 8));
export const uriHeaders = seq('?', uriHeader, many(seq('&', uriHeader), 0, 2));

/** A SIP or SIPS URI at that host. */
export function sipUriAt(at: Part, userPart: Part = opt(userinfo)): Rule {
  const scheme = alt(anyCase('sip'), anyCase('sip'), anyCase('sip'), anyCase('sips'));
  return seq(scheme, ':', userPart, at, uriParameters);
}

export const sipUri = seq(sipUriAt(hostport), alt('', '', seq(';maddr=', host)));
/** Any other URI (`absoluteURI`). */
export const otherUri = alt(
  seq(anyCase('tel'), ':', telephoneNumber),
  'im:bob@b.example',
  'urn:service:sos',
  'http://www.b.example:80/a/b;c?d=e&f',
  'cid:a1%40b.example',
  seq(
    'x-',
    many(alphanum, 1, 3),
    '+1.a:',
    many(alt(unreserved, escaped, anyOf(';/?:@&=+$,')), 1, 9),
  ),
);

/** A display name, or none. */
function displayName(quoted: Part): Rule {
  return alt('', '', seq(SWS, quoted, SWS), many(seq(token, LWS), 1, 3));
}

/** `name-addr`. */
export function nameAddr(uri: Part, quoted: Part = quotedString): Rule {
  return seq(displayName(quoted), '<', uri, '>');
}

/** The same of fields that we read, in whose quoted strings escaped control characters may stand. */
export function knownNameAddr(uri: Part): Rule {
  return nameAddr(uri, alt(quotedString, quotedString, controlled));
}

/** `addr-spec` without brackets, in which comma, semicolon and question mark have no place (§20). */
export function bareAddress(at: Part): Rule {
  const user = many(alt(alphanum, escaped, anyOf("-_.!~*'()&=+$/")), 1, 8);
  return seq(anyCase('sip'), ':', opt(user, '@'), at);
}
