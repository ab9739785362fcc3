import type { EntryView, ShownValue } from '../../ledger/render/entry-view.ts';
import { valueText } from '../../ledger/render/field-text.ts';
import { visibleText } from '../../ledger/render/visible-text.ts';

/** The fields of a record that have not yet been told under another name. */
export class FieldsLeft {
  readonly #fields: Map<string, ShownValue>;

  constructor({ fields }: EntryView) {
    this.#fields = new Map(Object.entries(fields));
  }

  /** Takes a field as text; what is not UTF-8 is visible in it. */
  text(name: string): string | undefined {
    const value = this.#fields.get(name);
    this.#fields.delete(name);
    return value === undefined ? undefined : jsonText(value);
  }

  /** Takes a field that is a number that JSON can hold; any other stays. */
  number(name: string): number | undefined {
    const value = this.#fields.get(name);
    if (typeof value !== 'number') return undefined;
    this.#fields.delete(name);
    return value;
  }

  /** Takes a field as text under the name that it has elsewhere, or nothing. */
  named(name: string, as: string): Readonly<Record<string, string>> {
    const value = this.text(name);
    return value === undefined ? {} : { [as]: value };
  }

  /** What nobody took. */
  rest(): Readonly<Record<string, string | number | readonly string[]>> {
    return Object.fromEntries(
      [...this.#fields].map(([name, value]) => [
        name,
        typeof value === 'number' ? value : isList(value) ? value.map(whole) : jsonText(value),
      ]),
    );
  }
}

/** JSON can hold every text; octets that are none are shown as `\xff`. */
function jsonText(value: ShownValue): string {
  const text = valueText(value);
  return typeof text === 'string' ? whole(text) : visibleText(text);
}

/** A lone surrogate is what JSON can write and many readers refuse. */
function whole(text: string): string {
  return text.isWellFormed() ? text : visibleText(text);
}

function isList(value: ShownValue): value is readonly string[] {
  return Array.isArray(value);
}
