import { DIGIT, TOKEN } from './byte-class.ts';
import { decimal, endOfPort, endOfToken, isWord, skipClass, skipSpace } from './grammar.ts';
import { HeaderParameter } from './header-parameter.ts';
import { endOfHost, isIpv4, isIpv6 } from './host.ts';

const COMMA = 0x2c;
const SLASH = 0x2f;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const OPEN = 0x5b;

const SIP = Buffer.from('sip');
const BRANCH = Buffer.from('branch');
const RECEIVED = Buffer.from('received');
const RPORT = Buffer.from('rport');
const ALIAS = Buffer.from('alias');
const MADDR = Buffer.from('maddr');
const TTL = Buffer.from('ttl');
const parameter = new HeaderParameter();

/**
 * Where the parts of one Via value lie (RFC 3261 §20.42, §25.1; `rport` RFC 3581). Reused from value to value;
 * -1 means that a part is absent.
 *
 * White space may stand around slashes, colon and semicolons (RFC 4475 §3.1.1.1). Other protocols than SIP are
 * refused (RFC 3261 §8.1.1.7), other versions and transports are not: they belong to somebody else's hop.
 */
export class ViaSpans {
  versionStart = 0;
  versionEnd = 0;
  transportStart = 0;
  transportEnd = 0;
  hostStart = 0;
  hostEnd = 0;
  portStart = -1;
  portEnd = -1;
  parametersStart = 0;
  branchStart = -1;
  branchEnd = -1;
  /** From the semicolon of `received` to what follows the parameter; value in between. */
  receivedStart = -1;
  receivedEnd = -1;
  receivedValueStart = -1;
  receivedValueEnd = -1;
  /** From the semicolon of `rport` to what follows the parameter; value in between, if any. */
  rportStart = -1;
  rportEnd = -1;
  rportValueStart = -1;
  rportValueEnd = -1;
  /** `alias`, which has no value (RFC 5923 §8.1). */
  hasAlias = false;
  /** Whether one of the parameters is read differently by different readers. */
  isAmbiguous = false;

  /** Reads the value at `start`; returns the index past it, where the field ends or a comma stands; or -1. */
  scan(bytes: Uint8Array, start: number, end: number): number {
    this.portStart = -1;
    this.branchStart = -1;
    this.receivedStart = -1;
    this.rportStart = -1;
    this.receivedValueStart = -1;
    this.rportValueStart = -1;
    this.hasAlias = false;
    this.isAmbiguous = false;
    let at = this.#scanProtocol(bytes, skipSpace(bytes, start, end), end);
    if (at < 0) return -1;
    this.hostStart = skipSpace(bytes, at, end);
    if (this.hostStart === at) return -1;
    this.hostEnd = endOfHost(bytes, this.hostStart, end);
    if (this.hostEnd < 0) return -1;
    at = skipSpace(bytes, this.hostEnd, end);
    if (at < end && bytes[at] === COLON) {
      this.portStart = skipSpace(bytes, at + 1, end);
      this.portEnd = endOfPort(bytes, this.portStart, end);
      if (this.portEnd < 0) return -1;
      at = skipSpace(bytes, this.portEnd, end);
    }
    this.parametersStart = at;
    while (at < end && bytes[at] === SEMICOLON) {
      const next = parameter.scan(bytes, at, end);
      if (next < 0 || !this.#note(bytes, at, next)) return -1;
      this.isAmbiguous ||= parameter.isAmbiguous(bytes);
      at = next;
    }
    return at === end || bytes[at] === COMMA ? at : -1;
  }

  /** `SIP / 2.0 / TLS`; index past the transport. */
  #scanProtocol(bytes: Uint8Array, start: number, end: number): number {
    const nameEnd = endOfToken(bytes, start, end);
    if (nameEnd < 0 || !isWord(bytes, start, nameEnd, SIP)) return -1;
    this.versionStart = pastSlash(bytes, nameEnd, end);
    if (this.versionStart < 0) return -1;
    this.versionEnd = endOfToken(bytes, this.versionStart, end);
    if (this.versionEnd < 0) return -1;
    this.transportStart = pastSlash(bytes, this.versionEnd, end);
    if (this.transportStart < 0) return -1;
    this.transportEnd = endOfToken(bytes, this.transportStart, end);
    return this.transportEnd;
  }

  /** Remembers the parameters that a hop acts on; false where one is repeated or holds what its rule forbids. */
  #note(bytes: Uint8Array, start: number, next: number): boolean {
    const { nameStart, nameEnd, valueStart, valueEnd } = parameter;
    switch (nameEnd - nameStart) {
      case 3:
        return (
          !isWord(bytes, nameStart, nameEnd, TTL) || decimal(bytes, valueStart, valueEnd, 255) >= 0
        );
      case 5:
        return this.#noteFiveLetters(bytes, start, next);
      case 6:
        if (!isWord(bytes, nameStart, nameEnd, BRANCH)) return true;
        if (this.branchStart >= 0 || valueStart < 0) return false;
        this.branchStart = valueStart;
        this.branchEnd = valueEnd;
        return skipClass(bytes, valueStart, valueEnd, TOKEN) === valueEnd;
      case 8:
        if (!isWord(bytes, nameStart, nameEnd, RECEIVED)) return true;
        if (this.receivedStart >= 0 || !isAddress(bytes, valueStart, valueEnd)) return false;
        this.receivedStart = start;
        this.receivedEnd = next;
        this.receivedValueStart = valueStart;
        this.receivedValueEnd = valueEnd;
        return true;
      default:
        return true;
    }
  }

  /** `maddr`, `alias`, `rport`. */
  #noteFiveLetters(bytes: Uint8Array, start: number, next: number): boolean {
    const { nameStart, nameEnd, valueStart, valueEnd } = parameter;
    if (isWord(bytes, nameStart, nameEnd, MADDR)) return isHost(bytes, valueStart, valueEnd);
    if (isWord(bytes, nameStart, nameEnd, ALIAS)) this.hasAlias ||= valueStart < 0;
    if (!isWord(bytes, nameStart, nameEnd, RPORT)) return true;
    if (this.rportStart >= 0 || !isPortOrNothing(bytes, valueStart, valueEnd)) return false;
    this.rportStart = start;
    this.rportEnd = next;
    this.rportValueStart = valueStart;
    this.rportValueEnd = valueEnd;
    return true;
  }
}

function pastSlash(bytes: Uint8Array, start: number, end: number): number {
  const at = skipSpace(bytes, start, end);
  return at < end && bytes[at] === SLASH ? skipSpace(bytes, at + 1, end) : -1;
}

function isHost(bytes: Uint8Array, start: number, end: number): boolean {
  return start >= 0 && endOfHost(bytes, start, end) === end;
}

/** `rport=` with a port, or a client's bare `rport` (RFC 3581 §3). */
function isPortOrNothing(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    start < 0 ||
    (skipClass(bytes, start, end, DIGIT) === end && endOfPort(bytes, start, end) === end)
  );
}

/** IPv4, or IPv6 with brackets or, as the grammar has it, without (RFC 5118 §4.5). */
function isAddress(bytes: Uint8Array, start: number, end: number): boolean {
  if (start < 0) return false;
  if (bytes[start] === OPEN) return endOfHost(bytes, start, end) === end;
  return isIpv4(bytes, start, end) || isIpv6(bytes, start, end);
}
