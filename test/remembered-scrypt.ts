import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/*
 * Remembers what scrypt made of a passphrase and a salt, for the tests of parts, which share a process.
 *
 * The programs derive a key again each time they open a file: a quarter of a second of work, and 128 MiB, on purpose.
 * What it gives is the same each time, so a test that opens what it has sealed need not wait for it twice.
 */
const real = crypto.scryptSync;
const remembered = new Map<string, Buffer>();

crypto.scryptSync = (password, salt, length, options) => {
  const given = [octets(password), octets(salt), length, options];
  const key = JSON.stringify(given);
  const made = remembered.get(key) ?? real(password, salt, length, options);
  remembered.set(key, made);
  return Buffer.from(made);
};
syncBuiltinESMExports();

function octets(text: string | NodeJS.ArrayBufferView | ArrayBufferLike): string {
  if (typeof text === 'string') return Buffer.from(text, 'utf8').toString('base64');
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(text)
    ? text
    : { buffer: text, byteOffset: 0, byteLength: text.byteLength };
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
