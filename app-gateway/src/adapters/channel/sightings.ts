import type { FlowOpened } from '@sallyport/shared/channel/flow.ts';
import { BoundedMap } from '@sallyport/shared/net/bounded-map.ts';
import { TokenBucket } from '@sallyport/shared/net/token-bucket.ts';
import type { OwnIdentity } from '../../config/site.ts';
import type { Sighting } from '../../domain/exchange/sighting/sighting.ts';
import type { SightingSink } from '../../ports/sighting-sink.ts';
import { shownKey } from './connection-policy.ts';

/** Kinds of sightings between two flushes, and keys that are known to have been seen. */
const ENTRIES_MAX = 10_000;
/** The store hears of handshakes so late at most; of a key that was not seen before an operator may be waiting to hear. */
const FLUSH_MS = 5000;
const FLUSH_NEW_MS = 200;
/** Kinds that one proxy worker may bring: partners have few keys, and each kind is a row that stays. */
const NEW_AT_ONCE = 2000;
const NEW_PER_SECOND = 1;
const PROXIES_MAX = 1000;

/**
 * What live handshakes showed, added up until the store takes it.
 *
 * Bounded, and never in a message's way: what does not fit is lost, and counted. A batch that the store did not take
 * is added to the next one.
 */
export class Sightings {
  readonly #sink: SightingSink;
  readonly #nowMs: () => number;
  /** Keys of ours by hash; those of earlier configurations are still shown on live connections. */
  readonly #keyNames = new Map<string, string>();
  readonly #seen = new Set<string>();
  readonly #shares = new BoundedMap<string, TokenBucket>(PROXIES_MAX);
  #waiting = new Map<string, Sighting>();
  #isFlushing = false;
  readonly #timer: NodeJS.Timeout;
  #soon: NodeJS.Timeout | undefined;
  /** Sightings that found no room. */
  lost = 0;

  constructor(sink: SightingSink, nowMs: () => number) {
    this.#sink = sink;
    this.#nowMs = nowMs;
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
    this.#timer.unref();
  }

  /** Gives the store what is left. */
  stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    return this.flush();
  }

  /** Our keys of now, by which what partners took is named. */
  useIdentities(identities: readonly OwnIdentity[]): void {
    for (const { name, keyName, chainPem } of identities) {
      this.#keyNames.set(shownKey(chainPem), keyName ?? name);
    }
  }

  /** Takes what a proxy says is to be put on record of a connection. */
  note(opened: FlowOpened, proxy: string): void {
    if (opened.transport === 'tcp') return;
    for (const direction of opened.sightings) {
      const isAccepted = direction === 'accepted';
      const { partner, trustSet, certificate, ownKey, ownIdentity, remoteAddress } = opened;
      const nowMs = this.#nowMs();
      this.#add({
        partner,
        direction,
        spki: isAccepted ? certificate.spki : ownKey,
        key: isAccepted ? trustSet : (this.#keyNames.get(ownKey) ?? ownIdentity),
        firstAtMs: nowMs,
        lastAtMs: nowMs,
        handshakes: 1,
        lastSource: remoteAddress,
        lastProxy: proxy,
        ...(isAccepted ? { notAfterMs: certificate.notAfterMs } : {}),
      });
    }
  }

  #flushSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      if (this.#isFlushing) this.#flushSoon();
      else void this.flush();
    }, FLUSH_NEW_MS).unref();
  }

  /** Gives the store what has come together; done every few seconds. */
  async flush(): Promise<void> {
    if (this.#isFlushing || this.#waiting.size === 0) return;
    this.#isFlushing = true;
    const batch = this.#waiting;
    this.#waiting = new Map();
    const taken = await this.#sink.recordSightings([...batch.values()]);
    this.#isFlushing = false;
    if (taken.ok) return;
    const later = [...this.#waiting.values()];
    this.#waiting = batch;
    for (const sighting of later) this.#merge(sighting);
  }

  #add(sighting: Sighting): void {
    const key = keyOf(sighting);
    const isNew = !this.#seen.has(key);
    if (isNew && !this.#shareOf(sighting.lastProxy).take(this.#nowMs())) {
      this.lost++;
      return;
    }
    this.#merge(sighting);
    if (!isNew) return;
    // Better told twice than never.
    if (this.#seen.size >= ENTRIES_MAX) this.#seen.clear();
    this.#seen.add(key);
    this.#sink.seen(sighting);
    this.#flushSoon();
  }

  #shareOf(proxy: string): TokenBucket {
    const fresh = () => new TokenBucket(NEW_PER_SECOND, NEW_AT_ONCE, this.#nowMs());
    return this.#shares.of(proxy, fresh);
  }

  #merge(sighting: Sighting): void {
    const key = keyOf(sighting);
    const known = this.#waiting.get(key);
    if (known === undefined && this.#waiting.size >= ENTRIES_MAX) {
      this.lost++;
      return;
    }
    const firstAtMs = known?.firstAtMs ?? sighting.firstAtMs;
    const handshakes = (known?.handshakes ?? 0) + sighting.handshakes;
    this.#waiting.set(key, { ...sighting, firstAtMs, handshakes });
  }
}

function keyOf({ partner, direction, key, spki }: Sighting): string {
  return `${partner} ${direction} ${key} ${spki}`;
}
