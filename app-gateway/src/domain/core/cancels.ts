import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { hasCseqMethod } from '@sallyport/shared/sip/syntax-check.ts';
import type { Link } from '../signalling.ts';
import type { ClientTry } from './proxied-request.ts';
import { waitOn } from './waiting-tries.ts';

/** So long after one that could not be sent, or may be lost, the way is looked for again. */
const AGAIN_MS = 500;

/**
 * CANCELs of calls that ring. One that found no way, as while an inner server starts again, or whose connection ended before the
 * call did, is sent as soon as there is a way, until the try is over: an INVITE that rings outlives its connection, and nobody
 * else can stop it (RFC 3261 §9.1).
 */
export class Cancels {
  readonly #send: (client: ClientTry) => Link | undefined;
  #waiting: ClientTry[] = [];
  #dueMs = 0;

  /** `send`: undefined where there is no way now. */
  constructor(send: (client: ClientTry) => Link | undefined) {
    this.#send = send;
  }

  send(client: ClientTry | undefined): void {
    if (client === undefined) return;
    const link = this.#send(client);
    if (link === undefined) this.#waiting.push(client);
    // Whoever loses it says so; of a way that is only looked for nobody will.
    else if (link.flow === client.link?.flow) waitOn(client, link);
  }

  /** The link on which a try waited is gone, and a CANCEL may be gone with it. */
  lost(client: ClientTry): void {
    if (isCancelled(client)) this.#waiting.push(client);
  }

  advance(nowMs: number): void {
    if (this.#waiting.length === 0 || nowMs < this.#dueMs) return;
    this.#dueMs = nowMs + AGAIN_MS;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const client of waiting) if (isCancelled(client)) this.send(client);
  }
}

/** Whether a response with the branch of a try answers its CANCEL, and so changes nothing: the INVITE has an answer of its own (RFC 3261 §9.1). */
export function isAnswerToOne(client: ClientTry, index: MessageIndex): boolean {
  return isSent(client) && hasCseqMethod(index, 'CANCEL');
}

function isCancelled(client: ClientTry): boolean {
  return client.state === 'proceeding' && isSent(client);
}

function isSent({ request }: ClientTry): boolean {
  const { cancel } = request.context;
  return cancel === 'caller' || cancel === 'timer-c';
}
