/** Numbers that are there, as [first, end), ascending, neither overlapping nor touching. */
export type SequenceRanges = readonly (readonly [first: number, end: number])[];

/** The parts of [first, end) that are not there yet, ascending. */
export function missingIn(ranges: SequenceRanges, first: number, end: number): SequenceRanges {
  const missing: [number, number][] = [];
  let at = first;
  for (const [from, to] of ranges) {
    if (to <= at) continue;
    if (from >= end) break;
    if (from > at) missing.push([at, from]);
    at = to;
  }
  if (at < end) missing.push([at, end]);
  return missing;
}

/** The parts of [first, end) that are there, ascending. */
export function presentIn(ranges: SequenceRanges, first: number, end: number): SequenceRanges {
  return ranges
    .map(([from, to]) => [Math.max(from, first), Math.min(to, end)] as const)
    .filter(([from, to]) => from < to);
}

/** The same numbers and those of [first, end). */
export function withRange(ranges: SequenceRanges, first: number, end: number): SequenceRanges {
  if (first >= end) return ranges;
  const before = ranges.filter(([, to]) => to < first);
  const after = ranges.filter(([from]) => from > end);
  const touched = ranges.filter(([from, to]) => to >= first && from <= end);
  const from = Math.min(first, ...touched.map(([start]) => start));
  const to = Math.max(end, ...touched.map(([, stop]) => stop));
  return [...before, [from, to], ...after];
}
