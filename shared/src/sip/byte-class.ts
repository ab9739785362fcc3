/** Byte classes of the SIP grammar (RFC 3261 §25.1), one lookup per byte. */
export const TOKEN = 1;
export const DIGIT = 2;
export const CONTROL = 4;
export const HIGH = 8;
export const URI = 16;

export const BYTE_CLASS: Uint8Array = classify();

function classify(): Uint8Array {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    const char = String.fromCharCode(byte);
    let bits = 0;
    if (/[A-Za-z0-9.!%*_+`'~-]/.test(char)) bits |= TOKEN;
    if (/[0-9]/.test(char)) bits |= DIGIT;
    if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) bits |= CONTROL;
    if (byte >= 0x80) bits |= HIGH;
    if (byte > 0x20 && byte < 0x7f && !/[<>"\\^`{|}]/.test(char)) bits |= URI;
    table[byte] = bits;
  }
  return table;
}
