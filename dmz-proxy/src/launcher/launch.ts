import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompiledCode } from './compiled-code.ts';
import { HEARTBEAT_VARIABLE } from './heartbeat.ts';
import { YOUNG_GENERATION } from './young-generation.ts';

/** Where this program's code lies. */
export interface CodeFolders {
  readonly proxy: string;
  readonly shared: string;
  /** The link by which the loader finds `shared`; it reads a file through it before it follows it. */
  readonly sharedLink: string;
}

/** The folders of this very installation. */
export function codeFolders(): CodeFolders {
  const source = dirname(realpathSync(dirname(fileURLToPath(import.meta.url))));
  const proxy = dirname(source);
  let folder = proxy;
  while (!existsSync(linkIn(folder)) && folder !== dirname(folder)) folder = dirname(folder);
  const sharedLink = linkIn(folder);
  return { proxy, sharedLink, shared: realpathSync(sharedLink) };
}

function linkIn(folder: string): string {
  return join(folder, 'node_modules', '@sallyport', 'shared');
}

/** `--allow-net` prints a notice at each start: it is wanted. */
const QUIET = ['--disable-warning=ExperimentalWarning', '--disable-warning=PERM0002'];

/**
 * Node's arguments for a launcher without the permission model, which `bin/sallyport-dmz-proxy` turns on before
 * anybody has read the bundle: while the launcher has it, Node would hand its rights on to the workers.
 */
export function freeLauncherArguments(code: CodeFolders, bundleFolder: string): readonly string[] {
  return [...QUIET, join(code.proxy, 'src', 'main.ts'), bundleFolder];
}

/** Node's arguments for a worker: the network, its code and bundle to read, its spool to write; nothing else. */
export function workerArguments(
  code: CodeFolders,
  bundleFolder: string,
  worker: number,
  permissionModel: 'required' | 'off',
): readonly string[] {
  const rights =
    permissionModel === 'off'
      ? []
      : [
          '--permission',
          '--allow-net',
          ...readable(code, bundleFolder),
          `--allow-fs-write=${join(bundleFolder, 'spool')}`,
        ];
  const program = join(code.proxy, 'src', 'worker.ts');
  return [...rights, ...QUIET, YOUNG_GENERATION, program, bundleFolder, String(worker)];
}

/**
 * The environment of a child: without NODE_OPTIONS, and with no compiled code but ours, which it only reads.
 *
 * Node adds its own rights to NODE_OPTIONS for children that are started without `--permission`, and an
 * operator's leftover there could widen what the arguments narrow.
 */
export function childEnvironment(
  own: NodeJS.ProcessEnv,
  compiled: CompiledCode,
): NodeJS.ProcessEnv {
  const {
    NODE_OPTIONS: _options,
    NODE_COMPILE_CACHE: _cache,
    [HEARTBEAT_VARIABLE]: _heartbeat,
    ...rest
  } = own;
  if (!compiled.ok) return rest;
  return { ...rest, NODE_COMPILE_CACHE: compiled.value, NODE_COMPILE_CACHE_READONLY: '1' };
}

function readable(code: CodeFolders, bundleFolder: string): readonly string[] {
  const folders = [code.proxy, code.shared, code.sharedLink, bundleFolder];
  return [...new Set(folders)].map((folder) => `--allow-fs-read=${folder}`);
}
