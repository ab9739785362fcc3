/** Methods of RFC 3261 and its extensions. */
const METHODS = [
  'MESSAGE',
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
  'UPDATE',
  'INFO',
  'REFER',
  'PRACK',
].map((name) => ({ name, bytes: Buffer.from(name, 'latin1') }));

/** Which well-known method the bytes from `start` to `end` are, letter by letter (RFC 3261 §7.1); it makes no string. */
export function knownMethod(bytes: Uint8Array, start: number, end: number): string | undefined {
  for (const { name, bytes: letters } of METHODS) {
    if (letters.length === end - start && isThere(bytes, start, letters)) return name;
  }
  return undefined;
}

function isThere(bytes: Uint8Array, start: number, letters: Uint8Array): boolean {
  for (let i = 0; i < letters.length; i++) if (bytes[start + i] !== letters[i]) return false;
  return true;
}
