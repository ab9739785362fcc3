import { join } from 'node:path';

/** The part of `process.permission` that is asked; undefined without the permission model. */
export interface PermissionView {
  has(scope: string, reference?: string): boolean;
}

const RIGHTS = [
  ['child', 'may start other programs'],
  ['worker', 'may start worker threads'],
  ['addon', 'may load native addons'],
  ['wasi', 'may run WASI'],
  ['inspector', 'may be debugged from outside'],
] as const;

/**
 * Rights that a worker has and must not have; empty when it may face the internet.
 *
 * A worker needs the network, may read its code and bundle, and write its spool. What an attacker
 * takes over is then a process that can neither run a program nor leave a file elsewhere.
 */
export function excessRights(
  permission: PermissionView | undefined,
  bundleFolder: string,
): readonly string[] {
  if (permission === undefined) return ['runs without --permission'];
  const excess: string[] = RIGHTS.filter(([scope]) => permission.has(scope)).map(
    ([, words]) => words,
  );
  const wideRead = permission.has('fs.read') || permission.has('fs.read', '/etc/passwd');
  const wideWrite =
    permission.has('fs.write') || permission.has('fs.write', join(bundleFolder, 'proxy.json'));
  if (wideRead) excess.push('may read files outside its code and bundle');
  if (wideWrite) excess.push('may write files outside its spool');
  return excess;
}
