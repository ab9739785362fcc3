import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { AnyCommand, CommandParameter } from '../../commands/command.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import type { Parameters } from '../../commands/signed-parameters.ts';
import { kebab } from '../command-options.ts';
import { readSecret } from '../keys/terminal-secret.ts';
import { causeOf } from '../outcome.ts';
import type { Surroundings } from '../surroundings.ts';

export const FILE_BYTES_MAX = 1_048_576;

/** Options as commander gives them, positional arguments by their names among them. */
export type GivenOptions = Readonly<Record<string, unknown>>;

/** A request's parameters out of what stands on the command line: files are read, secrets asked for. */
export async function givenParameters(
  { parameters }: AnyCommand,
  options: GivenOptions,
  surroundings: Surroundings,
): Promise<Result<Parameters, CommandRefusal>> {
  const given: Record<string, unknown> = {};
  for (const parameter of parameters) {
    const value = await parameterValue(parameter, options, surroundings);
    if (!value.ok) return value;
    if (value.value !== undefined) given[parameter.name] = value.value;
  }
  return ok(given);
}

async function parameterValue(
  parameter: CommandParameter,
  options: GivenOptions,
  surroundings: Surroundings,
): Promise<Result<unknown, CommandRefusal>> {
  const { name, kind, isRequired } = parameter;
  const given = options[name];
  switch (kind) {
    case 'secret': {
      const file = options[`${name}File`];
      if (typeof file !== 'string' && isRequired !== true) return ok(undefined);
      const what = parameter.description;
      const option = `--${kebab(name)}-file`;
      return readSecret({ what, option, ...(typeof file === 'string' && { file }) }, surroundings);
    }
    case 'file':
      return typeof given === 'string'
        ? readFile(resolve(surroundings.folder, given), parameter)
        : ok(given);
    case 'files':
      return readFiles(
        Array.isArray(given) ? given.map(String) : [],
        surroundings.folder,
        parameter,
      );
    case 'folder':
      return readFolder(resolve(surroundings.folder, String(given)));
    case 'number':
      return typeof given === 'string' ? numberOf(name, given) : ok(given);
    case 'list':
      return ok(Array.isArray(given) && given.length === 0 ? undefined : given);
    case 'output':
      return ok(given === undefined ? undefined : true);
    case 'text':
    case 'flag':
      return ok(given);
  }
}

function readFile(
  path: string,
  {
    ifTooLarge = 'give the file that the partner or the CA sent; it is much smaller',
  }: CommandParameter,
): Result<unknown, CommandRefusal> {
  try {
    const { size } = statSync(path);
    if (size > FILE_BYTES_MAX) {
      return err({
        code: 'file-too-large',
        message: `${path} has ${size} bytes, ${FILE_BYTES_MAX} are allowed`,
        next: ifTooLarge,
      });
    }
    return ok({ name: basename(path), base64: readFileSync(path).toString('base64') });
  } catch (cause) {
    return err({
      code: 'file-unreadable',
      message: `${path} cannot be read: ${causeOf(cause)}`,
      next: 'check the name of the file, and its permissions',
    });
  }
}

function readFiles(
  paths: readonly string[],
  folder: string,
  parameter: CommandParameter,
): Result<unknown, CommandRefusal> {
  const files: unknown[] = [];
  for (const path of paths) {
    const file = readFile(resolve(folder, path), parameter);
    if (!file.ok) return file;
    files.push(file.value);
  }
  return ok(files.length === 0 ? undefined : files);
}

/** What a site's folder holds of partners and identities, private keys included: they go to the gateway alone. */
async function readFolder(path: string): Promise<Result<unknown, CommandRefusal>> {
  const { readSiteFolder } = await import('../../adapters/files/site-folder.ts');
  const { yaml, named } = await readSiteFolder(path);
  const texts = yaml.map(({ file, text }) => [file, text] as const);
  for (const [file, text] of named) if (text.ok) texts.push([file, text.value]);
  if (yaml.some(({ file }) => file === 'site.yaml')) {
    return ok(
      texts.map(([name, text]) => ({ name, base64: Buffer.from(text).toString('base64') })),
    );
  }
  return err({
    code: 'folder-wrong',
    message: `${path} holds no site.yaml`,
    next: 'give the folder of a site',
  });
}

function numberOf(name: string, text: string): Result<number, CommandRefusal> {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number)) return ok(number);
  return err({
    code: 'parameters-wrong',
    message: `${name}: ${text} is no number`,
    next: 'give a number',
  });
}
