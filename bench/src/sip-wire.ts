import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader } from '@sallyport/shared/sip/message-reader.ts';
import { SipText } from '../../test/integration/support/pair-message.ts';

const LIMITS = {
  headBytesMax: 65_536,
  bodyBytesMax: 262_144,
  requestUriBytesMax: 8192,
  lineBytesMax: 16_384,
  headersMax: 256,
};

/** What a wire brings. */
export interface WireSink {
  message(message: SipText, wire: Wire): void;
  closed(wire: Wire): void;
}

/** One connection of an end system, cut into messages; nothing of them is kept. */
export class Wire {
  readonly #socket: Socket;
  isOpen = true;
  /** Who is at the other end, where that is known. */
  name = '';

  constructor(socket: Socket, sink: WireSink) {
    this.#socket = socket;
    socket.setNoDelay(true);
    const reader = new MessageReader(new MessageIndex(LIMITS), {
      message: ({ bytes, start, end }) =>
        sink.message(new SipText(bytes.toString('latin1', start, end)), this),
      keepAlivePing: () => socket.write('\r\n'),
      keepAlivePong: () => undefined,
      fatal: () => socket.destroy(),
    });
    socket.on('data', (chunk: Buffer) => reader.push(chunk, 0, chunk.length));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.isOpen = false;
      sink.closed(this);
    });
  }

  /** Rejects where nobody listens. */
  static async dial(options: ConnectionOptions, sink: WireSink): Promise<Wire> {
    const socket = connect({ host: '127.0.0.1', ...options, rejectUnauthorized: false });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return new Wire(socket, sink);
  }

  send(text: string): void {
    if (this.isOpen) this.#socket.write(Buffer.from(text, 'latin1'));
  }

  /** Takes nothing for a while, as a server that is busy with something else. */
  stall(isStalled: boolean): void {
    if (isStalled) this.#socket.pause();
    else this.#socket.resume();
  }

  end(): void {
    this.#socket.destroy();
  }
}
