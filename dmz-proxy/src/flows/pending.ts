import { EXCHANGE_MAX } from '@sallyport/shared/channel/frame.ts';
import { NumberTable } from '@sallyport/shared/net/number-table.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';

/** What is kept of a request until its final response: enough to answer it, and for whom. */
export interface PendingRequest<Owner> {
  /** Its exchange on the gateway's channel. */
  readonly number: number;
  readonly owner: Owner;
  /** Present for an INVITE: the key by which its CANCEL finds the same gateway. */
  readonly inviteKey: string | undefined;
  touchedAtMs: number;
  /** The number of its record in the audit stream; negative where it has none. */
  readonly recordSeq: number;
  /** Where the head lies. */
  readonly slot: PendingSlot;
  readonly headBytes: number;
}

/** A request's head with its empty line: `bytes[start, bodyStart)`. */
type Head = Pick<MessageIndex, 'bytes' | 'start' | 'bodyStart'>;

/** A place for one head. */
export interface PendingSlot {
  readonly slab: Buffer;
  readonly start: number;
}

const SLOT_BYTES = 2048;
const SLOTS_PER_SLAB = 128;
const SLAB_BYTES = SLOT_BYTES * SLOTS_PER_SLAB;
/** Of so many Call-IDs the last request is known by its Call-ID; a power of two. */
const CALLS = 16_384;

/**
 * Requests that were given to one gateway and not finally answered yet.
 *
 * Each costs one copy of its head into a slot that is used again and again, so the table makes no
 * garbage that grows with traffic; a head larger than a slot gets a buffer of its own. No timer per
 * request: `sweep` looks at all of them now and then. How many there may be is the caller's question.
 */
export class PendingTable<Owner> {
  readonly #requests = new NumberTable<PendingRequest<Owner>>(EXCHANGE_MAX);
  readonly #free: PendingSlot[] = [];
  /** By the last bits of a Call-ID's hash: the exchange that was added last. */
  readonly #lastOfCall = new Uint32Array(CALLS);

  get size(): number {
    return this.#requests.size;
  }

  /** Keeps the head of a request, with its empty line, under the exchange that is returned. */
  add(
    request: Pick<PendingRequest<Owner>, 'owner' | 'inviteKey' | 'recordSeq'>,
    { bytes, start, bodyStart }: Head,
    callIdHash: number,
    nowMs: number,
  ): number {
    const { owner, inviteKey, recordSeq } = request;
    const headBytes = bodyStart - start;
    const slot =
      headBytes > SLOT_BYTES ? { slab: Buffer.allocUnsafeSlow(headBytes), start: 0 } : this.#slot();
    bytes.copy(slot.slab, slot.start, start, bodyStart);
    const number = this.#requests.next();
    this.#requests.add({
      number,
      owner,
      inviteKey,
      touchedAtMs: nowMs,
      recordSeq,
      slot,
      headBytes,
    });
    this.#lastOfCall[callIdHash % CALLS] = number;
    return number;
  }

  /**
   * A request with the same head, octet for octet, as one that comes again has it (RFC 3261 §17.1.2.2).
   *
   * It is found as long as no other came after it whose Call-ID has the same hash: that costs no look at all the others.
   */
  same({ bytes, start, bodyStart }: Head, callIdHash: number): PendingRequest<Owner> | undefined {
    const request = this.#requests.get(this.#lastOfCall[callIdHash % CALLS] as number);
    if (request?.headBytes !== bodyStart - start) return undefined;
    const { slab, start: at } = request.slot;
    const order = bytes.compare(slab, at, at + request.headBytes, start, bodyStart);
    return order === 0 ? request : undefined;
  }

  /** A provisional response: the request lives on. */
  touch(exchange: number, nowMs: number): void {
    const request = this.#requests.get(exchange);
    if (request !== undefined) request.touchedAtMs = nowMs;
  }

  /** Takes a request out; its head is valid until the next `add`. */
  take(exchange: number): PendingRequest<Owner> | undefined {
    const request = this.#requests.get(exchange);
    if (request === undefined) return undefined;
    this.#requests.delete(exchange);
    if (request.slot.slab.length === SLAB_BYTES) this.#free.push(request.slot);
    return request;
  }

  /** Takes out all, such as when their gateway is gone. */
  takeAll(each: (request: PendingRequest<Owner>) => void): void {
    this.#takeWhere(() => true, each);
  }

  /** Takes out those of some owners, such as when their connections are gone; costs a look at all there are. */
  takeOf(owners: ReadonlySet<Owner>, each: (request: PendingRequest<Owner>) => void): void {
    this.#takeWhere((request) => owners.has(request.owner), each);
  }

  /** Takes out those that nobody will answer any more. */
  sweep(olderThanMs: number, each: (request: PendingRequest<Owner>) => void): void {
    this.#takeWhere((request) => request.touchedAtMs < olderThanMs, each);
  }

  #takeWhere(
    isWanted: (request: PendingRequest<Owner>) => boolean,
    each: (request: PendingRequest<Owner>) => void,
  ): void {
    this.#requests.forEach((request) => {
      if (!isWanted(request)) return;
      this.take(request.number);
      each(request);
    });
  }

  #slot(): PendingSlot {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    for (let i = SLOTS_PER_SLAB - 1; i > 0; i--) this.#free.push({ slab, start: i * SLOT_BYTES });
    return { slab, start: 0 };
  }
}
