const SP = 0x20;
const DEL = 0x7f;

/** Bytes that are looked at together. */
const WORD = 4;
const SPACE_IN_ALL = 0x20_20_20_20;
const ONE_IN_ALL = 0x01_01_01_01;
const LOW_IN_ALL = 0x7f_7f_7f_7f;
const HIGH_IN_ALL = ~LOW_IN_ALL;

/**
 * Index of the first byte from `start` on that is no printable ASCII, or `stop`.
 *
 * Almost every byte of a head passes here, so four are looked at together: the highest bit of each tells whether it is
 * below space, DEL or above.
 */
export function skipPrintable(view: DataView, start: number, stop: number): number {
  let at = start;
  for (const last = stop - WORD; at <= last; at += WORD) {
    const bytes = view.getInt32(at, true);
    const notBelow = (bytes | HIGH_IN_ALL) - SPACE_IN_ALL;
    const isDel = (bytes & LOW_IN_ALL) + ONE_IN_ALL;
    if (((bytes | ~notBelow | isDel) & HIGH_IN_ALL) !== 0) break;
  }
  while (at < stop) {
    const byte = view.getUint8(at);
    if (byte < SP || byte >= DEL) break;
    at++;
  }
  return at;
}
