import type { Server } from 'node:net';
import type { PreparedChange } from '../ports/prepared-change.ts';

/** Where a server of ours listens; port 0 takes a free one. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * A port that a reload may move: the new one is open before the old one closes, and connections that came in
 * through the old one live on.
 */
export class ListeningPort<S extends Server> {
  #server: S | undefined;
  #place: Place | undefined;

  /** The port that is bound; 0 before the first change was taken. */
  get port(): number {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get server(): S | undefined {
    return this.#server;
  }

  /** Opens the port, unless it is the one that is open; rejects with the system's error when it cannot be. */
  async prepare(place: Place, make: () => S): Promise<PreparedChange> {
    if (this.#place !== undefined && isSame(this.#place, place)) return NOTHING;
    const server = make();
    await listening(server, place);
    return {
      take: () => {
        this.#server?.close();
        this.#server = server;
        this.#place = place;
      },
      discard: () => {
        server.close();
      },
    };
  }

  /** Takes no more connections; those there are live on. */
  close(): void {
    this.#server?.close();
  }
}

const NOTHING: PreparedChange = { take: () => undefined, discard: () => undefined };

function isSame(a: Place, b: Place): boolean {
  return a.host === b.host && a.port === b.port;
}

function listening(server: Server, { host, port }: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}
