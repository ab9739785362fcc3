/**
 * Views of the buffers that were asked for last, for whoever reads several bytes at a time.
 *
 * Messages come in one buffer after the other in the same memory, or in pieces in another one: two are remembered, so
 * that none is made per message.
 */
export class ByteViews {
  #bytes: Buffer | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #before: Buffer | undefined;
  #beforeView: DataView = this.#view;

  /** All of `bytes`. */
  of(bytes: Buffer): DataView {
    return bytes === this.#bytes ? this.#view : this.#other(bytes);
  }

  #other(bytes: Buffer): DataView {
    const view =
      bytes === this.#before
        ? this.#beforeView
        : new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#before = this.#bytes;
    this.#beforeView = this.#view;
    this.#bytes = bytes;
    this.#view = view;
    return view;
  }
}
