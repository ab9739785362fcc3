import { existsSync, unlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { formatFingerprint } from '@sallyport/shared/x509/fingerprint-text.ts';
import type { AnyCommand } from '../../commands/command.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import type { Parameters } from '../../commands/signed-parameters.ts';
import { replaceFile } from '../files/whole-file.ts';
import { causeOf, type Outcome, remedyOf, success } from '../outcome.ts';
import type { Surroundings } from '../surroundings.ts';
import { operatorKeyPath, writeOperatorKey } from './operator-key-file.ts';
import { readSecret } from './terminal-secret.ts';

/** A key pair made for a new operator; its private half never leaves this host. */
export interface NewOperatorKey {
  readonly path: string;
  readonly parameters: Parameters;
  /** Removes the file again: the gateway did not take the operator. */
  undo(): void;
}

interface Options {
  readonly newKey?: string;
  readonly newPassphraseFile?: string;
}

/** For `operator add` without a public key: makes one. Undefined for everything else. */
export async function newOperatorKey(
  { words }: AnyCommand,
  { operator, publicKey }: Parameters,
  { newKey, newPassphraseFile }: Options,
  surroundings: Surroundings,
): Promise<Result<NewOperatorKey | undefined, CommandRefusal>> {
  const isWanted = words[0] === 'operator' && words[1] === 'add' && publicKey === undefined;
  if (!isWanted || typeof operator !== 'string') return ok(undefined);
  const path = resolve(surroundings.folder, newKey ?? usualPath(operator, surroundings));
  const made = await makeKey(path, operator, newPassphraseFile, surroundings);
  if (!made.ok) return made;
  const base64 = Buffer.from(made.value.publicKeyPem).toString('base64');
  return ok({
    path,
    parameters: { publicKey: { name: `${operator}.pub`, base64 } },
    undo: () => unlinkSync(path),
  });
}

/** `sallyport operator key NAME`: a key pair of one's own, for an officer to add. */
export async function operatorKeyCommand(
  operator: string,
  { newKey, newPassphraseFile }: Options,
  surroundings: Surroundings,
): Promise<Result<Outcome, CommandRefusal>> {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(operator)) return err(NAME_WRONG);
  const path = resolve(surroundings.folder, newKey ?? operatorKeyPath(surroundings));
  const made = await makeKey(path, operator, newPassphraseFile, surroundings);
  if (!made.ok) return made;
  const { publicKeyPem, fingerprint } = made.value;
  const publicPath = resolve(surroundings.folder, `${operator}.pub`);
  const written = writePublicKey(publicPath, publicKeyPem);
  if (!written.ok) {
    // Without it nobody can be sent the key, and it would be in the way of the next try.
    unlinkSync(path);
    return written;
  }
  const lines = [
    `key file: ${path}`,
    `public key: ${publicPath}`,
    `fingerprint: ${formatFingerprint(fingerprint)}`,
    `next: send ${operator}.pub to an officer, and read the fingerprint to them: sallyport operator add ${operator} --role operator --public-key ${operator}.pub`,
    `  or, where it only signs what the doctor sees: sallyport doctor --report … --keys ${operator}.pub`,
  ];
  return ok(success(lines, { answer: { path, publicPath, operator, publicKeyPem, fingerprint } }));
}

function writePublicKey(path: string, pem: string): Result<undefined, CommandRefusal> {
  try {
    replaceFile(path, pem);
    return ok(undefined);
  } catch (cause) {
    const message = `${path} cannot be written: ${causeOf(cause)}`;
    const next = remedyOf(cause, 'give the command again in a folder of your own');
    return err({ code: 'file-not-written', message, next });
  }
}

async function makeKey(
  path: string,
  operator: string,
  passphraseFile: string | undefined,
  surroundings: Surroundings,
) {
  const passphrase = await readSecret(
    {
      what: `new passphrase for ${operator}`,
      file: passphraseFile,
      option: '--new-passphrase-file',
      isNew: true,
    },
    surroundings,
  );
  return passphrase.ok ? writeOperatorKey(path, operator, passphrase.value) : passphrase;
}

/** One's own place while it is free, which it is for the first operator of a host; else beside the others. */
function usualPath(operator: string, surroundings: Surroundings): string {
  const own = operatorKeyPath(surroundings);
  return existsSync(own) ? `${operator}.operator.key` : own;
}

const NAME_WRONG: CommandRefusal = {
  code: 'operator-name-wrong',
  message: 'this is no name for an operator',
  next: 'use lower-case letters, digits and hyphens',
};
