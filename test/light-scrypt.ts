import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/*
 * Lets scrypt cost next to nothing, for the tests of parts: the programs spend a quarter of a second and 128 MiB on
 * each passphrase, on purpose. Who asks for less than the formats promise is stopped here.
 *
 * A passphrase that begins with "in full: " costs what it costs: so texts that a released version sealed are opened.
 * The programs as they run derive as always.
 */
const PROMISED = { N: 131_072, r: 8, p: 1 };
const real = crypto.scryptSync;

crypto.scryptSync = (password, salt, length, options) => {
  const { N, r, p } = options ?? {};
  assert.deepEqual({ N, r, p }, PROMISED, 'scrypt for less than the formats promise');
  const isInFull = typeof password === 'string' && password.startsWith('in full: ');
  return real(password, salt, length, isInFull ? options : { ...options, N: 2 });
};
syncBuiltinESMExports();
