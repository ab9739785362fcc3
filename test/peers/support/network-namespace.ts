import { execFileSync, spawnSync } from 'node:child_process';
import { environment } from './environment.ts';

/** Root needs no user namespace around its network namespace; others need one, which not every kernel gives them. */
const UNSHARE = process.getuid?.() === 0 ? ['-n'] : ['-rn'];

/** Why no network namespace can be made here, or false; in CI that is thrown. */
export function withoutNamespaces(): string | false {
  const { status, stderr } = spawnSync('unshare', [...UNSHARE, 'true'], { encoding: 'utf8' });
  if (status === 0) return false;
  const reason = `NO NETWORK NAMESPACES HERE: ${stderr}`;
  if (environment['CI'] === 'true') throw new Error(reason);
  console.error(`peers: ${reason}`);
  return reason;
}

/** Runs shell commands in a network namespace that ends with them; throws with what they said when one fails. */
export function inNamespace(script: string, ...parameters: readonly string[]): string {
  return execFileSync('unshare', [...UNSHARE, 'sh', '-ec', script, 'sh', ...parameters], {
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a shell script that makes namespaces of its own below one that ends with it; nothing stays behind. */
export function runInNamespaces(script: string, parameters: readonly string[]): string {
  return execFileSync('unshare', [...UNSHARE, '-m', 'sh', script, ...parameters], {
    encoding: 'utf8',
    timeout: 120_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
