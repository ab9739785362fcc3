import { visibleText } from './visible-text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A value as text of HTML or SVG, good between tags and in quoted attributes. */
export function markupText(value: string | Uint8Array): string {
  return escapedMarkup(visibleText(value));
}

/** The same for text that is visible text already. */
export function escapedMarkup(visible: string): string {
  return visible.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
