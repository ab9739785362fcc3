import { createPrivateKey, type KeyObject } from 'node:crypto';
import { join, resolve } from 'node:path';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import type { ResultSigner } from '../../doctor/signed-result.ts';
import { bundleIdentity } from '../bundle/bundle-identity.ts';
import { readBounded } from '../files/read-bounded.ts';
import { openKeyFile, readOperatorKey } from '../keys/operator-key-file.ts';
import { readSecret } from '../keys/terminal-secret.ts';
import type { Surroundings } from '../surroundings.ts';

/** With whose key something is signed, if with any. */
export interface SignerChoice {
  readonly operatorKey?: string;
  readonly passphraseFile?: string;
  readonly bundle?: string;
}

/** A key, and whose it is. */
export type Signer = ResultSigner & { readonly key: KeyObject };

const KEY_BYTES_MAX = 16_384;

/** The key of the operator who is named, else the key with which the host of the bundle seals its records. */
export async function chosenSigner(
  choice: SignerChoice,
  surroundings: Surroundings,
): Promise<Result<Signer | undefined, CommandRefusal>> {
  if (choice.operatorKey !== undefined) return await operatorSigner(choice, surroundings);
  if (choice.bundle === undefined) return ok(undefined);
  return await nodeSigner(resolve(surroundings.folder, choice.bundle));
}

async function operatorSigner(
  { operatorKey, passphraseFile }: SignerChoice,
  surroundings: Surroundings,
): Promise<Result<Signer, CommandRefusal>> {
  const file = readOperatorKey(operatorKey, surroundings);
  if (!file.ok) return file;
  const what = `passphrase of ${file.value.path}`;
  const passphrase = await readSecret({ what, file: passphraseFile }, surroundings);
  if (!passphrase.ok) return passphrase;
  const key = openKeyFile(file.value, passphrase.value);
  return key.ok ? ok({ kind: 'operator', name: file.value.operator, key: key.value }) : key;
}

async function nodeSigner(bundle: string): Promise<Result<Signer, CommandRefusal>> {
  const identity = await bundleIdentity(bundle);
  if (!identity.ok) return err(unusable(bundle, 'it is no bundle'));
  const pem = readBounded(join(bundle, 'witness.key'), KEY_BYTES_MAX);
  if (!pem.ok) return err(unusable(bundle, `witness.key ${pem.error}`));
  try {
    const key = createPrivateKey(pem.value);
    if (key.asymmetricKeyType !== 'ed25519') return err(unusable(bundle, NO_KEY));
    return ok({ kind: 'node', name: identity.value.node, key });
  } catch {
    return err(unusable(bundle, NO_KEY));
  }
}

const NO_KEY = 'witness.key holds no Ed25519 key';

function unusable(bundle: string, what: string): CommandRefusal {
  return {
    code: 'signing-key-unusable',
    message: `nothing can be signed with the bundle ${bundle}: ${what}`,
    next: 'run as a user who may read it, or sign with --operator-key FILE',
  };
}
