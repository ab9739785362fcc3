/** A page of the documentation with what stands between two marks made anew from `source`; the rest is kept. */
export function withPart(page: string, path: string, source: string, part: string): string {
  const begin = `<!-- from the ${source}: begin -->`;
  const start = page.indexOf(begin);
  const end = page.indexOf(`<!-- from the ${source}: end -->`);
  if (start < 0 || end < start) throw new Error(`${path} needs ${begin} and its end`);
  return `${page.slice(0, start + begin.length)}\n\n${part}\n\n${page.slice(end)}`;
}

/** Settings as a page names them. */
export function shownSettings(settings: readonly string[]): string {
  return settings.map((setting) => `\`${setting}\``).join(', ');
}

/** A table; nothing in a cell ends it. */
export function markdownTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), `|${'---|'.repeat(headings.length)}`, ...rows.map(line)].join('\n');
}
