import { judgeCheckpoint, type NoteKeys } from './checkpoint-check.ts';
import { FindingList } from './finding.ts';
import type { SignedRoot } from './tree-check.ts';

/**
 * Compares with a checkpoint that was kept elsewhere: an older copy ends before it, another history has another root.
 *
 * Returns the root to compare with where the records reach its size.
 */
export function judgeKnown(
  text: string,
  keys: NoteKeys,
  { from, size }: { readonly from: number; readonly size: number },
  signed: readonly SignedRoot[],
  findings: FindingList,
): SignedRoot | undefined {
  const known = judgeCheckpoint(text, keys, new FindingList());
  if (known === undefined || !(known.isSignedByLedger || known.witnesses.length > 0)) {
    findings.add('known-not-signed');
    return undefined;
  }
  const detail = `size ${known.size}`;
  if (known.size > size) {
    findings.add('older-than-known', { index: size, untilIndex: known.size });
    return undefined;
  }
  const same = signed.find((root) => root.size === known.size);
  if (same !== undefined && !same.root.equals(known.root)) {
    findings.add('known-differs', { detail });
    return undefined;
  }
  if (known.size < from) {
    findings.add('known-not-reached', { detail });
    return undefined;
  }
  return same === undefined ? { size: known.size, root: known.root } : undefined;
}
