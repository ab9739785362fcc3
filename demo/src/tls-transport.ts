import { connect, type TLSSocket } from 'node:tls';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader } from '@sallyport/shared/sip/message-reader.ts';
import { EmitterImpl, type Transport, TransportState } from 'sip.js';

export interface TlsTransportOptions {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly serverName: string;
}

const LIMITS = {
  headBytesMax: 16_384,
  bodyBytesMax: 65_536,
  requestUriBytesMax: 2048,
  lineBytesMax: 8192,
  headersMax: 128,
};

/** Lets a sip.js user agent, made for WebSockets, speak SIP over TLS. */
export class TlsTransport implements Transport {
  readonly protocol = 'TLS';
  onConnect: (() => void) | undefined;
  onDisconnect: ((error?: Error) => void) | undefined;
  onMessage: ((message: string) => void) | undefined;
  readonly #options: TlsTransportOptions;
  #state: TransportState = TransportState.Disconnected;
  #socket: TLSSocket | undefined;

  constructor(_logger: unknown, options: TlsTransportOptions) {
    this.#options = options;
  }

  get state(): TransportState {
    return this.#state;
  }

  get localPort(): number {
    return this.#socket?.localPort ?? 0;
  }

  readonly stateChange = new EmitterImpl<TransportState>();

  connect(): Promise<void> {
    const { host, port, ca, serverName } = this.#options;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, ca, servername: serverName });
      this.#socket = socket;
      const reader = new MessageReader(new MessageIndex(LIMITS), {
        message: (index) => this.onMessage?.(index.bytes.toString('utf8', index.start, index.end)),
        keepAlivePing: () => socket.write('\r\n'),
        keepAlivePong: () => undefined,
        fatal: () => socket.destroy(),
      });
      socket.on('data', (chunk: Buffer) => reader.push(chunk, 0, chunk.length));
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        this.#turn(TransportState.Connected);
        this.onConnect?.();
        resolve();
      });
      socket.once('close', () => {
        this.#turn(TransportState.Disconnected);
        this.onDisconnect?.();
      });
    });
  }

  disconnect(): Promise<void> {
    this.#socket?.destroy();
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    return this.disconnect();
  }

  isConnected(): boolean {
    return this.#state === TransportState.Connected;
  }

  send(message: string): Promise<void> {
    this.#socket?.write(message);
    return Promise.resolve();
  }

  #turn(state: TransportState): void {
    this.#state = state;
    this.stateChange.emit(state);
  }
}
