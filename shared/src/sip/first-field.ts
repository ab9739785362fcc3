import { Header, type HeaderId } from './header-name.ts';
import type { MessageIndex } from './message-index.ts';
import { NameAddrSpans } from './name-addr-spans.ts';
import { ViaSpans } from './via-spans.ts';

/** Reads one value; returns the index past it, or -1. */
interface Scanner {
  scan(bytes: Uint8Array, start: number, end: number): number;
}

/**
 * The first value of the first field of one name, read once per message however many ask for it.
 *
 * The syntax check reads it first, and routing, transactions and edits find it read.
 */
export class FirstField<Spans extends Scanner> {
  readonly #id: HeaderId;
  /** Where its parts lie, once `read` found it. */
  readonly spans: Spans;
  #index: MessageIndex | undefined;
  #scanNumber = 0;
  #valueEnd = -1;

  constructor(id: HeaderId, spans: Spans) {
    this.#id = id;
    this.spans = spans;
  }

  /** Index past the value, where the field ends or a comma stands; -1 where it is absent or malformed. */
  read(index: MessageIndex): number {
    if (this.#index === index && this.#scanNumber === index.scanNumber) return this.#valueEnd;
    this.#index = index;
    this.#scanNumber = index.scanNumber;
    const line = index.first(this.#id);
    this.#valueEnd =
      line < 0
        ? -1
        : this.spans.scan(
            index.bytes,
            index.valueStart[line] as number,
            index.valueEnd[line] as number,
          );
    return this.#valueEnd;
  }
}

export const topVia = new FirstField(Header.via, new ViaSpans());
export const fromField = new FirstField(Header.from, new NameAddrSpans());
export const toField = new FirstField(Header.to, new NameAddrSpans());
