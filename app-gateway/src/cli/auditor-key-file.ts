import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { PASSPHRASE_CHARS_MIN } from '@sallyport/certs/operator-key.ts';
import { createPassphraseSeal } from '@sallyport/certs/sealed-key.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { AnyCommand, CommandRefusal } from '../commands/command.ts';
import { causeOf, type Outcome } from './outcome.ts';
import type { Surroundings } from './surroundings.ts';
import { readSecret } from './terminal-secret.ts';

/** Where a new auditor's key goes, and what protects it. */
export interface AuditorKeyOptions {
  readonly out?: string;
  readonly newPassphraseFile?: string;
}

/** An auditor's key file, closed: the private half opens with a passphrase. */
export interface AuditorKeyFile {
  readonly path: string;
  /** X25519, 32 octets in base64, as `site.yaml` has it. */
  readonly publicKey: string;
  readonly sealedPrivateKey: string;
}

const FORMAT = 'sallyport-auditor-key-1';
const FILE_BYTES_MAX = 16_384;
const OTHERS_MAY = 0o077;

/** `sallyport audit auditor-key`: a key pair for which bodies of messages are sealed. */
export async function auditorKeyCommand(
  { out, newPassphraseFile }: AuditorKeyOptions,
  surroundings: Surroundings,
): Promise<Result<Outcome, CommandRefusal>> {
  const path = resolve(surroundings.folder, out ?? 'auditor.key');
  const passphrase = await readSecret(
    {
      what: `new passphrase for ${path}`,
      file: newPassphraseFile,
      option: '--new-passphrase-file',
      isNew: true,
    },
    surroundings,
  );
  const made = passphrase.ok ? writeAuditorKey(path, passphrase.value) : passphrase;
  if (!made.ok) return made;
  const { publicKey } = made.value;
  return ok({
    exitCode: 0,
    text: [
      `key file: ${path}`,
      `public key: ${publicKey}`,
      `next: in site.yaml, below audit.bodies.auditors: { name: NAME, key: "${publicKey}" }`,
    ].join('\n'),
    json: { ok: true, answer: { path, publicKey } },
  });
}

/** Which auditor reads. */
export interface AuditorChoice {
  readonly auditorKey?: string;
  readonly auditorPassphraseFile?: string;
}

/** The key that opens a command's answer; undefined for commands whose answers are open. */
export async function auditorKeyFor(
  { opened }: AnyCommand,
  { auditorKey, auditorPassphraseFile }: AuditorChoice,
  surroundings: Surroundings,
): Promise<Result<KeyObject | undefined, CommandRefusal>> {
  if (opened === undefined) return ok(undefined);
  const file = readAuditorKey(resolve(surroundings.folder, auditorKey ?? 'auditor.key'));
  if (!file.ok) return file;
  const what = `passphrase of ${file.value.path}`;
  const passphrase = await readSecret(
    { what, file: auditorPassphraseFile, option: '--auditor-passphrase-file' },
    surroundings,
  );
  return passphrase.ok ? openAuditorKey(file.value, passphrase.value) : passphrase;
}

/** Makes a key pair and writes its file, never over another. */
export function writeAuditorKey(
  path: string,
  passphrase: string,
): Result<AuditorKeyFile, CommandRefusal> {
  if ([...passphrase].length < PASSPHRASE_CHARS_MIN) {
    return err({
      code: 'passphrase-too-short',
      message: `a passphrase has at least ${PASSPHRASE_CHARS_MIN} characters`,
      next: 'choose a longer one: four or five words',
    });
  }
  const { privateKey } = generateKeyPairSync('x25519');
  const publicKey = rawPublicKey(privateKey).toString('base64');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const sealedPrivateKey = createPassphraseSeal(passphrase).seal(pem, labelOf(publicKey));
  const content = { format: FORMAT, publicKey, sealedPrivateKey };
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    return ok({ path, publicKey, sealedPrivateKey });
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    return err(unusable(path, isThere ? 'is there already' : causeOf(cause), 'name another file'));
  }
}

/** Reads a key file; one that others may read is not used. */
export function readAuditorKey(path: string): Result<AuditorKeyFile, CommandRefusal> {
  try {
    const { size, mode } = statSync(path);
    if ((mode & OTHERS_MAY) !== 0) {
      return err(unusable(path, 'can be read by others', `chmod 600 ${path}`));
    }
    const value: unknown = size > FILE_BYTES_MAX ? null : JSON.parse(readFileSync(path, 'utf8'));
    return isKeyFile(value) ? ok({ ...value, path }) : err(unusable(path, NO_KEY_FILE));
  } catch (cause) {
    return err(unusable(path, cause instanceof SyntaxError ? NO_KEY_FILE : causeOf(cause)));
  }
}

/** The private half; a wrong passphrase and a damaged file look the same. */
export function openAuditorKey(
  { path, publicKey, sealedPrivateKey }: AuditorKeyFile,
  passphrase: string,
): Result<KeyObject, CommandRefusal> {
  const pem = createPassphraseSeal(passphrase).open(sealedPrivateKey, labelOf(publicKey));
  const key = pem.ok ? createPrivateKey(pem.value) : undefined;
  if (key?.asymmetricKeyType === 'x25519') return ok(key);
  return err({
    code: 'passphrase-wrong',
    message: `this passphrase does not open ${path}`,
    next: 'try again; without the passphrase another auditor must read',
  });
}

const NO_KEY_FILE = 'is no auditor’s key file';

function isKeyFile(value: unknown): value is Omit<AuditorKeyFile, 'path'> {
  if (typeof value !== 'object' || value === null) return false;
  const { format, publicKey, sealedPrivateKey } = value as Record<string, unknown>;
  return (
    format === FORMAT && [publicKey, sealedPrivateKey].every((text) => typeof text === 'string')
  );
}

function labelOf(publicKey: string): string {
  return `auditor/${publicKey}`;
}

function unusable(path: string, what: string, next?: string): CommandRefusal {
  return {
    code: 'auditor-key-unusable',
    message: `${path}: ${what}`,
    next: next ?? 'name the file that "sallyport audit auditor-key" wrote',
  };
}
