/** Fields of which the programs read the value, or that go on as they are. */
const FIELDS = [
  'Via',
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Max-Forwards',
  'Max-Breadth',
  'Contact',
  'Route',
  'Record-Route',
  'Event',
  'Expires',
  'Require',
  'Proxy-Require',
  'Content-Type',
  'Refer-To',
  'Referred-By',
  'Retry-After',
  'In-Reply-To',
  'Replaces',
  'Timestamp',
  'WWW-Authenticate',
  'Authorization',
  'Reason',
  'Reply-To',
  'Subject',
  'Call-Info',
  'X-Other',
];

/** Fields that may come twice. */
const REPEATED = new Set([
  'Via',
  'Contact',
  'Route',
  'Record-Route',
  'In-Reply-To',
  'WWW-Authenticate',
  'X-Other',
]);

/** Values of about so many octets, over which a careless reader goes again and again. */
const CONTENTS: Readonly<Record<string, (octets: number) => string>> = {
  spaces: (octets) => `a${' '.repeat(octets - 2)}b`,
  'spaces in front of a fold': (octets) => `a${' '.repeat(octets - 8)}b\r\n c`,
  'spaces between folds': (octets) => `a${repeated(`${' '.repeat(50)}\r\n `, octets - 4)}b`,
  folds: (octets) => `a${repeated('\r\n ', octets - 4)}b`,
  'a name of spaces': (octets) => `"a${' '.repeat(octets - 40)}b" <sip:alice@globex.example>`,
  'a name without quotes': (octets) => `a${' '.repeat(octets - 40)}b <sip:alice@globex.example>`,
  'spaces behind an address': (octets) =>
    `<sip:alice@globex.example>${' '.repeat(octets - 40)};x\r\n ;y`,
  'spaces within a Via': (octets) =>
    `SIP/2.0/TLS a.example;branch=z9hG4bKa${' '.repeat(octets - 60)};x\r\n ;y`,
  dots: (octets) => '.'.repeat(octets),
  labels: (octets) => `${repeated('a.', octets - 8)}example`,
  'a host of labels': (octets) => `<sip:a@${repeated('a.', octets - 20)}example>`,
  'a realm of dots': (octets) => `Digest realm="${'.'.repeat(octets - 20)}"`,
  realms: (octets) => `Digest ${repeated((at) => `realm="${at}.b",`, octets - 10)}x=y`,
  'realms that do not end': (octets) => `Digest x="${repeated('realm=\\"', octets - 12)}"`,
  'Call-IDs': (octets) => `${repeated((at) => `${at}@b,`, octets - 2)}c`,
  tokens: (octets) => repeated((at) => `sp1-${`${at}`.padEnd(40, 'x')},`, octets),
  addresses: (octets) => `${repeated((at) => `<sip:${at}@b>,`, octets - 12)}<sip:a@b>`,
  'parameters of an address': (octets) =>
    `<sip:a@b>${repeated((at) => `;${at}="\\a."`, octets - 12)}`,
  'parameters of a URI': (octets) => `<sip:a@b${repeated((at) => `;${at}=%41`, octets - 12)}>`,
  'headers of a URI': (octets) =>
    `<sip:a@b?x=y${repeated((at) => `&replaces=${at}%40`, octets - 14)}>`,
  Vias: (octets) =>
    `${repeated((at) => `SIP/2.0/TLS a.b;branch=z9hG4bK${at},`, octets - 14)}SIP/2.0/TLS a`,
  'our own routes': (octets) =>
    `${repeated('<sip:sip.acme.example;lr>,', octets - 28)}<sip:a.b;lr>`,
  words: (octets) => `${repeated((at) => `${at},`, octets - 2)}a`,
  'call-ids of an Event': (octets) =>
    `presence${repeated((at) => `;call-id="${at}@"`, octets - 10)}`,
  colons: (octets) => ':'.repeat(octets),
  groups: (octets) => repeated('1:2:3:4:5:6:7.', octets),
  escapes: (octets) => repeated('%25', octets),
  quotes: (octets) => '"'.repeat(octets),
  backslashes: (octets) => `"${repeated('\\\\', octets - 2)}"`,
  'control characters': (octets) => `"${repeated('\\\u0001', octets - 2)}"`,
  'letters of two octets': (octets) => `"${repeated('\u00c3\u00a9', octets - 2)}"`,
  digits: (octets) => `1${' '.repeat(octets / 2)}${'1'.repeat(octets / 2 - 1)}`,
  semicolons: (octets) => `a${';'.repeat(octets - 1)}`,
};

/** Sizes that a message may have. */
interface Sizes {
  readonly headBytesMax: number;
  readonly lineBytesMax: number;
}

/** The message with each field of each content, as large as a line may be, and as often as the head has room for. */
export function* filledMessages(
  text: string,
  sizes: Sizes,
): Generator<readonly [what: string, text: string]> {
  for (const field of FIELDS) {
    for (const [content, make] of Object.entries(CONTENTS)) {
      yield [`${field}: ${content}`, filled(text, field, make, sizes)];
    }
  }
}

function filled(
  text: string,
  field: string,
  make: (octets: number) => string,
  sizes: Sizes,
): string {
  const isKept = field === 'Via' || REPEATED.has(field);
  const head = text.slice(0, text.indexOf('\r\n\r\n'));
  const lines = head.split('\r\n').filter((line) => isKept || !line.startsWith(`${field}:`));
  let room = sizes.headBytesMax - lines.join('\r\n').length - 8;
  do {
    const octets = Math.min(sizes.lineBytesMax, room) - field.length - 16;
    const line = `${field}: ${make(octets)}`;
    // Behind the start line, and for a Via behind the topmost one.
    lines.splice(2, 0, line);
    room -= line.length + 2;
  } while (REPEATED.has(field) && room > sizes.lineBytesMax / 2);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function repeated(unit: string | ((at: string) => string), octets: number): string {
  const parts: string[] = [];
  let length = 0;
  for (let at = 0; ; at++) {
    const part = typeof unit === 'string' ? unit : unit(at.toString(36));
    length += part.length;
    if (length > octets) return parts.join('');
    parts.push(part);
  }
}
