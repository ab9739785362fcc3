import { err, ok, type Result } from '../result.ts';

/** Reads one JSON value; what it does not accept it reports with the place. */
export type Decoder<T> = (value: unknown, at: string, problems: string[]) => T;

/** Once this many problems are known, a document is only counted as refused. */
const PROBLEMS_MAX = 100;

/**
 * Decodes a whole JSON text, reporting all problems at once.
 *
 * Only for control payloads, which are few and bounded by their frame; nothing on a message's path.
 */
export function decodeJson<T>(bytes: Buffer, decoder: Decoder<T>): Result<T, readonly string[]> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return err(['not JSON in UTF-8']);
  }
  const problems: string[] = [];
  const decoded = decoder(value, '', problems);
  return problems.length === 0 ? ok(decoded) : err(problems.slice(0, PROBLEMS_MAX));
}

/** How the payload of a frame is decoded where it lies, `bytes[start, end)`. */
export function ofPayload<T>(
  decoder: Decoder<T>,
): (bytes: Buffer, start: number, end: number) => Result<T, readonly string[]> {
  return (bytes, start, end) => decodeJson(bytes.subarray(start, end), decoder);
}

/** A string of bounded length that matches; `expected` says in words what would have been right. */
export function text(lengthMax: number, pattern: RegExp, expected: string): Decoder<string> {
  return (value, at, problems) => {
    if (typeof value === 'string' && value.length <= lengthMax && pattern.test(value)) return value;
    problems.push(`${at}: expected ${expected}, at most ${lengthMax} characters`);
    return '';
  };
}

/** A whole number within bounds, both included. */
export function integer(min: number, max: number): Decoder<number> {
  return (value, at, problems) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    problems.push(`${at}: expected a whole number from ${min} to ${max}`);
    return min;
  };
}

/** Exactly true or false. */
export const flag: Decoder<boolean> = (value, at, problems) => {
  if (typeof value !== 'boolean') problems.push(`${at}: expected true or false`);
  return value === true;
};

/** One of a closed set of words. */
export function oneOf<const T extends string>(...words: readonly [T, ...T[]]): Decoder<T> {
  return (value, at, problems) => {
    const found = words.find((word) => word === value);
    if (found === undefined) problems.push(`${at}: expected one of ${words.join(', ')}`);
    return found ?? words[0];
  };
}

/** An array of bounded length. */
export function list<T>(itemsMax: number, item: Decoder<T>, itemsMin = 0): Decoder<readonly T[]> {
  return (value, at, problems) => {
    if (!Array.isArray(value) || value.length > itemsMax || value.length < itemsMin) {
      problems.push(`${at}: expected a list of ${itemsMin} to ${itemsMax} items`);
      return [];
    }
    return value.map((entry: unknown, index) => item(entry, `${at}[${index}]`, problems));
  };
}

/** An object with exactly the fields of the shape; those named in `optional` may be absent. */
export function record<T extends object>(
  fields: { readonly [Key in keyof T]-?: Decoder<Exclude<T[Key], undefined>> },
  optional: readonly (keyof T & string)[] = [],
): Decoder<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  const known = new Set<string>(names);
  return (value, at, problems) => {
    const decoded: Partial<T> = {};
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      problems.push(`${at === '' ? 'document' : at}: expected an object`);
      return decoded as T;
    }
    const source = value as Readonly<Record<string, unknown>>;
    const prefix = at === '' ? '' : `${at}.`;
    reportUnknown(source, known, prefix, problems);
    for (const name of names) {
      if (Object.hasOwn(source, name)) {
        decoded[name] = fields[name](source[name], `${prefix}${name}`, problems);
      } else if (!optional.includes(name)) {
        problems.push(`${prefix}${name}: missing`);
      }
    }
    return decoded as T;
  };
}

function reportUnknown(
  source: object,
  known: ReadonlySet<string>,
  prefix: string,
  problems: string[],
): void {
  for (const key of Object.keys(source)) {
    if (!known.has(key)) problems.push(`${prefix}${JSON.stringify(key.slice(0, 64))}: unknown key`);
  }
}
