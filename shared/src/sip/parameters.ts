import { HeaderParameter } from './header-parameter.ts';

/** Parameters of a URI or a field: lower-case name to value as written, or to undefined without `=`. */
export type Parameters = ReadonlyMap<string, string | undefined>;

export const NO_PARAMETERS: Parameters = new Map();

const parameter = new HeaderParameter();

/**
 * Reads `;name=value` from `start` to the end of a field; undefined where that is not all there is, or a name
 * is repeated: two readers could each believe another one (RFC 3261 §7.3.1).
 */
export function parseParameters(
  text: string,
  bytes: Uint8Array,
  start: number,
): Parameters | undefined {
  if (start === bytes.length) return NO_PARAMETERS;
  const parameters = new Map<string, string | undefined>();
  let at = start;
  while (at < bytes.length) {
    if (bytes[at] !== 0x3b) return undefined;
    at = parameter.scan(bytes, at, bytes.length);
    if (at < 0) return undefined;
    const name = text.slice(parameter.nameStart, parameter.nameEnd).toLowerCase();
    if (parameters.has(name)) return undefined;
    const value =
      parameter.valueStart < 0 ? undefined : text.slice(parameter.valueStart, parameter.valueEnd);
    parameters.set(name, value);
  }
  return parameters;
}

/** `;name=value` in order; names and values are taken to be well-formed. */
export function formatParameters(parameters: Parameters): string {
  let text = '';
  for (const [name, value] of parameters) {
    text += value === undefined ? `;${name}` : `;${name}=${value}`;
  }
  return text;
}
