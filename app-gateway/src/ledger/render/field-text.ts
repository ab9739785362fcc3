import type { EntryView, ShownValue } from './entry-view.ts';
import { visibleText } from './visible-text.ts';

/** The value of a field as what a renderer escapes: text, or the octets that came. */
export function fieldText({ fields }: EntryView, name: string): string | Uint8Array | undefined {
  const value = fields[name];
  return value === undefined ? undefined : valueText(value);
}

/** The same as text that shows what it is made of. */
export function visibleField(view: EntryView, name: string): string | undefined {
  const value = fieldText(view, name);
  return value === undefined ? undefined : visibleText(value);
}

/** A value for a renderer to escape. */
export function valueText(value: ShownValue): string | Uint8Array {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if ('hex' in value) return Buffer.from(value.hex, 'hex');
  return value.join(' ');
}
