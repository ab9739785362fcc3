import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { failure, type Outcome } from './outcome.ts';
import { runAsChild } from './run-as-child.ts';

/** A program of ours that a bundle is made for. */
export type ProgramName = 'dmz-proxy' | 'app-gateway';

interface Program {
  /** Its command where it runs from source, as the package map knows it. */
  readonly command: string;
  /** Its executable where programs are single files: beside the one that runs. */
  readonly executable: string;
  /** File by which a bundle for it is known. */
  readonly settingsFile: 'proxy.json' | 'gateway.json';
}

/** Resolved by name and never imported, so that nothing of them runs with our rights. */
const PROGRAMS: Readonly<Record<ProgramName, Program>> = {
  'dmz-proxy': {
    command: '@sallyport/dmz-proxy/bin/sallyport-dmz-proxy',
    executable: 'sallyport-dmz-proxy',
    settingsFile: 'proxy.json',
  },
  'app-gateway': {
    command: '@sallyport/app-gateway/bin/sallyport-app-gateway',
    executable: 'sallyport-gateway',
    settingsFile: 'gateway.json',
  },
};

/**
 * Turns this process into a program: same process id, so that signals, exit code and output are the
 * program's own and no parent stands between it and the service manager. Returns only when it cannot, or
 * with the program's exit code where it has to run as a child.
 */
export async function runCommand(name: ProgramName, bundle: string): Promise<Outcome | number> {
  const program = PROGRAMS[name];
  const folder = resolve(bundle);
  if (!existsSync(join(folder, program.settingsFile))) {
    return failure(
      `${bundle} is no bundle for ${name}: it has no ${program.settingsFile}`,
      'give one of the folders that "sallyport bundle DIR" writes below DIR/hosts',
    );
  }
  const isPacked = isSea();
  const path = isPacked
    ? join(dirname(process.execPath), program.executable)
    : fileURLToPath(import.meta.resolve(program.command));
  if (!existsSync(path)) {
    const package_ = isPacked ? `its package, ${program.executable}` : 'npm ci';
    return failure(`${name} is not installed here`, `install it with: ${package_}`);
  }
  const isUnderNpx = process.env['npm_lifecycle_event'] === 'npx';
  if (isUnderNpx || process.execve === undefined) return runAsChild(path, [folder]);
  return process.execve(path, [path, folder]);
}
