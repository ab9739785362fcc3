import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { answerRequest } from '@sallyport/certs/answer-request.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { certInstall } from '../commands/cert/cert-install.ts';
import { certRequest } from '../commands/cert/cert-request.ts';
import type { CommandRefusal } from '../commands/command-refusal.ts';
import { readSecret } from './keys/terminal-secret.ts';
import { causeOf, type Outcome, refusedOutcome } from './outcome.ts';
import { type RemoteOptions, remoteCommand } from './remote/remote-command.ts';
import type { Surroundings } from './surroundings.ts';

/** Options of `cert self` beside those of every command. */
export interface CertSelfOptions extends RemoteOptions {
  /** Folder of the site, which holds its federation authority. */
  readonly site?: string;
  readonly days?: string;
}

const DAYS_DEFAULT = 90;
const DAYS_MAX = 825;

/**
 * `cert self`: a request, its answer by the site's own federation authority, and its installation.
 *
 * The authority signs here, in the folder of the site; its key goes to no gateway.
 */
export async function certSelfCommand(
  identity: string,
  options: CertSelfOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const days = Number(options.days ?? DAYS_DEFAULT);
  if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX) return refusedOutcome(DAYS_WRONG);
  const authority = readAuthority(resolve(surroundings.folder, options.site ?? '.'));
  if (!authority.ok) return refusedOutcome(authority.error);
  const passphrase = await readSecret(
    { what: 'passphrase of your key', file: options.passphraseFile },
    surroundings,
  );
  if (!passphrase.ok) return refusedOutcome(passphrase.error);
  const common = { ...options, passphrase: passphrase.value };
  const requested = await remoteCommand(
    certRequest,
    { ...common, identity, json: true },
    surroundings,
  );
  if (requested.exitCode !== 0) return requested;
  const { key, requestPem } = requested.json['answer'] as { key: string; requestPem: string };
  const { nowMs } = surroundings;
  const answer = await answerRequest(authority.value, requestPem, validForDays(nowMs(), days));
  if (!answer.ok) throw new Error(answer.error);
  const base64 = Buffer.from(answer.value + authority.value.certificatePem).toString('base64');
  const file = { name: `${identity}-${key}.pem`, base64 };
  return remoteCommand(certInstall, { ...common, identity, key, file }, surroundings);
}

function readAuthority(
  folder: string,
): Result<{ readonly certificatePem: string; readonly privateKeyPem: string }, CommandRefusal> {
  try {
    const read = (name: string) => readFileSync(join(folder, 'ca', name), 'utf8');
    return ok({
      certificatePem: read('federation-ca.crt'),
      privateKeyPem: read('federation-ca.key'),
    });
  } catch (cause) {
    return err({
      code: 'authority-absent',
      message: `${folder} does not hold the site’s federation authority: ${causeOf(cause)}`,
      next: 'give the folder that "sallyport init" made: --site DIR; where the gateway is on another host, --socket reaches it from there (docs/operations.md, Commands)',
    });
  }
}

const DAYS_WRONG: CommandRefusal = {
  code: 'parameters-wrong',
  message: `days: 1 to ${DAYS_MAX}`,
  next: 'give a whole number of days',
};
