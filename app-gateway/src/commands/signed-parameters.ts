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
      .map(([name, value]) => [name, kinds.get(name) === 'file' ? bound(value) : value]),
  );
}

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
  return signedFile(value.name, Buffer.from(value.base64, 'base64'));
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
