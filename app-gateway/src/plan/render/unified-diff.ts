import { diff } from 'node:util';

/** Lines around a change that are shown for orientation. */
const CONTEXT = 3;
/** Two texts of more lines are not compared line by line. */
const LINES_MAX = 10_000;

type Entry = readonly [operation: -1 | 0 | 1, line: string];

/** What changed between two texts, as `diff -u` says it; empty where nothing did. An absent text is /dev/null. */
export function unifiedDiff(
  path: string,
  before: string | undefined,
  after: string | undefined,
): string {
  if (before === after) return '';
  const head = [
    before === undefined ? '--- /dev/null' : `--- a/${path}`,
    after === undefined ? '+++ /dev/null' : `+++ b/${path}`,
  ];
  const [old, fresh] = [linesOf(before), linesOf(after)];
  if (old.length + fresh.length > LINES_MAX) return [...head, '(too long to compare)'].join('\n');
  const entries = entriesOf(old, fresh);
  return [...head, ...hunksOf(entries)].join('\n');
}

function linesOf(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return [];
  return text.replace(/\n$/, '').split('\n');
}

/** Node's own comparison marks what only its second text has with -1. */
function entriesOf(before: readonly string[], after: readonly string[]): readonly Entry[] {
  if (before.length === 0) return after.map((line): Entry => [1, line]);
  if (after.length === 0) return before.map((line): Entry => [-1, line]);
  return removedFirst(diff(after, before).map(([operation, line]): Entry => [operation, line]));
}

/** Within one place of change what went stands before what came, as readers of such texts expect it. */
function removedFirst(entries: readonly Entry[]): readonly Entry[] {
  const ordered: Entry[] = [];
  let added: Entry[] = [];
  for (const entry of entries) {
    if (entry[0] === 1) added.push(entry);
    else if (entry[0] === -1) ordered.push(entry);
    else {
      ordered.push(...added, entry);
      added = [];
    }
  }
  return [...ordered, ...added];
}

function hunksOf(entries: readonly Entry[]): readonly string[] {
  const isShown = entries.map((_, at) =>
    entries
      .slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1)
      .some(([operation]) => operation !== 0),
  );
  const lines: string[] = [];
  let [oldLine, newLine] = [1, 1];
  for (let at = 0; at < entries.length; ) {
    if (isShown[at] !== true) {
      oldLine += 1;
      newLine += 1;
      at += 1;
      continue;
    }
    const end = isShown.indexOf(false, at);
    const hunk = entries.slice(at, end < 0 ? undefined : end);
    const oldCount = hunk.filter(([operation]) => operation !== 1).length;
    const newCount = hunk.filter(([operation]) => operation !== -1).length;
    lines.push(`@@ -${range(oldLine, oldCount)} +${range(newLine, newCount)} @@`);
    lines.push(...hunk.map(([operation, line]) => `${MARK[operation]}${line}`));
    oldLine += oldCount;
    newLine += newCount;
    at += hunk.length;
  }
  return lines;
}

const MARK = { [-1]: '-', 0: ' ', 1: '+' } as const;

/** An empty side is numbered by the line before it. */
function range(first: number, count: number): string {
  return `${count === 0 ? first - 1 : first},${count}`;
}
