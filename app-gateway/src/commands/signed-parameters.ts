import { canonicalJson } from '@sallyport/shared/channel/snapshot.ts';
import { signedFile } from '../domain/exchange/signed-file.ts';
import type { CommandParameter } from './command.ts';

/** A request's parameters as they came over the socket. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * What an operator signs of a command's parameters: files by name, size and SHA-256, secrets not at all,
 * everything else as it is.
 *
 * The same function at both ends: what was signed can then be compared with what was sent.
 */
export function signedParameters(
  definitions: readonly CommandParameter[],
  parameters: Parameters,
): Parameters {
  const kinds = new Map(definitions.map(({ name, kind }) => [name, kind]));
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([name, value]) => value !== undefined && kinds.get(name) !== 'secret')
      .map(([name, value]) => [name, FILES.has(kinds.get(name)) ? bound(value) : value]),
  );
}

const FILES: ReadonlySet<CommandParameter['kind'] | undefined> = new Set([
  'file',
  'files',
  'folder',
]);

/** Whether what was signed is what was sent, in every parameter. */
export function isWhatWasSigned(
  definitions: readonly CommandParameter[],
  parameters: Parameters,
  signed: Parameters,
): boolean {
  return canonicalJson(signedParameters(definitions, parameters)) === canonicalJson(signed);
}

function bound(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bound);
  if (!isSentFile(value)) return value;
  const { name, base64 } = value;
  // Of a folder's files the path counts too, lest two of them change places.
  return { ...signedFile(name, Buffer.from(base64, 'base64')), name };
}

function isSentFile(value: unknown): value is { readonly name: string; readonly base64: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'base64' in value &&
    typeof value.base64 === 'string'
  );
}
