/** What is kept of a request until its final response: enough to answer it, and for whom. */
export interface PendingRequest<Owner> {
  readonly owner: Owner;
  /** Present for an INVITE: the key by which its CANCEL finds the same gateway. */
  readonly inviteKey: string | undefined;
  touchedAtMs: number;
  /** Where the head lies. */
  readonly slot: PendingSlot;
  readonly headBytes: number;
}

/** A place for one head. */
export interface PendingSlot {
  readonly slab: Buffer;
  readonly start: number;
}

const SLOT_BYTES = 2048;
const SLOTS_PER_SLAB = 128;
const SLAB_BYTES = SLOT_BYTES * SLOTS_PER_SLAB;

/**
 * Requests that were given to one gateway and not finally answered yet.
 *
 * Each costs one copy of its head into a slot that is used again and again, so the table makes no
 * garbage that grows with traffic; a head larger than a slot gets a buffer of its own. No timer per
 * request: `sweep` looks at all of them now and then. How many there may be is the caller's question.
 */
export class PendingTable<Owner> {
  readonly #requests = new Map<number, PendingRequest<Owner>>();
  readonly #free: PendingSlot[] = [];

  get size(): number {
    return this.#requests.size;
  }

  /** Keeps `bytes[start, end)`, the head of a request with its empty line. */
  add(
    exchange: number,
    owner: Owner,
    inviteKey: string | undefined,
    nowMs: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const size = end - start;
    const slot =
      size > SLOT_BYTES ? { slab: Buffer.allocUnsafeSlow(size), start: 0 } : this.#slot();
    bytes.copy(slot.slab, slot.start, start, end);
    this.#requests.set(exchange, {
      owner,
      inviteKey,
      touchedAtMs: nowMs,
      slot,
      headBytes: size,
    });
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
    for (const exchange of [...this.#requests.keys()]) {
      const request = this.take(exchange);
      if (request !== undefined) each(request);
    }
  }

  /** Takes out those of one owner, such as when its connection is gone. */
  takeOf(owner: Owner, each: (request: PendingRequest<Owner>) => void): void {
    for (const [exchange, request] of this.#requests) {
      if (request.owner !== owner) continue;
      this.take(exchange);
      each(request);
    }
  }

  /** Takes out those that nobody will answer any more. */
  sweep(olderThanMs: number, each: (request: PendingRequest<Owner>) => void): void {
    for (const [exchange, request] of this.#requests) {
      if (request.touchedAtMs >= olderThanMs) continue;
      this.take(exchange);
      each(request);
    }
  }

  #slot(): PendingSlot {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    for (let i = SLOTS_PER_SLAB - 1; i > 0; i--) this.#free.push({ slab, start: i * SLOT_BYTES });
    return { slab, start: 0 };
  }
}
