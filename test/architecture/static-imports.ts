import { posix } from 'node:path';
import { type SourceFile, withoutComments } from './source-tree.ts';

/** What loading a file loads with it. */
export interface Loaded {
  /** Files of ours, from the top of the repository; each with the one that named it first. */
  readonly files: ReadonlyMap<string, string>;
  /** Packages and Node's own modules, each with the file that names it first. */
  readonly foreign: ReadonlyMap<string, string>;
}

/** Imports and re-exports that stand for themselves: those of types alone are gone before anything runs. */
const STATIC =
  /^(?:import|export)\b(?!\s+type\b)[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]/gm;

/** Everything that is loaded before the first line of `entry` runs; what is imported later on is not. */
export function loadedWith(entry: string, tree: readonly SourceFile[]): Loaded {
  const texts = new Map(tree.map(({ path, text }) => [path, text]));
  const files = new Map([[entry, entry]]);
  const foreign = new Map<string, string>();
  for (const path of files.keys()) {
    const text = texts.get(path);
    if (text === undefined)
      throw new Error(`${files.get(path)} imports ${path}, which is not there`);
    for (const [, from, alone] of withoutComments(text).matchAll(STATIC)) {
      const specifier = from ?? alone ?? '';
      const own = ownPath(specifier, path);
      if (own?.endsWith('.ts') && !files.has(own)) files.set(own, path);
      if (own === undefined && !foreign.has(specifier)) foreign.set(specifier, path);
    }
  }
  return { files, foreign };
}

/** The file of ours that a specifier names; undefined for packages. */
export function ownPath(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  const inner = /^@sallyport\/([^/]+)\/(.+)$/.exec(specifier);
  if (inner === null) return undefined;
  const [, workspace, rest] = inner;
  return `${workspace}/${rest?.startsWith('bin/') ? '' : 'src/'}${rest}`;
}
