import type { KeyObject } from 'node:crypto';
import { join, resolve } from 'node:path';
import { createOperatorKey, openOperatorKey } from '@sallyport/certs/operator-key.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import type { Surroundings } from '../surroundings.ts';
import { type KeyFileKind, PASSPHRASE_TOO_SHORT, readKeyFile, writeKeyFile } from './key-file.ts';

/** An operator's key file, closed: the private half opens with a passphrase. */
export interface OperatorKeyFile {
  readonly path: string;
  readonly operator: string;
  readonly publicKeyPem: string;
  readonly sealedPrivateKey: string;
}

/** The same when it is made. */
export interface NewKeyFile extends OperatorKeyFile {
  /** SHA-256 of the public key, hexadecimal. */
  readonly fingerprint: string;
}

const KIND: KeyFileKind<'operator' | 'publicKey' | 'sealedPrivateKey'> = {
  format: 'sallyport-operator-key-1',
  fields: ['operator', 'publicKey', 'sealedPrivateKey'],
  refusalCode: 'operator-key-unusable',
  isNone: 'is no operator’s key file',
  next: 'name your key file: --operator-key FILE, or SALLYPORT_OPERATOR_KEY',
};

/** Where an operator's key lies where no option and no environment says. */
export function operatorKeyPath({ home, operatorKey }: Surroundings): string {
  return operatorKey ?? join(home, '.config/sallyport/operator.key');
}

/** Reads a key file; one that others may read is not used. */
export function readOperatorKey(
  given: string | undefined,
  surroundings: Surroundings,
): Result<OperatorKeyFile, CommandRefusal> {
  const path = resolve(surroundings.folder, given ?? operatorKeyPath(surroundings));
  const file = readKeyFile(path, KIND);
  if (!file.ok) return file;
  const { operator, publicKey: publicKeyPem, sealedPrivateKey } = file.value;
  return ok({ path, operator, publicKeyPem, sealedPrivateKey });
}

/** The private half; a wrong passphrase and a damaged file look the same. */
export function openKeyFile(
  { path, operator, sealedPrivateKey }: OperatorKeyFile,
  passphrase: string,
): Result<KeyObject, CommandRefusal> {
  const key = openOperatorKey(sealedPrivateKey, operator, passphrase);
  if (key.ok) return key;
  return err({
    code: 'passphrase-wrong',
    message: `this passphrase does not open ${path}`,
    next: 'try again; without the passphrase an officer must add you anew under another name',
  });
}

/** Makes a key pair and writes its file, never over another. */
export function writeOperatorKey(
  path: string,
  operator: string,
  passphrase: string,
): Result<NewKeyFile, CommandRefusal> {
  const made = createOperatorKey(operator, passphrase);
  if (!made.ok) return err(PASSPHRASE_TOO_SHORT);
  const { publicKeyPem, sealedPrivateKey, fingerprint } = made.value;
  const content = { operator, publicKey: publicKeyPem, sealedPrivateKey };
  const written = writeKeyFile(path, KIND, content);
  return written.ok ? ok({ path, operator, publicKeyPem, sealedPrivateKey, fingerprint }) : written;
}
