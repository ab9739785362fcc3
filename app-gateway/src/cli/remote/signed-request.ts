import { createPublicKey, randomBytes, sign } from 'node:crypto';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { AdminRequest } from '../../commands/admin-protocol.ts';
import type { AnyCommand } from '../../commands/command.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import { type Parameters, signedParameters } from '../../commands/signed-parameters.ts';
import { commandPayload } from '../../domain/exchange/signed-command.ts';
import { openKeyFile, readOperatorKey } from '../keys/operator-key-file.ts';
import { readSecret } from '../keys/terminal-secret.ts';
import type { Surroundings } from '../surroundings.ts';
import type { AdminClient } from './admin-client.ts';

/** How an operator says who they are. */
export interface KeyChoice {
  readonly operatorKey?: string;
  readonly passphraseFile?: string;
  /** Where it is known already: one question for several commands. */
  readonly passphrase?: string;
  /** Hears of a passphrase that was right, so that nobody is asked twice. */
  readonly opened?: (passphrase: string) => void;
}

const NONCE_BYTES = 24;

/**
 * A request, signed where the command changes something.
 *
 * Who signs is whoever holds the key on the gateway's list of operators; the name in the key file only opens it.
 */
export async function signedRequest(
  command: AnyCommand,
  parameters: Parameters,
  choice: KeyChoice,
  client: AdminClient,
  surroundings: Surroundings,
): Promise<Result<AdminRequest, CommandRefusal>> {
  if (command.role === undefined) return ok({ parameters });
  const listed = await client.ask(['operator', 'list'], { parameters: {} });
  if (!listed.ok) return err(listed.error);
  const { operators } = listed.answer as OperatorKeys;
  if (operators.length === 0) return ok({ parameters });
  const facts = await client.facts();
  if (!facts.ok) return facts;
  const file = readOperatorKey(choice.operatorKey, surroundings);
  if (!file.ok) return file;
  const publicKey = createPublicKey(file.value.publicKeyPem);
  const operator = operators.find(({ publicKeyPem }) =>
    createPublicKey(publicKeyPem).equals(publicKey),
  );
  if (operator === undefined) return err(stranger(file.value.path));
  const what = `passphrase of ${file.value.path}`;
  const passphrase =
    choice.passphrase === undefined
      ? await readSecret({ what, file: choice.passphraseFile }, surroundings)
      : ok(choice.passphrase);
  if (!passphrase.ok) return passphrase;
  const key = openKeyFile(file.value, passphrase.value);
  if (!key.ok) return key;
  choice.opened?.(passphrase.value);
  const payload = commandPayload({
    command: command.words,
    parameters: signedParameters(command.parameters, parameters),
    site: facts.value.site,
    operator: operator.name,
    atMs: surroundings.nowMs(),
    nonce: randomBytes(NONCE_BYTES).toString('base64url'),
  });
  const signature = sign(null, Buffer.from(payload), key.value).toString('base64');
  return ok({ parameters, payload, signature });
}

interface OperatorKeys {
  readonly operators: readonly { readonly name: string; readonly publicKeyPem: string }[];
}

function stranger(path: string): CommandRefusal {
  return {
    code: 'operator-unknown',
    message: `the gateway knows no operator with the key in ${path}`,
    next: 'let an officer add you: sallyport operator add NAME --public-key FILE',
  };
}
