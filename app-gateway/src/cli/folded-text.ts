const GAP = /\s{2,}/g;

/**
 * Lines folded to a width, at spaces.
 *
 * What a row of a table goes on with stands below its last column, or `hanging` characters in where that is too narrow.
 * A word longer than the width stays whole: nobody can copy half a fingerprint.
 */
export function foldedText(text: string, width: number, hanging = 2): string {
  return text
    .split('\n')
    .flatMap((line) => foldedLine(line, width, hanging))
    .join('\n');
}

function foldedLine(line: string, width: number, hanging: number): readonly string[] {
  if (line.length <= width) return [line];
  const indent = ' '.repeat(hangingIndent(line, width, hanging));
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const from = lines.length === 0 ? leading(line) : indent.length;
    const at = cellBefore(rest, width, indent.length) ?? breakBefore(rest, width, from);
    if (at === undefined) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = indent + rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

/** Where the last cell begins, if it is whole on a line of its own. */
function cellBefore(text: string, width: number, indent: number): number | undefined {
  const begins = [...text.matchAll(GAP)].map((gap) => gap.index + gap[0].length);
  const last = begins.at(-1);
  const isWhole = last !== undefined && last > indent && last <= width;
  return isWhole && indent + text.length - last <= width ? last : undefined;
}

/** The last place before the width, else the first after it, where a word begins. */
function breakBefore(text: string, width: number, from: number): number | undefined {
  const before = text.lastIndexOf(' ', width);
  if (before > from) return before + 1;
  const after = text.indexOf(' ', Math.max(width, from));
  return after === -1 ? undefined : after + 1;
}

function hangingIndent(line: string, width: number, hanging: number): number {
  const begins = [...line.matchAll(GAP)].map((gap) => gap.index + gap[0].length);
  const column = begins.findLast((at) => at <= width / 2);
  const first = leading(line);
  return column === undefined || column <= first ? first + hanging : column;
}

function leading(line: string): number {
  return line.length - line.trimStart().length;
}
