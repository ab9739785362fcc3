import type { Socket } from 'node:net';
import type { SourceLimits } from '@sallyport/shared/net/source-limits.ts';
import type { ListenAddress } from '../bundle/proxy-config.ts';
import { Doorstep, type Source } from './doorstep.ts';

export interface PlainListenerOptions {
  readonly listen: ListenAddress;
  readonly headerTimeoutMs: number;
  readonly sources: SourceLimits;
  readonly nowMs: () => number;
  /** Whether an address is one of a partner that may come without TLS. */
  readonly isKnown: (address: string) => boolean;
}

/** What a plain listener tells its owner. */
export interface PlainListenerEvents {
  /** Nothing is known but where it comes from, and nothing has been read. */
  arrivedPlain(socket: Socket, source: Source): void;
  refused(code: string, address: string, source?: Source): void;
  checked(): void;
}

/**
 * One address where SIP comes without TLS (RFC 3261 §18), for partners whose record allows it.
 *
 * There is no handshake: who connects is known by the network it comes from, or is not let in.
 */
export class PlainListener {
  readonly #doorstep: Doorstep;

  constructor(options: PlainListenerOptions, events: PlainListenerEvents) {
    const { listen, headerTimeoutMs, sources, nowMs, isKnown } = options;
    this.#doorstep = new Doorstep(
      {
        listen,
        timeoutMs: headerTimeoutMs,
        sources,
        nowMs,
        handlingOf: (address) => (isKnown(address) ? 'admit' : 'dismiss'),
      },
      {
        arrived: (raw, source) => events.arrivedPlain(raw, source),
        refused: (code, address, source) => events.refused(code, address, source),
        checked: () => events.checked(),
      },
    );
  }

  open(): Promise<number | undefined> {
    return this.#doorstep.open();
  }

  /** Accepts no more; connections that are open stay. */
  close(): void {
    this.#doorstep.close();
  }
}
