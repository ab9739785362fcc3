import type { MessageIndex } from './message-index.ts';

/** What a reader tells its owner; `index` is valid only during the call. */
export interface MessageSink {
  message(index: MessageIndex): void;
  /** The peer sent a double CRLF that stood alone between messages: answer with one CRLF (RFC 5626 §4.4.1). */
  keepAlivePing(): void;
  /** The peer answered our ping with a single CRLF. */
  keepAlivePong(): void;
  /** Nothing after this can be understood: close. `index` is given where the head can still be answered. */
  fatal(index: MessageIndex, answerable: boolean): void;
}

const CR = 0x0d;
const LF = 0x0a;

/**
 * Cuts a TLS byte stream into SIP messages, however it was split (RFC 3261 §7.5, §18.3).
 *
 * Between messages it holds nothing; inside one it holds at most one head and one body.
 * The index is shared by all readers of a thread: it describes the message of the current call only.
 */
export class MessageReader {
  readonly #index: MessageIndex;
  readonly #sink: MessageSink;
  #held: Buffer | undefined;
  #heldBytes = 0;
  /** Bytes of `held` without which a new scan cannot succeed. */
  #needed = 0;
  #pingBytes = 0;
  #awaitsPong = false;
  #closed = false;

  constructor(index: MessageIndex, sink: MessageSink) {
    this.#index = index;
    this.#sink = sink;
  }

  /** Whether the stream stands inside a message. */
  get isMidMessage(): boolean {
    return this.#heldBytes > 0;
  }

  /** Our side sent a ping: the next lone CRLF is its answer and not half of a ping. */
  expectPong(): void {
    this.#awaitsPong = true;
  }

  /** Takes `bytes[start, end)`, which the caller may overwrite afterwards. */
  push(bytes: Buffer, start: number, end: number): void {
    if (this.#closed) return;
    if (this.#held === undefined) {
      const consumed = this.#consume(bytes, start, end);
      if (consumed < end && !this.#closed) this.#hold(bytes, consumed, end);
      return;
    }
    this.#append(bytes, start, end);
    if (this.#heldBytes < this.#needed) return;
    if (this.#needed === 0 && !this.#sawHeadEnd(end - start)) return;
    const held = this.#held;
    const heldBytes = this.#heldBytes;
    this.#held = undefined;
    this.#heldBytes = 0;
    const consumed = this.#consume(held, 0, heldBytes);
    if (consumed < heldBytes && !this.#closed) this.#hold(held, consumed, heldBytes);
  }

  /** Hands up nothing more, not even what has come already; may be called while it hands up a message. */
  stop(): void {
    this.#closed = true;
    this.#held = undefined;
    this.#heldBytes = 0;
  }

  #consume(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && !this.#closed) {
      const byte = bytes[at];
      if (byte === CR || byte === LF) {
        if (!this.#keepAlive(byte)) return end;
        at++;
        continue;
      }
      if (this.#pingBytes % 2 === 1) {
        this.#fail(false);
        return end;
      }
      this.#pingBytes = 0;
      const length = this.#index.scan(bytes, at, end);
      if (length === 0) break;
      if (length < 0 || this.#index.fatal) {
        this.#fail(length > 0);
        return end;
      }
      at += length;
      this.#sink.message(this.#index);
    }
    return at;
  }

  /** CRLFs before a start line are keep-alives; two of them make a ping (RFC 5626 §3.5.1, RFC 3261 §7.5). */
  #keepAlive(byte: number): boolean {
    const expected = this.#pingBytes % 2 === 0 ? CR : LF;
    if (byte !== expected) {
      this.#fail(false);
      return false;
    }
    this.#pingBytes++;
    if (this.#pingBytes === 2 && this.#awaitsPong) {
      this.#awaitsPong = false;
      this.#pingBytes = 0;
      this.#sink.keepAlivePong();
    }
    if (this.#pingBytes === 4) {
      this.#pingBytes = 0;
      this.#sink.keepAlivePing();
    }
    return true;
  }

  #fail(answerable: boolean): void {
    this.stop();
    this.#sink.fatal(this.#index, answerable);
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    this.#needed = this.#index.needed;
    this.#held = Buffer.allocUnsafeSlow(Math.max(this.#needed, length * 2));
    this.#heldBytes = bytes.copy(this.#held, 0, start, end);
  }

  #append(bytes: Buffer, start: number, end: number): void {
    const held = this.#held as Buffer;
    const total = this.#heldBytes + end - start;
    if (total > held.length) {
      this.#held = Buffer.allocUnsafeSlow(total * 2);
      held.copy(this.#held, 0, 0, this.#heldBytes);
    }
    bytes.copy(this.#held as Buffer, this.#heldBytes, start, end);
    this.#heldBytes = total;
  }

  /** So that a peer who sends byte by byte does not make us read its head again for every byte. */
  #sawHeadEnd(fresh: number): boolean {
    const from = Math.max(0, this.#heldBytes - fresh - 3);
    const held = (this.#held as Buffer).subarray(from, this.#heldBytes);
    return (
      held.includes('\r\n\r\n', 0, 'latin1') ||
      hasBareLineFeed(held) ||
      this.#heldBytes >= this.#index.headBytesMax
    );
  }
}

/** A head with one has no end that could be waited for: it is a fault at once, as it is in one piece. */
function hasBareLineFeed(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(LF, 1); at > 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] !== CR) return true;
  }
  return false;
}
