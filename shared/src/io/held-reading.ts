import type { Socket } from 'node:net';

/** Why a socket is not read: its owner cannot take more, or others are read first. */
export type Hold = 'owner' | 'turn';

/** Who gives peers their turns to be read. */
export interface Turns<Peer> {
  /** So much was read of it. */
  took(peer: Peer, bytes: number): void;
  /** It is read no more. */
  ended(peer: Peer): void;
}

/** A socket that is read while nothing holds it. */
export class HeldReading {
  readonly #socket: Pick<Socket, 'pause' | 'resume'>;
  readonly #holds = new Set<Hold>();

  constructor(socket: Pick<Socket, 'pause' | 'resume'>) {
    this.#socket = socket;
  }

  hold(why: Hold): void {
    this.#holds.add(why);
    this.#socket.pause();
  }

  release(why: Hold): void {
    this.#holds.delete(why);
    if (this.#holds.size === 0) this.#socket.resume();
  }
}
