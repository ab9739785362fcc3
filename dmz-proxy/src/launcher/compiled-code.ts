import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '@sallyport/shared/result.ts';

/** Code that was compiled when the program was installed, for Node to read at each start. */
export type CompiledCode = Result<string, 'absent' | 'writable-by-others'>;

const OTHERS_WRITE = 0o022;

/** Where `bin/compile.ts` leaves it: beside the code, which the processes may read and not write. */
export function compiledFolder(proxyFolder: string): string {
  return join(proxyFolder, 'compiled');
}

/**
 * The folder with compiled code, if whoever may change it may change the code itself as well.
 *
 * Node checks that an entry was made of the very source at hand by a checksum, which stops mistakes and no
 * attacker; so the folder must be as hard to write as the source is.
 */
export function compiledCode(proxyFolder: string): CompiledCode {
  const folder = compiledFolder(proxyFolder);
  try {
    const source = statSync(join(proxyFolder, 'src'));
    const folders = [folder, ...readdirSync(folder).map((name) => join(folder, name))];
    if (folders.every((each) => isAsGuarded(statSync(each), source))) return ok(folder);
    return err('writable-by-others');
  } catch {
    return err('absent');
  }
}

function isAsGuarded(compiled: Stats, source: Stats): boolean {
  return compiled.uid === source.uid && (compiled.mode & OTHERS_WRITE) === 0;
}
