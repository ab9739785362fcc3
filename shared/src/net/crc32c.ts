/**
 * CRC-32C (Castagnoli) of a range of bytes, with the four at `zeroAt` read as zero.
 *
 * The PROXY protocol carries the checksum inside the bytes it covers, and defines
 * it over them with its own place empty; so no copy is needed to check one.
 * Not a protection against an attacker: it finds damage only.
 */
export function crc32c(bytes: Uint8Array, start: number, end: number, zeroAt: number): number {
  let crc = 0xff_ff_ff_ff;
  for (let at = start; at < end; at++) {
    const byte = at >= zeroAt && at < zeroAt + 4 ? 0 : (bytes[at] ?? 0);
    crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  }
  return (crc ^ 0xff_ff_ff_ff) >>> 0;
}

const POLYNOMIAL_REVERSED = 0x82_f6_3b_78;
const TABLE: Uint32Array = table();

function table(): Uint32Array {
  const entries = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ POLYNOMIAL_REVERSED : value >>> 1;
    }
    entries[byte] = value;
  }
  return entries;
}
