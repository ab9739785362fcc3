import type { Certificate } from './certificate.ts';
import type { Path } from './path.ts';

/**
 * Remembers paths that were proven, so that reconnect storms and resumed sessions stay cheap.
 *
 * The key is the SHA-256 of the leaf together with a scope that the caller makes of everything else the
 * verdict rests on: partner, purpose, and what is trusted under which policy. Other trust finds nothing
 * old. A resumed session shows only its leaf: that, and the time, are judged anew at every
 * use. Bounded; the path unused for longest goes first. Refusals are not remembered, so that nobody is
 * locked out by yesterday's verdict.
 *
 * Leaves that were proven once are kept in parsed form too, by their very bytes: what the bytes say does
 * not depend on trust or time. A stranger's certificate gets in here as little as his path does.
 */
export class PathCache {
  readonly #paths = new Map<string, Path>();
  readonly #leaves = new Map<string, Certificate>();
  readonly #pathsMax: number;

  constructor(pathsMax: number) {
    this.#pathsMax = pathsMax;
  }

  /** A leaf of exactly these bytes that led to an anchor before; that says nothing of whether it still does. */
  leaf(der: Buffer): Certificate | undefined {
    const key = bytesOf(der);
    const leaf = this.#leaves.get(key);
    if (leaf !== undefined) this.#putLast(this.#leaves, key, leaf);
    return leaf;
  }

  /** The remembered path of this leaf if it is still within its dates. */
  find(scope: string, leaf: Certificate, atMs: number): Path | undefined {
    const key = keyOf(scope, leaf);
    const path = this.#paths.get(key);
    if (path === undefined) return undefined;
    this.#paths.delete(key);
    if (atMs > path.notAfterMs) return undefined;
    this.#paths.set(key, path);
    return atMs < path.notBeforeMs ? undefined : path;
  }

  /** Keeps a path that validation has just returned for this scope. */
  keep(scope: string, path: Path): void {
    this.#putLast(this.#paths, keyOf(scope, path.leaf), path);
    this.#putLast(this.#leaves, bytesOf(path.leaf.der), path.leaf);
  }

  /** Forgets everything, such as when a partner is severed. */
  clear(): void {
    this.#paths.clear();
    this.#leaves.clear();
  }

  get size(): number {
    return this.#paths.size;
  }

  #putLast<Value>(map: Map<string, Value>, key: string, value: Value): void {
    map.delete(key);
    map.set(key, value);
    if (map.size <= this.#pathsMax) return;
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  }
}

function keyOf(scope: string, leaf: Certificate): string {
  return `${leaf.fingerprintSha256}/${scope}`;
}

/** One character a byte: as a key this is exact, and cheaper than a digest. */
function bytesOf(der: Buffer): string {
  return der.toString('latin1');
}
