import { visibleText } from './visible-text.ts';

/** Spreadsheets calculate what begins so; an apostrophe before it keeps it text, and an apostrophe gets one too. */
const FORMULA_START = /^[=+\-@'\t\r]/;
const NEEDS_QUOTES = /[",;]|^\s|\s$/;

/** One row (RFC 4180), with its line end: foreign values neither leave their cell nor calculate in it. */
export function csvRow(cells: readonly (string | Uint8Array)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | Uint8Array): string {
  const visible = visibleText(value);
  const text = FORMULA_START.test(visible) ? `'${visible}` : visible;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
