import type { KeyObject } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { AdminAnswer } from '../../commands/admin-protocol.ts';
import type { AnyCommand } from '../../commands/command.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import type { Parameters } from '../../commands/signed-parameters.ts';
import { outputOf } from '../command-options.ts';
import { writeNewFile } from '../files/whole-file.ts';
import { type AuditorChoice, auditorKeyFor } from '../keys/auditor-key-file.ts';
import { type NewOperatorKey, newOperatorKey } from '../keys/new-operator-key.ts';
import { readSecret } from '../keys/terminal-secret.ts';
import { causeOf, type Outcome, refusedOutcome, remedyOf } from '../outcome.ts';
import { progressLines } from '../progress-lines.ts';
import type { Surroundings } from '../surroundings.ts';
import { AdminClient } from './admin-client.ts';
import { allPages } from './all-pages.ts';
import { type GatewayChoice, gatewaySocket } from './gateway-socket.ts';
import { type GivenOptions, givenParameters } from './given-parameters.ts';
import { type KeyChoice, signedRequest } from './signed-request.ts';

/** Options that every command of a gateway has, beside its own. */
export interface RemoteOptions extends GatewayChoice, KeyChoice, AuditorChoice {
  /** Folder for the files of an answer. */
  readonly out?: string;
  /** Where a new operator's key file goes. */
  readonly newKey?: string;
  readonly json?: boolean;
}

const PROGRESS_MS = 1000;
/** No folder begins with a dot: nothing is written above the one that was named. */
const INNER_PATH = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/;

/** After these the gateway may have done it all the same: a new operator's key must not be thrown away. */
const PERHAPS_DONE: ReadonlySet<string> = new Set([
  'answer-broken',
  'failed',
  'gateway-unreachable',
  'store-unavailable',
  'timeout',
]);

/** One command of the running gateway, from the words on the command line to what is printed. */
export async function remoteCommand(
  command: AnyCommand,
  options: RemoteOptions & GivenOptions,
  surroundings: Surroundings,
  show: (outcome: Outcome) => void = () => undefined,
): Promise<Outcome> {
  const socket = gatewaySocket(options, surroundings);
  if (!socket.ok) return refusedOutcome(socket.error);
  const client = new AdminClient(socket.value);
  const given = await givenAndKey(command, options, surroundings);
  if (!given.ok) return refusedOutcome(given.error);
  const made = await newOperatorKey(command, given.value.given, options, surroundings);
  if (!made.ok) return refusedOutcome(made.error);
  const parameters = { ...given.value.given, ...made.value?.parameters };
  let passphrase = options.passphrase;
  const opened = (right: string) => {
    passphrase = right;
  };
  const first = await exchange(command, parameters, { ...options, opened }, client, surroundings);
  const known = { ...options, ...(passphrase !== undefined && { passphrase }) };
  const sealed = await withSecret(command, parameters, first, known, client, surroundings);
  const answer = openedWith(command, sealed, given.value.auditor);
  if (!answer.ok) {
    if (!PERHAPS_DONE.has(answer.error.code)) made.value?.undo();
    return refusedOutcome(answer.error);
  }
  const { pages } = command;
  if (pages === undefined) return doneOutcome(command, answer, options, surroundings, made.value);
  const output = options[outputOf(command)?.name ?? ''];
  const isShown = isProgressShown(options, surroundings);
  const whole = await allPages(pages, parameters, answer.answer, {
    progress: isShown ? progressLines('records', surroundings) : () => undefined,
    ask: (next) => exchange(command, next, known, client, surroundings),
    show: (page) => {
      const text = command.text(page);
      if (text !== '') show({ exitCode: 0, text, json: { ok: true, answer: page } });
    },
    path: typeof output === 'string' ? resolve(surroundings.folder, output) : undefined,
  });
  if (!whole.ok) return refusedOutcome(whole.error);
  const piecesAt = pages.piece === undefined || typeof output !== 'string' ? undefined : output;
  const done = { ok: true, answer: whole.value } as const;
  return doneOutcome(command, done, options, surroundings, undefined, piecesAt);
}

async function exchange(
  command: AnyCommand,
  parameters: Parameters,
  options: RemoteOptions,
  client: AdminClient,
  surroundings: Surroundings,
): Promise<AdminAnswer> {
  const request = await signedRequest(command, parameters, options, client, surroundings);
  if (!request.ok) return request;
  const isShown = isProgressShown(options, surroundings);
  const progress = setTimeout(() => {
    if (isShown) surroundings.messages.write('waiting for the gateway …\n');
  }, PROGRESS_MS);
  try {
    return await client.ask(command.words, request.value);
  } finally {
    clearTimeout(progress);
  }
}

function isProgressShown({ json }: RemoteOptions, { messages }: Surroundings): boolean {
  return messages.isTTY === true && json !== true;
}

/** Asks for the password of a file once the gateway has said that it needs one. */
async function withSecret(
  command: AnyCommand,
  parameters: Parameters,
  first: AdminAnswer,
  options: RemoteOptions,
  client: AdminClient,
  surroundings: Surroundings,
): Promise<AdminAnswer> {
  const wanted = command.parameters.find(
    ({ kind, name }) => kind === 'secret' && !(name in parameters),
  );
  const isWanted = !first.ok && first.error.code === 'password-missing' && wanted !== undefined;
  if (!isWanted || surroundings.input.isTTY !== true) return first;
  const secret = await readSecret({ what: wanted.description }, surroundings);
  if (!secret.ok) return secret;
  const complete = { ...parameters, [wanted.name]: secret.value };
  return exchange(command, complete, options, client, surroundings);
}

/** The auditor's key comes before anything is asked: a reading that fails here would be on record for nothing. */
async function givenAndKey(
  command: AnyCommand,
  options: RemoteOptions & GivenOptions,
  surroundings: Surroundings,
): Promise<Result<{ given: Parameters; auditor: KeyObject | undefined }, CommandRefusal>> {
  const given = await givenParameters(command, options, surroundings);
  if (!given.ok) return given;
  const auditor = await auditorKeyFor(command, options, surroundings);
  return auditor.ok ? ok({ given: given.value, auditor: auditor.value }) : auditor;
}

function openedWith(
  command: AnyCommand,
  answer: AdminAnswer,
  key: KeyObject | undefined,
): AdminAnswer {
  if (!answer.ok || key === undefined || command.opened === undefined) return answer;
  const opened = command.opened(answer.answer, key);
  return opened.ok ? { ok: true, answer: opened.value } : opened;
}

function doneOutcome(
  command: AnyCommand,
  answer: Extract<AdminAnswer, { ok: true }>,
  options: RemoteOptions & GivenOptions,
  surroundings: Surroundings,
  made: NewOperatorKey | undefined,
  piecesAt?: string,
): Outcome {
  const written = writeFiles(command, answer.answer, options, surroundings);
  if (!written.ok) return refusedOutcome(written.error);
  const paths = [
    ...written.value,
    ...(piecesAt === undefined ? [] : [resolve(surroundings.folder, piecesAt)]),
  ];
  const lines = [
    ...paths.map((path) => `written: ${path}`),
    ...(made === undefined ? [] : [`key file: ${made.path}`]),
    command.text(answer.answer, surroundings.columns),
  ];
  const exitCode = command.isBad?.(answer.answer) === true ? 1 : 0;
  return { exitCode, text: lines.join('\n'), json: { ...answer, ok: exitCode === 0 } };
}

/** With `--json` files are in the answer, and written only where asked for. */
function writeFiles(
  command: AnyCommand,
  answer: unknown,
  options: RemoteOptions & GivenOptions,
  { folder }: Surroundings,
): Result<readonly string[], CommandRefusal> {
  const files = command.files?.(answer) ?? [];
  const { out, json } = options;
  const output = options[outputOf(command)?.name ?? ''];
  if (json === true && out === undefined && output === undefined) return ok([]);
  const paths: string[] = [];
  for (const { name, text, octets } of files) {
    const inner = INNER_PATH.test(name) ? name : basename(name);
    const path =
      typeof output === 'string'
        ? resolve(folder, output)
        : join(resolve(folder, out ?? '.'), inner);
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeAnswerFile(path, text, octets);
      paths.push(path);
    } catch (cause) {
      // Those would be in the way when the command is given once more.
      for (const written of paths) rmSync(written, { force: true });
      return err({
        code: 'file-not-written',
        message: `${path}: ${causeOf(cause)}; the gateway has done its part`,
        next: remedyOf(
          cause,
          output === undefined
            ? 'give the command once more with --out NEW-FOLDER'
            : 'give the command once more, and another file',
        ),
      });
    }
  }
  return ok(paths);
}

function writeAnswerFile(path: string, text: string, octets: Uint8Array | undefined): void {
  if (octets === undefined) writeNewFile(path, text);
  else writeNewFile(path, octets, 0o600);
}
