import { FairCache } from '../net/fair-cache.ts';
import type { Certificate } from './certificate.ts';
import type { Path } from './path.ts';

/**
 * Remembers paths that were proven, so that reconnect storms and resumed sessions stay cheap.
 *
 * The key is the SHA-256 of the leaf together with a scope that the caller makes of everything else the
 * verdict rests on: partner, purpose, and what is trusted under which policy. Other trust finds nothing
 * old. A resumed session shows only its leaf: that, and the time, are judged anew at every
 * use. Bounded, by number and by octets, and no partner has more than a quarter: with an authority of its own
 * one makes as many and as long certificates as it likes. The path unused for longest goes first. Refusals are not
 * remembered, so that nobody is locked out by yesterday's verdict.
 *
 * Leaves that were proven once are kept in parsed form too, by their very bytes: what the bytes say does
 * not depend on trust or time. A stranger's certificate gets in here as little as his path does.
 */
export class PathCache {
  readonly #paths: FairCache<Path>;
  readonly #leaves: FairCache<Certificate>;

  /** `placesMax`: paths, a long one counting for each 8 KiB begun of its certificates. */
  constructor(placesMax: number) {
    this.#paths = new FairCache(placesMax);
    this.#leaves = new FairCache(placesMax);
  }

  /** A leaf of exactly these bytes that led to an anchor before; that says nothing of whether it still does. */
  leaf(der: Buffer): Certificate | undefined {
    return this.#leaves.get(bytesOf(der));
  }

  /** The remembered path of this leaf if it is still within its dates. */
  find(scope: string, leaf: Certificate, atMs: number): Path | undefined {
    const key = keyOf(scope, leaf);
    const path = this.#paths.get(key);
    if (path === undefined) return undefined;
    if (atMs > path.notAfterMs) this.#paths.delete(key);
    return atMs < path.notBeforeMs || atMs > path.notAfterMs ? undefined : path;
  }

  /** Keeps a path that validation has just returned for this scope, of that partner. */
  keep(scope: string, path: Path, partner: string): void {
    const { leaf, chain } = path;
    this.#paths.set(keyOf(scope, leaf), path, partner, placesOf(chain));
    this.#leaves.set(bytesOf(leaf.der), leaf, partner, placesOf([leaf]));
  }

  /** Forgets everything, such as when a partner is severed. */
  clear(): void {
    this.#paths.clear();
    this.#leaves.clear();
  }

  get size(): number {
    return this.#paths.size;
  }
}

/** Parsed, they take some five times as much. */
const PLACE_BYTES = 8192;

function placesOf(certificates: readonly Certificate[]): number {
  const bytes = certificates.reduce((sum, { der }) => sum + der.length, 0);
  return Math.ceil(bytes / PLACE_BYTES);
}

function keyOf(scope: string, leaf: Certificate): string {
  return `${leaf.fingerprintSha256}/${scope}`;
}

/** One character a byte: as a key this is exact, and cheaper than a digest. */
function bytesOf(der: Buffer): string {
  return der.toString('latin1');
}
