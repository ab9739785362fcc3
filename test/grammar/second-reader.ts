/*
 * Reads SIP as RFC 3261 §25.1 has it, for tests alone: nothing here is taken from what it is to be compared with. It takes its
 * message to be valid, and throws where it is not.
 */

/** What a message says, fields in their order under their long names in lower case, each value on one line. */
export interface Said {
  /** Method, Request-URI and version, or version, status and reason phrase. */
  readonly start: readonly [string, string, string];
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** An address with its parameters; quotes and what they escape are read. */
export interface SaidAddress {
  readonly displayName: string;
  readonly uri: string;
  readonly parameters: Parameters;
}

interface SaidVia {
  /** Protocol, version and transport. */
  readonly sent: readonly string[];
  readonly host: string;
  readonly port: string;
  readonly parameters: Parameters;
}

/** Lower-case names; the value is undefined without `=`. */
export type Parameters = readonly (readonly [name: string, value: string | undefined])[];

interface SaidUri {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  readonly parameters: readonly string[];
  readonly headers: string | undefined;
}

/** The registry of compact names. */
const COMPACT = new Map(
  [
    'a accept-contact|b referred-by|c content-type|d request-disposition|e content-encoding|f from|i call-id|j reject-contact',
    'k supported|l content-length|m contact|n identity-info|o event|r refer-to|s subject|t to|u allow-events|v via',
    'x session-expires|y identity',
  ].flatMap((names) => names.split('|').map((pair) => pair.split(' ') as [string, string])),
);

export function said(message: string): Said {
  const headEnd = message.indexOf('\r\n\r\n');
  const [startLine = '', ...lines] = message
    .slice(0, headEnd)
    .replace(/[ \t]*\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const start = /^(\S+) (\S+) (.*)$/s.exec(startLine);
  const fields = lines.map((line) => fieldOf(line));
  const body = message.slice(headEnd + 4);
  if (start === null || valuesOf({ fields }, 'content-length').join() !== `${body.length}`) {
    throw new Error(`no message: ${startLine}`);
  }
  const [, first = '', second = '', third = ''] = start;
  return { start: [first, second, third], fields, body };
}

/** It says nothing, and stands in quoted strings alone. */
const ESCAPED_CONTROL = /\\(?=\p{ASCII})(?!\t)\p{Cc}/gu;

function fieldOf(line: string): readonly [string, string] {
  const parts = /^([^\s:]+)[ \t]*:[ \t]*(.*?)[ \t]*$/s.exec(line);
  if (parts === null) throw new Error(`no field: ${line}`);
  const name = (parts[1] ?? '').toLowerCase();
  const long = COMPACT.get(name) ?? name;
  const value = (parts[2] ?? '').replace(ESCAPED_CONTROL, ' ');
  return [long, long === 'content-length' ? String(Number(value)) : value];
}

/** Values of all lines of that name. */
export function valuesOf({ fields }: Pick<Said, 'fields'>, name: string): string[] {
  return fields.filter(([other]) => other === name).map(([, value]) => value);
}

const TOKEN = "[A-Za-z0-9.!%*_+`'~-]+";
const QUOTED = String.raw`"(?:[^"\\]|\\[\0-\x7f])*"`;
const HOST = String.raw`\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+`;
const WS = '[ \t]*';

/** A text from its front to its end. */
class Reader {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** What stands here of that pattern, with its groups; undefined where it does not. */
  next(pattern: string): readonly (string | undefined)[] | undefined {
    const sticky = new RegExp(pattern, 'ysi');
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }

  need(pattern: string): readonly (string | undefined)[] {
    const found = this.next(pattern);
    if (found === undefined) throw new Error(`no ${pattern} at ${this.#at} of ${this.#text}`);
    return found;
  }

  list<T>(one: () => T): T[] {
    const all = [one()];
    while (this.next(`${WS},${WS}`)) all.push(one());
    this.need(WS);
    if (!this.isAtEnd) throw new Error(`more at ${this.#at} of ${this.#text}`);
    return all;
  }

  parameters(): Parameters {
    const all: [string, string | undefined][] = [];
    const value = `${QUOTED}|\\[[0-9A-Fa-f:.]+\\]|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+|${TOKEN}`;
    for (;;) {
      const found = this.next(`${WS};${WS}(${TOKEN})(?:${WS}=${WS}(${value}))?`);
      if (found === undefined) return all;
      all.push([(found[1] ?? '').toLowerCase(), found[2] && unquoted(found[2])]);
    }
  }
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, -1).replace(/\\([\0-\x7f])/g, '$1');
}

export function addressesIn(value: string): SaidAddress[] {
  const reader = new Reader(value);
  return reader.list(() => {
    const named = reader.next(`((?:${QUOTED})|(?:${TOKEN}[ \t]+)*(?:${TOKEN})?)${WS}<([^>]*)>`);
    if (named === undefined) {
      const [uri = ''] = reader.need('[^;, \t"<>?]+');
      return { displayName: '', uri, parameters: reader.parameters() };
    }
    const [, name = '', uri = ''] = named;
    return { displayName: unquoted(name.trim()), uri, parameters: reader.parameters() };
  });
}

/** The topmost Via as it was written. */
export function topViaText(message: Pick<Said, 'fields'>): string {
  const [first = ''] = valuesOf(message, 'via');
  return /^(?:"(?:[^"\\]|\\.)*"|[^",])*/s.exec(first)?.[0].trim() ?? '';
}

/** Of all lines. */
export function viasOf(message: Said): SaidVia[] {
  return valuesOf(message, 'via').flatMap((value) => {
    const reader = new Reader(value);
    return reader.list(() => {
      const slash = `${WS}/${WS}`;
      const found = reader.need(
        `(${TOKEN})${slash}(${TOKEN})${slash}(${TOKEN})[ \t]+(${HOST})(?:${WS}:${WS}([0-9]+))?`,
      );
      const [, protocol = '', version = '', transport = '', host = '', port = ''] = found;
      return { sent: [protocol, version, transport], host, port, parameters: reader.parameters() };
    });
  });
}

export function parameterIn(parameters: Parameters, name: string): string | undefined {
  return parameters.find(([other]) => other === name)?.[1];
}

/** Call-IDs with commas between them, which none of them can hold. */
export function callIdsIn(value: string): string[] {
  return value.split(',').map((callId) => callId.trim());
}

/** Undefined for what is no SIP or SIPS URI. */
export function sipUriIn(text: string): SaidUri | undefined {
  const found = new RegExp(
    `^(sips?):(?:([^@:]+)(?::([^@]*))?@)?(${HOST})(?::([0-9]+))?((?:;[^;?]+)*)(?:\\?(.*))?$`,
    'si',
  ).exec(text);
  if (found === null) return undefined;
  const [, scheme = '', user, password, host = '', port, parameters = '', headers] = found;
  return {
    scheme: scheme.toLowerCase(),
    user,
    password,
    host: host.toLowerCase(),
    port: port === undefined ? undefined : Number(port),
    parameters: parameters.split(';').slice(1),
    headers,
  };
}
