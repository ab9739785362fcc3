import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { Clock, Timer } from '@sallyport/shared/io/clock.ts';
import type { SnapshotKeeper } from '../bundle/snapshot-keeper.ts';
import type { GatewayLink } from '../flows/gateway-link.ts';

/** Opening one of many megabytes takes a tenth of a second, in which nothing else is done. */
const AGAIN_MS = 5000;

interface Waiting {
  readonly link: GatewayLink;
  readonly payload: Buffer;
}

/**
 * What gateways want this proxy to go by, and the answer.
 *
 * A gateway says it once. Where the disk has no room for its mark, it is kept here and tried again: a partner that was cut
 * off meanwhile must not stay because nobody thought of saying it anew when there was room.
 */
export class SnapshotOffers {
  readonly #keeper: Pick<SnapshotKeeper, 'offer'>;
  readonly #clock: Pick<Clock, 'after'>;
  /** By gateway, the newest of each. */
  readonly #waiting = new Map<string, Waiting>();
  #timer: Timer | undefined;

  constructor(keeper: Pick<SnapshotKeeper, 'offer'>, clock: Pick<Clock, 'after'>) {
    this.#keeper = keeper;
    this.#clock = clock;
  }

  /** Takes a `snapshot` payload, which is valid only during the call. */
  offered(link: GatewayLink, payload: Buffer): void {
    this.#waiting.delete(link.node);
    const result = this.#keeper.offer(payload);
    link.connection.sendJson(FrameType.snapshotResult, 0, 0, result);
    if (result.reason !== 'spool-not-writable') return;
    this.#waiting.set(link.node, { link, payload: Buffer.from(payload) });
    this.#arm();
  }

  #arm(): void {
    this.#timer ??= this.#clock.after(AGAIN_MS, () => {
      this.#timer = undefined;
      this.#again();
    });
  }

  #again(): void {
    for (const [node, { link, payload }] of this.#waiting) {
      const result = this.#keeper.offer(payload);
      if (result.reason === 'spool-not-writable') continue;
      this.#waiting.delete(node);
      link.connection.sendJson(FrameType.snapshotResult, 0, 0, result);
    }
    if (this.#waiting.size > 0) this.#arm();
  }
}
