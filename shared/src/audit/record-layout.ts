/** The one version of the record format; a gateway refuses others rather than guess. */
export const RECORD_VERSION = 2;

/** u16 length of the whole, u8 version, u8 type, u48 time in milliseconds, u32 number in its stream. */
export const RECORD_HEADER_BYTES = 14;

/** The table of types keeps every record below this, each of its fields at its limit. */
export const RECORD_BYTES_MAX = 8192;

/** u8 field, and the length of a value that is shorter than 128 bytes. */
export const FIELD_HEADER_BYTES = 2;

/** A value of 128 bytes or more has its length in two bytes, with this bit in the first. */
export const LONG_LENGTH = 0x80;

/** The last number of a stream. A source that gets here seals, and opens a stream with a new epoch. */
export const SEQ_MAX = 0xff_ff_ff_ff;

/** Whole length of the record at `start`, as it says itself; the header must be there. */
export function recordLengthAt(bytes: Uint8Array, start: number): number {
  return u16At(bytes, start);
}

/** The number of the type; whether it exists is another question. */
export function recordTypeAt(bytes: Uint8Array, start: number): number {
  return bytes[start + 3] as number;
}

/** When it happened, by the clock of the node: milliseconds since 1970, UTC. */
export function recordTimeAt(bytes: Uint8Array, start: number): number {
  return u16At(bytes, start + 4) * 0x1_00_00_00_00 + u32At(bytes, start + 6);
}

/** The number of the record in its stream. */
export function recordSeqAt(bytes: Uint8Array, start: number): number {
  return u32At(bytes, start + 10);
}

/** Where the value of the field at `at` starts; its header must be there. */
export function valueStartAt(bytes: Uint8Array, at: number): number {
  const isLong = (bytes[at + 1] as number) >= LONG_LENGTH;
  return at + FIELD_HEADER_BYTES + (isLong ? 1 : 0);
}

/** Where the value of the field at `at` ends, as its header says. */
export function valueEndAt(bytes: Uint8Array, at: number): number {
  const length = bytes[at + 1] as number;
  if (length < LONG_LENGTH) return at + FIELD_HEADER_BYTES + length;
  return at + FIELD_HEADER_BYTES + 1 + (u16At(bytes, at + 1) & 0x7f_ff);
}

/** A number of up to six bytes; of none it is 0. */
export function numberIn(bytes: Uint8Array, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) number = number * 256 + (bytes[at] as number);
  return number;
}

/** Big endian, without bounds checks: callers know that the bytes are there. */
export function u16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** Big endian, without bounds checks. */
export function u32At(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}
