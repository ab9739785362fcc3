/** So many are kept at least, once there were as many; and never more than twice as many. */
const KEPT_MIN = 512;

/** What was made of texts lately, so that it need not be made again: of the last 512 at least. */
export class RecentValues<Value> {
  #now = new Map<string, Value>();
  #before = new Map<string, Value>();

  of(text: string): Value | undefined {
    return this.#now.get(text) ?? this.#before.get(text);
  }

  add(text: string, value: Value): void {
    if (this.#now.size >= KEPT_MIN) {
      this.#before = this.#now;
      this.#now = new Map();
    }
    this.#now.set(text, value);
  }
}
