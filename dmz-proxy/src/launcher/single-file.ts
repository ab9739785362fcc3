import type { Enrolment } from '../keys/enrolment-words.ts';
import { YOUNG_GENERATION } from './young-generation.ts';

/**
 * What Node is told by the single-file program itself, before any argument: the permission model is on, files and
 * network are closed, and other programs may be started.
 *
 * Whoever starts it can only add to that in `--node-options=`; NODE_OPTIONS is not read. So what a worker must not
 * have is taken back in its own arguments, and it looks for itself whether that was done.
 */
export const INBORN_ARGUMENTS = [
  '--permission',
  '--allow-child-process',
  '--disable-warning=ExperimentalWarning',
  '--disable-warning=PERM0002',
] as const;

/** What a process of the single-file program is: begun by an operator, or by another process of the program. */
export type Role = 'starter' | 'launcher' | 'worker' | 'enroller' | 'waiter';

/** The role that a process's arguments name, at the place where no operator's word stands. */
export function roleIn(argv: readonly string[]): Role {
  const [, , first, second, third] = argv;
  // A folder by its whole path stands there, and no operator's command.
  if (first?.startsWith('/') !== true) return 'starter';
  if (second === 'launcher' || second === 'enroller' || second === 'waiter') return second;
  return third === 'worker' ? 'worker' : 'starter';
}

/** Arguments of the launcher: it reads the bundle, starts workers and holds no socket. */
export function packedLauncherArguments(bundleFolder: string): readonly string[] {
  return [nodeOptions([`--allow-fs-read=${bundleFolder}`]), bundleFolder, 'launcher'];
}

/** Arguments of whoever waits until the proxy is up: the bundle to read, and the network to ask. */
export function packedWaiterArguments(bundleFolder: string): readonly string[] {
  const rights = ['--no-allow-child-process', '--allow-net', `--allow-fs-read=${bundleFolder}`];
  return [nodeOptions(rights), bundleFolder, 'waiter'];
}

/** Arguments of whoever makes the host's channel key, or takes its certificate: the bundle's files, no network. */
export function packedEnrolmentArguments(enrolment: Enrolment): readonly string[] {
  const { bundle, verb } = enrolment;
  const certificates = verb === 'install' ? [enrolment.certificate] : [];
  const options = nodeOptions([
    '--no-allow-child-process',
    ...[bundle, ...certificates].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${bundle}`,
  ]);
  return [options, bundle, 'enroller', verb, ...certificates];
}

/** What such a process was told. */
export function packedEnrolment([, , bundle = '', , verb, certificate = '']: readonly string[]):
  | Enrolment
  | undefined {
  if (verb === 'request') return { verb, bundle };
  return verb === 'install' ? { verb, bundle, certificate } : undefined;
}

/**
 * Arguments of a worker: the network, its bundle to read, its spool to write; nothing else.
 *
 * Less than from source: its code is inside the executable, so not even that can be read as a file.
 */
export function packedWorkerArguments(
  bundleFolder: string,
  worker: number,
  permissionModel: 'required' | 'off',
): readonly string[] {
  const rights =
    permissionModel === 'off'
      ? ['--no-permission']
      : [
          '--allow-net',
          `--allow-fs-read=${bundleFolder}`,
          `--allow-fs-write=${bundleFolder}/spool`,
        ];
  const options = nodeOptions(['--no-allow-child-process', ...rights, YOUNG_GENERATION]);
  return [options, bundleFolder, String(worker), 'worker'];
}

/** One argument that carries several, quoted as Node reads NODE_OPTIONS. */
function nodeOptions(options: readonly string[]): string {
  const quoted = options.map((option) => `"${option.replace(/["\\]/g, '\\$&')}"`);
  return `--node-options=${quoted.join(' ')}`;
}
