/*
 * The fields that a proxy acts on as regular expressions, put together as RFC 3261 §25.1 has them, of values on one line. IPv6
 * addresses are those of RFC 5954.
 */

const WS = '[ \\t]*';
const token = "[\\w.!%*+`'~-]+";
const high = '[\\x80-\\xff]';
const quotedString = `"(?:[ \\t!#-\\[\\]-~]|${high}|\\\\[\\0-\\x09\\x0b\\x0c\\x0e-\\x7f])*"`;
const unreserved = "[\\w.!~*'()-]";
const escaped = '%[0-9A-Fa-f]{2}';

const label = '[A-Za-z0-9_](?:[\\w-]*[A-Za-z0-9_])?';
const hostname = `(?:${label}\\.)*[A-Za-z](?:[\\w-]*[A-Za-z0-9_])?\\.?`;
const octet = '(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])';
const ipv4 = `${octet}(?:\\.${octet}){3}`;
const h16 = '[0-9A-Fa-f]{1,4}';
const ls32 = `(?:${h16}:${h16}|${ipv4})`;
const ipv6 = `(?:${[
  `(?:${h16}:){6}${ls32}`,
  `::(?:${h16}:){5}${ls32}`,
  `(?:${h16})?::(?:${h16}:){4}${ls32}`,
  ...[1, 2, 3, 4].map(
    (left) => `(?:(?:${h16}:){0,${left}}${h16})?::(?:${h16}:){${4 - left}}${ls32}`,
  ),
  `(?:(?:${h16}:){0,5}${h16})?::${h16}`,
  `(?:(?:${h16}:){0,6}${h16})?::`,
].join('|')})`;
const host = `(?:${hostname}|${ipv4}|\\[${ipv6}\\])`;
/** From 1 to 65535 in five digits at most. */
const port =
  '(?!0+(?![0-9]))(?:[0-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])(?![0-9])';

const paramchar = `(?:${unreserved}|${escaped}|[\\[\\]/:&+$])`;
/** In a URI a percent sign is none but that of an escape, and a grave accent has no place (§19.1.2). */
const uriToken = `(?:[\\w.!*+'~-]|${escaped})+`;
const uriParameter = `(?:${[
  `transport=${uriToken}`,
  `user=${uriToken}`,
  `method=${uriToken}`,
  'ttl=0*(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?![0-9])',
  `maddr=${host}`,
  `(?!(?:transport|user|method|ttl|maddr)=)${paramchar}+(?:=${paramchar}+)?`,
].join('|')})(?=[;?]|$)`;
const headerchar = `(?:${unreserved}|${escaped}|[\\[\\]/?:+$])`;
const header = `${headerchar}+=${headerchar}*`;
const userinfo = `(?:${unreserved}|${escaped}|[&=+$,;?/])+(?::(?:${unreserved}|${escaped}|[&=+$,])*)?@`;
const sipUri = `sips?:(?:${userinfo})?${host}(?::${port})?(?:;${uriParameter})*(?:\\?${header}(?:&${header})*)?`;
const absoluteUri = `(?!sips?:)[a-z][a-z0-9+.-]*:(?:${unreserved}|${escaped}|[;/?:@&=+$,\\[\\]])+`;

/** Whole URIs, without brackets around them. */
export const SIP_URI = whole(sipUri);
export const ABSOLUTE_URI = whole(absoluteUri);

function isUri(text: string): boolean {
  return SIP_URI.test(text) || ABSOLUTE_URI.test(text);
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'i');
}

/** Names and IPv4 addresses are tokens too. */
const genericValue = `(?:${quotedString}|${ipv6}|\\[${ipv6}\\]|${token})`;
const parameter = `${WS};${WS}${token}(?:${WS}=${WS}${genericValue})?`;
const parameters = `(?:${parameter})*${WS}`;
const displayName = `(?:${quotedString}|${token}(?:[ \\t]+${token})*)?${WS}`;
const BRACKETED = new RegExp(`^${WS}${displayName}<([^<>]*)>(${parameters})$`, 'i');
const BARE = new RegExp(`^${WS}([^<>;,?\\s"]+)(${parameters})$`, 'i');
const EACH_PARAMETER = new RegExp(`;${WS}(${token})(?:${WS}=${WS}(${genericValue}))?`, 'gi');

/** Names are in lower case. */
type Parameters = readonly (readonly [name: string, value: string | undefined])[];

function parametersIn(text: string): Parameters {
  return [...text.matchAll(EACH_PARAMETER)].map(([, name = '', value]) => [
    name.toLowerCase(),
    value,
  ]);
}

/** One tag at most, which is a token. */
function isTagged(text: string): boolean {
  const tags = parametersIn(text).filter(([name]) => name === 'tag');
  return tags.length <= 1 && tags.every(([, value = '']) => whole(token).test(value));
}

function isAddress(text: string): boolean {
  const found = BRACKETED.exec(text) ?? BARE.exec(text);
  return found !== null && isUri(found[1] ?? '') && isTagged(found[2] ?? '');
}

function isRoute(text: string): boolean {
  const found = BRACKETED.exec(text);
  return found !== null && isUri(found[1] ?? '') && isTagged(found[2] ?? '');
}

const protocol = `SIP${WS}/${WS}2\\.0${WS}/${WS}[a-z](?:${token})?`;
const VIA = new RegExp(
  `^${WS}${protocol}[ \\t]+${host}(?:${WS}:${WS}${port})?(${parameters})$`,
  'i',
);
const ONE_OF_VIA = new Set(['branch', 'received', 'rport']);

function isVia(text: string): boolean {
  const found = VIA.exec(text);
  if (found === null) return false;
  const all = parametersIn(found[1] ?? '');
  const names = all.map(([name]) => name).filter((name) => ONE_OF_VIA.has(name));
  return (
    names.length === new Set(names).size &&
    all.every(([name, value]) => isViaParameter(name, value))
  );
}

function isViaParameter(name: string, value = ''): boolean {
  switch (name) {
    case 'ttl':
      return whole('[0-9]+').test(value) && Number(value) < 256;
    case 'maddr':
      return whole(host).test(value);
    case 'received':
      return whole(`${ipv4}|${ipv6}|\\[${ipv6}\\]`).test(value);
    case 'branch':
      return whole(token).test(value);
    case 'rport':
      return value === '' || whole(port).test(value);
    default:
      return true;
  }
}

/** Parts between commas that stand in no quotes and no brackets. */
function parts(text: string): string[] {
  return text.match(/(?:"(?:[^"\\]|\\[\s\S])*"?|<[^>]*>?|[^",<])+|(?<=,|^)(?=,|$)/g) ?? [''];
}

function listOf(one: (text: string) => boolean): (text: string) => boolean {
  return (text) => parts(text).every(one);
}

const number = (max: number) => (text: string) => /^[0-9]+$/.test(text) && Number(text) <= max;
const pattern = (text: string) => {
  const regex = whole(text);
  return (value: string) => regex.test(value);
};
const word = '[\\w.!%*+`\'~()<>:\\\\"/\\[\\]?{}-]+';
const cseq = /^([0-9]+)[ \t]+([\w.!%*+`'~-]+)$/;

const EVENT = whole(`[\\w!%*+\`'~-]+(?:\\.[\\w!%*+\`'~-]+)*${parameters}`);

/** By long name, whether a value is one that the grammar makes. */
export const STRICT: Readonly<Record<string, (value: string, method: string) => boolean>> = {
  via: listOf(isVia),
  from: isAddress,
  to: isAddress,
  'call-id': pattern(`${word}(?:@${word})?`),
  cseq: (value, method) => {
    const found = cseq.exec(value);
    return found !== null && Number(found[1]) < 2 ** 31 && found[2] === method;
  },
  'max-forwards': number(255),
  contact: listOf(isAddress),
  route: listOf(isRoute),
  'record-route': listOf(isRoute),
  event: (value) =>
    EVENT.test(value) &&
    parametersIn(value).every(([name, id = '']) => name !== 'id' || whole(token).test(id)),
  expires: number(2 ** 32 - 1),
  require: listOf(pattern(`${WS}${token}${WS}`)),
  'proxy-require': listOf(pattern(`${WS}${token}${WS}`)),
  'content-type': pattern(
    `${token}${WS}/${WS}${token}(?:${WS};${WS}${token}${WS}=${WS}${genericValue})*${WS}`,
  ),
};

/** Whether a value is none of those that docs/protocol-coverage.md refuses although the grammar has them. */
export function isAlikeToAll(name: string, value: string): boolean {
  // RFC 5118 §4.10: three colons of the first grammar are read.
  if (value.includes(':::')) return false;
  switch (name) {
    case 'via':
      return !hasOddQuotes(value);
    case 'from':
    case 'to':
      return (
        !hasOddQuotes(value.replace(/^[ \t]*"(?:[^"\\]|\\.)*"/s, '')) &&
        !HEADERS_OR_HOST.test(value)
      );
    case 'contact':
      return value !== '*';
    default:
      return true;
  }
}

function hasOddQuotes(value: string): boolean {
  const quoted = value.match(/"(?:[^"\\]|\\.)*"?/gs) ?? [];
  return quoted.some((text) => /[\\;]/.test(text));
}

/** Headers of the URI, or a host before a semicolon in its user part. */
const HEADERS_OR_HOST = /\?[^@>]*>|\?[^@>]*$|sips?:[^;@>]*[a-z][^;@>]*;[^>]*@/i;
