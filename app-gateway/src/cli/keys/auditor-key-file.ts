import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { PASSPHRASE_CHARS_MIN } from '@sallyport/certs/operator-key.ts';
import { createPassphraseSeal } from '@sallyport/certs/sealed-key.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { AnyCommand } from '../../commands/command.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import { type Outcome, success } from '../outcome.ts';
import type { Surroundings } from '../surroundings.ts';
import { type KeyFileKind, PASSPHRASE_TOO_SHORT, readKeyFile, writeKeyFile } from './key-file.ts';
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

const KIND: KeyFileKind<'publicKey' | 'sealedPrivateKey'> = {
  format: 'sallyport-auditor-key-1',
  fields: ['publicKey', 'sealedPrivateKey'],
  refusalCode: 'auditor-key-unusable',
  isNone: 'is no auditor’s key file',
  next: 'name the file that "sallyport audit auditor-key" wrote',
};

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
  return ok(
    success(
      [
        `key file: ${path}`,
        `public key: ${publicKey}`,
        `next: in site.yaml, below audit.bodies.auditors: { name: NAME, key: "${publicKey}" }`,
      ],
      { answer: { path, publicKey } },
    ),
  );
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
  if ([...passphrase].length < PASSPHRASE_CHARS_MIN) return err(PASSPHRASE_TOO_SHORT);
  const { privateKey } = generateKeyPairSync('x25519');
  const publicKey = rawPublicKey(privateKey).toString('base64');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const sealedPrivateKey = createPassphraseSeal(passphrase).seal(pem, labelOf(publicKey));
  const content = { publicKey, sealedPrivateKey };
  const written = writeKeyFile(path, KIND, content);
  return written.ok ? ok({ path, ...content }) : written;
}

/** Reads a key file; one that others may read is not used. */
export function readAuditorKey(path: string): Result<AuditorKeyFile, CommandRefusal> {
  const file = readKeyFile(path, KIND);
  return file.ok ? ok({ ...file.value, path }) : file;
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

function labelOf(publicKey: string): string {
  return `auditor/${publicKey}`;
}
