import { visibleText } from './visible-text.ts';

/**
 * Spreadsheets calculate what begins so; an apostrophe before it keeps it text, and an apostrophe gets one too. In a country
 * whose lists have semicolons a cell begins behind each of them, quoted or not.
 */
const FORMULA_START = /(^|;)(?=["\p{Zs}]*[=+\-@'\uff1d\uff0b\uff0d\uff20])/gu;
const NEEDS_QUOTES = /[",;]|^\s|\s$/;

/** One row (RFC 4180), with its line end: foreign values neither leave their cell nor calculate in it. */
export function csvRow(cells: readonly (string | Uint8Array)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | Uint8Array): string {
  const visible = visibleText(value);
  const text = visible.replace(FORMULA_START, "$1'");
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
