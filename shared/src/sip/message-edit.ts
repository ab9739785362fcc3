import { Header, type HeaderId } from './header-name.ts';
import type { MessageIndex } from './message-index.ts';
import { lineOf, Wording } from './wording.ts';

const KEPT = 0;
const REMOVED = 1;
const REPLACED = 2;
const CRLF_BYTES = 2;

/**
 * Changes to one indexed message, written out as the message that goes on.
 *
 * Untouched lines are copied in runs, so that what a proxy does not change leaves as it came (RFC 3261 §16.6). Not so
 * those that servers read in two ways: loose ones are written anew, plainly, and oddly named ones stay behind. Kamailio takes a
 * fold ` Content-Length: 0` for the length, then the body for a message; at a name with `%` it closes the connection.
 * Reused from message to message, and valid as long as the index is. All text is latin1 and whole lines with
 * their CRLF: it comes from formatters of this folder, never from a peer directly.
 */
export class MessageEdit {
  #index: MessageIndex | undefined;
  #byteLength = 0;
  #startLine: string | undefined;
  #first = '';
  #last = '';
  #body: Uint8Array | undefined;
  #changedLines = 0;
  #changes = new Uint8Array(64);
  readonly #texts: string[] = [];

  /** Starts anew with a message that was scanned without a fatal fault. */
  begin(index: MessageIndex): void {
    this.#index = index;
    this.#byteLength = index.end - index.start;
    this.#startLine = undefined;
    this.#first = '';
    this.#last = '';
    this.#body = undefined;
    this.#changedLines = 0;
    if (this.#changes.length < index.headerCount) {
      this.#changes = new Uint8Array(index.headerCount * 2);
    } else {
      for (let line = 0; line < index.headerCount; line++) this.#changes[line] = KEPT;
    }
    if (index.isReworded) this.#reword(index);
  }

  /** Replaces the start line. */
  startLine(text: string): void {
    const index = this.#indexed();
    const before = this.#startLine?.length ?? index.startLineEnd - index.start;
    this.#startLine = text;
    this.#byteLength += text.length - before;
  }

  /** Takes out every line of that name. */
  removeAll(id: HeaderId): void {
    const { ids, headerCount } = this.#indexed();
    for (let line = 0; line < headerCount; line++) {
      if (ids[line] === id) this.removeLine(line);
    }
  }

  /** Takes out one line. */
  removeLine(line: number): void {
    this.#change(line, REMOVED, '');
  }

  /** Puts text of one or more whole lines in the place of one line. */
  replaceLine(line: number, text: string): void {
    this.#change(line, REPLACED, text);
  }

  /** Puts lines in front of the first header; of several calls the first stands first. */
  insertFirst(text: string): void {
    this.#first += text;
    this.#byteLength += text.length;
  }

  /** Puts lines behind the last header. */
  append(text: string): void {
    this.#last += text;
    this.#byteLength += text.length;
  }

  /** Replaces the body, and the Content-Length with its length. */
  body(bytes: Uint8Array): void {
    const index = this.#indexed();
    const before = this.#body?.length ?? index.end - index.bodyStart;
    this.#body = bytes;
    this.#byteLength += bytes.length - before;
    this.replaceLine(index.first(Header.contentLength), `Content-Length: ${bytes.length}\r\n`);
  }

  /** Length of the edited message. */
  byteLength(): number {
    return this.#byteLength;
  }

  /** Writes the edited message at `at`, where `byteLength()` bytes must be free; returns the index past it. */
  write(into: Buffer, at: number): number {
    const index = this.#indexed();
    const { bytes } = index;
    let to = at;
    // Texts that stand next to each other are written together: each write costs more than its bytes.
    let text = this.#first;
    if (this.#startLine !== undefined) text = this.#startLine + text;
    else if (text === '' && this.#changedLines === 0) return this.#writeTail(into, to, index.start);
    else to += bytes.copy(into, to, index.start, index.startLineEnd);
    let run = index.startLineEnd;
    let left = this.#changedLines;
    for (let line = 0; left > 0; line++) {
      if (this.#changes[line] === KEPT) continue;
      left--;
      const lineStart = index.lineStart[line] as number;
      if (run < lineStart) {
        if (text !== '') to += into.write(text, to, 'latin1');
        text = '';
        to += bytes.copy(into, to, run, lineStart);
      }
      if (this.#changes[line] === REPLACED) text += this.#texts[line] as string;
      run = index.lineEnd[line] as number;
    }
    if (text !== '') to += into.write(text, to, 'latin1');
    return this.#writeTail(into, to, run);
  }

  /** Everything from `run` on: kept lines, appended lines, empty line, body. */
  #writeTail(into: Buffer, at: number, run: number): number {
    const { bytes, bodyStart, end } = this.#indexed();
    let to = at;
    if (this.#last === '' && this.#body === undefined) return to + bytes.copy(into, to, run, end);
    to += bytes.copy(into, to, run, bodyStart - CRLF_BYTES);
    to += into.write(this.#last, to, 'latin1');
    if (this.#body === undefined) return to + bytes.copy(into, to, bodyStart - CRLF_BYTES, end);
    to += bytes.copy(into, to, bodyStart - CRLF_BYTES, bodyStart);
    into.set(this.#body, to);
    return to + this.#body.length;
  }

  #reword(index: MessageIndex): void {
    for (let line = 0; line < index.headerCount; line++) {
      const wording = index.wording[line];
      if (wording === Wording.loose) this.replaceLine(line, lineOf(index, line));
      else if (wording === Wording.oddlyNamed) this.removeLine(line);
    }
  }

  #change(line: number, change: number, text: string): void {
    const index = this.#indexed();
    const before = this.#changes[line];
    if (before === KEPT) {
      this.#changedLines++;
      this.#byteLength -= (index.lineEnd[line] as number) - (index.lineStart[line] as number);
    } else if (before === REPLACED) {
      this.#byteLength -= (this.#texts[line] as string).length;
    }
    this.#changes[line] = change;
    this.#texts[line] = text;
    this.#byteLength += text.length;
  }

  #indexed(): MessageIndex {
    if (this.#index === undefined) throw new Error('An edit needs an indexed message first');
    return this.#index;
  }
}
