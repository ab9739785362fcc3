import type { Socket } from 'node:net';

/** Takes `bytes[start, end)`, which is overwritten after the call returns. */
export type ByteTaker = (bytes: Buffer, start: number, end: number) => void;

/** How a socket is being read; 'data' works as well and costs an allocation per read. */
export type ReadMode = 'user-buffer' | 'data';

/** One for the whole process: bytes are taken within the read callback, so no two reads overlap. */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

/** What `tls.connect({ onread })` sets up, and `tls.createServer` has no option for. */
interface ReadInternals {
  [symbol: symbol]: unknown;
  _handle?: { useUserBuffer?: (buffer: Buffer) => void } | null;
}

interface ReadSymbols {
  readonly buffer: symbol;
  readonly callback: symbol;
}

let symbols: ReadSymbols | undefined;

/**
 * Reads a connected socket, TLS or not, into the process's one static buffer.
 *
 * Without this every read makes a buffer outside of V8's heap, and thousands of them a second make
 * it run full collections whose price grows with the number of open sockets. There is no public way
 * to do it for sockets that a server accepted, hence the two internal symbols: where they are not
 * found as expected, the 'data' event is used. `pause` and `resume` work in both modes.
 */
export function readInto(socket: Socket, take: ByteTaker): ReadMode {
  const internals = socket as unknown as ReadInternals;
  const found = readSymbols(internals);
  if (found === undefined || typeof internals._handle?.useUserBuffer !== 'function') {
    socket.on('data', (chunk: Buffer) => take(chunk, 0, chunk.length));
    return 'data';
  }
  internals[found.buffer] = READ_BUFFER;
  internals[found.callback] = (bytes: number, buffer: Buffer): boolean => {
    take(buffer, 0, bytes);
    return true;
  };
  internals._handle.useUserBuffer(READ_BUFFER);
  // What came in before this call stands in the stream's own buffer.
  const early = socket.read() as Buffer | null;
  if (early !== null) take(early, 0, early.length);
  socket.read(0);
  return 'user-buffer';
}

function readSymbols(internals: ReadInternals): ReadSymbols | undefined {
  if (symbols !== undefined) return symbols;
  const own = Object.getOwnPropertySymbols(internals);
  const buffer = own.find((symbol) => symbol.description === 'kBuffer');
  const callback = own.find((symbol) => symbol.description === 'kBufferCb');
  if (buffer === undefined || callback === undefined) return undefined;
  if (internals[buffer] !== null) return undefined;
  symbols = { buffer, callback };
  return symbols;
}
