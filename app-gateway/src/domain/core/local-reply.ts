import type { Outgoing } from '../signalling.ts';
import type { UpstreamHead } from './upstream-head.ts';

/** What a response made by us says beyond the lines it must copy. */
export interface LocalReply {
  readonly status: number;
  readonly reasonPhrase: string;
  readonly headers: readonly string[];
}

/**
 * A response of our own to a request whose head was kept (RFC 3261 §8.2.6).
 *
 * A To without tag gets ours, except in 100 Trying. It names no software of ours.
 */
export function localReply(head: UpstreamHead, reply: LocalReply, toTag: string): Outgoing {
  const to = reply.status === 100 || head.hasToTag ? head.to : withTag(head.to, toTag);
  let text = `SIP/2.0 ${reply.status} ${reply.reasonPhrase}\r\n`;
  text += head.vias + head.from + to + head.callId + head.cseq;
  if (reply.status === 100) text += head.timestamp;
  for (const header of reply.headers) text += `${header}\r\n`;
  return new OutgoingText(`${text}Content-Length: 0\r\n\r\n`);
}

/** A whole message as latin1 text. */
export class OutgoingText implements Outgoing {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  byteLength(): number {
    return this.#text.length;
  }

  write(into: Buffer, at: number): number {
    return at + into.write(this.#text, at, 'latin1');
  }
}

/** A whole message as bytes. */
export class OutgoingBytes implements Outgoing {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byteLength(): number {
    return this.#bytes.length;
  }

  write(into: Buffer, at: number): number {
    return at + this.#bytes.copy(into, at);
  }
}

function withTag(line: string, tag: string): string {
  return `${line.trimEnd()};tag=${tag}\r\n`;
}
