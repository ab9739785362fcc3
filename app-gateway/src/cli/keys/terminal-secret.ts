import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import { causeOf } from '../outcome.ts';
import type { Surroundings } from '../surroundings.ts';

const SECRET_BYTES_MAX = 4096;
const BACKSPACES: ReadonlySet<string> = new Set(['\b', '\u007f']);
const INTERRUPT = '\u0003';
const END = '\u0004';

/** Where a secret comes from when nobody can be asked. */
export interface SecretSource {
  /** What it is for, as the question says it. */
  readonly what: string;
  /** File with the secret on its first line; `-` is standard input. */
  readonly file?: string | undefined;
  /** The option by which a file is named; absent: `--passphrase-file`. */
  readonly option?: string;
  /** Asked twice, for a secret that is made just now. */
  readonly isNew?: boolean;
}

/**
 * A secret from its file, from the terminal without echo, or from standard input where that is no terminal.
 *
 * Never from the command line: every user of a host can read that.
 */
export async function readSecret(
  { what, file, option = '--passphrase-file', isNew }: SecretSource,
  surroundings: Surroundings,
): Promise<Result<string, CommandRefusal>> {
  const { input } = surroundings;
  if (file !== undefined && file !== '-') {
    return fromFile(what, option, resolve(surroundings.folder, file));
  }
  if (file === '-' || input.isTTY !== true) return fromInput(what, option, surroundings);
  const first = await asked(`${what}: `, surroundings);
  if (first === undefined) return err(interrupted(what));
  if (first === '') return err(missing(what, option));
  if (isNew !== true) return ok(first);
  const second = await asked(`${what}, once more: `, surroundings);
  if (second === undefined) return err(interrupted(what));
  if (second === first) return ok(first);
  return err({ code: 'secret-differs', message: 'the two are not the same', next: 'try again' });
}

function fromFile(what: string, option: string, path: string): Result<string, CommandRefusal> {
  try {
    if (statSync(path).size > SECRET_BYTES_MAX) {
      return err({
        code: 'secret-too-large',
        message: `${path} is too large for a ${what}`,
        next: 'one line is read',
      });
    }
    return firstLine(what, option, readFileSync(path, 'utf8'));
  } catch (cause) {
    return err({
      code: 'secret-unreadable',
      message: `${path} cannot be read: ${causeOf(cause)}`,
      next: `give a file with the ${what} on its first line`,
    });
  }
}

async function fromInput(
  what: string,
  option: string,
  { input }: Surroundings,
): Promise<Result<string, CommandRefusal>> {
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.includes('\n') || text.length > SECRET_BYTES_MAX) break;
  }
  return firstLine(what, option, text);
}

function firstLine(what: string, option: string, text: string): Result<string, CommandRefusal> {
  const line = text.split(/\r?\n/, 1)[0] ?? '';
  return line === '' ? err(missing(what, option)) : ok(line);
}

function interrupted(what: string): CommandRefusal {
  return {
    code: 'interrupted',
    message: `interrupted, before the ${what} was given`,
    next: 'give the command once more',
  };
}

function missing(what: string, option: string): CommandRefusal {
  return {
    code: 'secret-missing',
    message: `the ${what} is needed`,
    next: `type it at a terminal, or name a file with it on its first line: ${option} FILE`,
  };
}

/** Reads a line in raw mode, so that nothing of it is shown; undefined when interrupted. */
function asked(question: string, { input, messages }: Surroundings): Promise<string | undefined> {
  return new Promise((resolve) => {
    messages.write(question);
    input.setRawMode?.(true);
    let line = '';
    const end = (answer: string | undefined) => {
      input.off('data', typed);
      input.setRawMode?.(false);
      input.pause();
      messages.write('\n');
      resolve(answer);
    };
    const typed = (chunk: Buffer | string) => {
      for (const character of chunk.toString()) {
        if (character === INTERRUPT) return end(undefined);
        if (character === '\r' || character === '\n' || character === END) return end(line);
        if (BACKSPACES.has(character)) line = [...line].slice(0, -1).join('');
        else if (line.length < SECRET_BYTES_MAX) line += character;
      }
    };
    input.on('data', typed);
    input.resume();
  });
}
