import type { KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  createOperatorKey,
  openOperatorKey,
  PASSPHRASE_CHARS_MIN,
} from '@sallyport/certs/operator-key.ts';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { CommandRefusal } from '../../commands/command.ts';
import { causeOf } from '../outcome.ts';
import type { Surroundings } from '../surroundings.ts';

/** An operator's key file, closed: the private half opens with a passphrase. */
export interface OperatorKeyFile {
  readonly path: string;
  readonly operator: string;
  readonly publicKeyPem: string;
  readonly sealedPrivateKey: string;
}

const FORMAT = 'sallyport-operator-key-1';
const FILE_BYTES_MAX = 16_384;
const OTHERS_MAY = 0o077;

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
  try {
    const { size, mode } = statSync(path);
    if ((mode & OTHERS_MAY) !== 0)
      return err(refusal(path, 'can be read by others', `chmod 600 ${path}`));
    if (size > FILE_BYTES_MAX) return err(refusal(path, 'is no operator’s key file'));
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const file = isKeyFile(value) ? value : undefined;
    if (file === undefined) return err(refusal(path, 'is no operator’s key file'));
    const { operator, publicKey: publicKeyPem, sealedPrivateKey } = file;
    return ok({ path, operator, publicKeyPem, sealedPrivateKey });
  } catch (cause) {
    return err(
      refusal(path, cause instanceof SyntaxError ? 'is no operator’s key file' : causeOf(cause)),
    );
  }
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
): Result<OperatorKeyFile, CommandRefusal> {
  const made = createOperatorKey(operator, passphrase);
  if (!made.ok) {
    return err({
      code: 'passphrase-too-short',
      message: `a passphrase has at least ${PASSPHRASE_CHARS_MIN} characters`,
      next: 'choose a longer one: four or five words',
    });
  }
  const { publicKeyPem, sealedPrivateKey } = made.value;
  const content = { format: FORMAT, operator, publicKey: publicKeyPem, sealedPrivateKey };
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    return ok({ path, operator, publicKeyPem, sealedPrivateKey });
  } catch (cause) {
    const isThere = errorCode(cause) === 'EEXIST';
    return err(refusal(path, isThere ? 'is there already' : causeOf(cause), 'name another file'));
  }
}

interface KeyFileContent {
  readonly operator: string;
  readonly publicKey: string;
  readonly sealedPrivateKey: string;
}

function isKeyFile(value: unknown): value is KeyFileContent {
  if (typeof value !== 'object' || value === null) return false;
  const { format, operator, publicKey, sealedPrivateKey } = value as Record<string, unknown>;
  return (
    format === FORMAT &&
    [operator, publicKey, sealedPrivateKey].every((text) => typeof text === 'string')
  );
}

function refusal(path: string, what: string, next?: string): CommandRefusal {
  return {
    code: 'operator-key-unusable',
    message: `${path}: ${what}`,
    next: next ?? 'name your key file: --operator-key FILE, or SALLYPORT_OPERATOR_KEY',
  };
}
