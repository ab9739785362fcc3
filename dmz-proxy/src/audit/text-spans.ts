import { FIELD, fieldById } from '@sallyport/shared/audit/record-fields.ts';
import { ByteViews } from '@sallyport/shared/net/byte-views.ts';
import { fromField, toField, topVia } from '@sallyport/shared/sip/first-field.ts';
import { Header, type HeaderId } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';

/** Bytes that are compared at a time. */
const WORD = 4;
/** Method, Request-URI, CSeq, Call-ID, From, To and their tags, and a branch. */
const SPANS_MAX = 9;
const CSEQ_BYTES_MAX = fieldById(FIELD.cseq)?.bytesMax ?? 0;

/**
 * Where the texts lie in a message that its record takes over, in the order of their fields: field, start and end of
 * each, for `RecordWriter.texts`. Used again for every message.
 */
export class TextSpans {
  readonly numbers = new Int32Array(3 * SPANS_MAX);
  count = 0;
  readonly #views = new ByteViews();

  /**
   * All of a request that was screened: its CSeq ends with its method, which is there only where that is too long to be
   * kept whole, and To is not where it says what the Request-URI does.
   */
  ofScreened(index: MessageIndex): void {
    const { requestUriStart, requestUriEnd } = index;
    this.count = 0;
    const cseq = index.first(Header.cseq);
    const cseqBytes = (index.valueEnd[cseq] as number) - (index.valueStart[cseq] as number);
    if (cseqBytes > CSEQ_BYTES_MAX) this.#add(FIELD.method, index.start, index.methodEnd);
    this.#add(FIELD.requestUri, requestUriStart, requestUriEnd);
    this.#addFields(index, requestUriStart, requestUriEnd);
    this.#addBranch(index, FIELD.serverTransaction);
  }

  /** Method and Request-URI of a request. */
  ofStartLine(index: MessageIndex): void {
    this.count = 0;
    this.#add(FIELD.method, index.start, index.methodEnd);
    this.#add(FIELD.requestUri, index.requestUriStart, index.requestUriEnd);
  }

  /** From the CSeq on, nothing left out; `branch` is the field for that of the topmost Via. */
  ofFields(index: MessageIndex, branch: number): void {
    this.count = 0;
    this.#addFields(index, 0, 0);
    this.#addBranch(index, branch);
  }

  #addFields(index: MessageIndex, knownStart: number, knownEnd: number): void {
    this.#addValue(FIELD.cseq, index, Header.cseq);
    this.#addValue(FIELD.callId, index, Header.callId);
    this.#addFrom(index);
    this.#addTo(index, knownStart, knownEnd);
  }

  /** The URI and the tag, or where they cannot be read the whole value. The syntax check has found both. */
  #addFrom(index: MessageIndex): void {
    const from = fromField.spans;
    if (fromField.read(index) < 0) return this.#addValue(FIELD.from, index, Header.from);
    this.#add(FIELD.from, from.uriStart, from.uriEnd);
    if (from.tagStart >= 0) this.#add(FIELD.fromTag, from.tagStart, from.tagEnd);
  }

  /** The same of To; its URI is left out where it is the one in `bytes[knownStart, knownEnd)`. */
  #addTo(index: MessageIndex, knownStart: number, knownEnd: number): void {
    const to = toField.spans;
    if (toField.read(index) < 0) return this.#addValue(FIELD.to, index, Header.to);
    if (!areEqual(this.#views.of(index.bytes), to.uriStart, to.uriEnd, knownStart, knownEnd)) {
      this.#add(FIELD.to, to.uriStart, to.uriEnd);
    }
    if (to.tagStart >= 0) this.#add(FIELD.toTag, to.tagStart, to.tagEnd);
  }

  #addBranch(index: MessageIndex, field: number): void {
    const via = topVia.spans;
    if (topVia.read(index) < 0 || via.branchStart < 0) return;
    this.#add(field, via.branchStart, via.branchEnd);
  }

  #addValue(field: number, index: MessageIndex, id: HeaderId): void {
    const line = index.first(id);
    if (line < 0) return;
    this.#add(field, index.valueStart[line] as number, index.valueEnd[line] as number);
  }

  #add(field: number, start: number, end: number): void {
    const { numbers, count } = this;
    numbers[count] = field;
    numbers[count + 1] = start;
    numbers[count + 2] = end;
    this.count = count + 3;
  }
}

/** Four bytes at a time, the last four overlapping those before; false too of what is shorter than any SIP URI. */
function areEqual(
  view: DataView,
  start: number,
  end: number,
  otherStart: number,
  otherEnd: number,
): boolean {
  const length = end - start;
  const last = length - WORD;
  if (otherEnd - otherStart !== length || last < 0) return false;
  for (let i = 0; i < last; i += WORD) {
    if (view.getInt32(start + i) !== view.getInt32(otherStart + i)) return false;
  }
  return view.getInt32(start + last) === view.getInt32(otherStart + last);
}
