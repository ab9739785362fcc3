/** Byte classes of the SIP grammar (RFC 3261 §25.1), one lookup per byte. */
export const TOKEN = 1 << 0;
export const DIGIT = 1 << 1;
/** Below space or DEL; TAB is white space and not counted. */
export const CONTROL = 1 << 2;
/** Above 127: part of a UTF-8 sequence. */
export const HIGH = 1 << 3;
/** May stand in some URI, escape sign included. */
export const URI = 1 << 4;
/** `user` without its escapes. */
export const USER = 1 << 5;
/** `password` without its escapes. */
export const PASSWORD = 1 << 6;
/** `paramchar` of a URI parameter without its escapes. */
export const PARAMETER = 1 << 7;
/** `hname` and `hvalue` of a URI without their escapes. */
export const URI_HEADER = 1 << 8;
/** `word`, of which a Call-ID is made. */
export const WORD = 1 << 9;
/** Letter, digit, `-`, `.` or `_` of a host name. */
export const HOST = 1 << 10;
export const HEX = 1 << 11;
export const ALPHA = 1 << 12;
/** Hexadecimal digit, `:` or `.` of an IP address. */
export const ADDRESS = 1 << 13;
/** Any URI's bytes behind its scheme, without the escapes. */
export const OPAQUE = 1 << 14;
export const SCHEME = 1 << 15;

export const BYTE_CLASS: Uint16Array = classify();

function classify(): Uint16Array {
  const unreserved = "A-Za-z0-9_.!~*'()\\-";
  const members: readonly (readonly [number, RegExp])[] = [
    [TOKEN, /[A-Za-z0-9.!%*_+`'~-]/],
    [DIGIT, /[0-9]/],
    [URI, /[!#-;=?-[\]_a-z~]/],
    [USER, new RegExp(`[${unreserved}&=+$,;?/]`)],
    [PASSWORD, new RegExp(`[${unreserved}&=+$,]`)],
    [PARAMETER, new RegExp(`[${unreserved}[\\]/:&+$]`)],
    [URI_HEADER, new RegExp(`[${unreserved}[\\]/?:+$]`)],
    [WORD, /[A-Za-z0-9.!%*_+`'~()<>:\\"/[\]?{}-]/],
    [HOST, /[A-Za-z0-9._-]/],
    [HEX, /[0-9A-Fa-f]/],
    [ALPHA, /[A-Za-z]/],
    [ADDRESS, /[0-9A-Fa-f:.]/],
    [OPAQUE, new RegExp(`[${unreserved};/?:@&=+$,[\\]]`)],
    [SCHEME, /[A-Za-z0-9+.-]/],
  ];
  const table = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let bits = 0;
    for (const [bit, pattern] of members) {
      if (pattern.test(String.fromCharCode(byte))) bits |= bit;
    }
    if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) bits |= CONTROL;
    if (byte >= 0x80) bits |= HIGH;
    table[byte] = bits;
  }
  return table;
}
