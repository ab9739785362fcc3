import { hash } from 'node:crypto';
import type { Path } from './path.ts';

/**
 * Remembers paths that were proven, so that reconnect storms and resumed sessions stay cheap.
 *
 * The key is the SHA-256 of the leaf together with a scope that the caller makes of everything else the
 * verdict rests on: partner, purpose, and the generation of anchors, pins and policy. A new generation
 * finds nothing old. A resumed session shows only its leaf: that, and the time, are judged anew at every
 * use. Bounded; the path unused for longest goes first. Refusals are not remembered, so that nobody is
 * locked out by yesterday's verdict.
 */
export class PathCache {
  readonly #paths = new Map<string, Path>();
  readonly #pathsMax: number;

  constructor(pathsMax: number) {
    this.#pathsMax = pathsMax;
  }

  /** The remembered path of this leaf if it is still within its dates. */
  find(scope: string, leafDer: Uint8Array, atMs: number): Path | undefined {
    const key = keyOf(scope, hash('sha256', leafDer, 'hex'));
    const path = this.#paths.get(key);
    if (path === undefined) return undefined;
    this.#paths.delete(key);
    if (atMs > path.notAfterMs) return undefined;
    this.#paths.set(key, path);
    return atMs < path.notBeforeMs ? undefined : path;
  }

  /** Keeps a path that validation has just returned for this scope. */
  keep(scope: string, path: Path): void {
    const key = keyOf(scope, path.leaf.fingerprintSha256);
    this.#paths.delete(key);
    this.#paths.set(key, path);
    const [oldest] = this.#paths.keys();
    if (this.#paths.size > this.#pathsMax && oldest !== undefined) this.#paths.delete(oldest);
  }

  /** Forgets everything, such as when a partner is severed. */
  clear(): void {
    this.#paths.clear();
  }

  get size(): number {
    return this.#paths.size;
  }
}

function keyOf(scope: string, fingerprint: string): string {
  return `${fingerprint}/${scope}`;
}
