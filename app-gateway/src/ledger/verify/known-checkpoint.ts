import { judgeCheckpoint, type NoteKeys } from './checkpoint-check.ts';
import { FindingList } from './finding.ts';
import type { PackHeader } from './pack-format.ts';
import type { SignedRoot, TreeCheck } from './tree-check.ts';

/**
 * Compares with a checkpoint that was kept elsewhere: an older copy ends before it, another history has another root.
 *
 * Returns the root that the records must give, where the tree reaches its size.
 */
export function judgeKnown(
  text: string,
  keys: NoteKeys,
  size: number,
  signed: readonly SignedRoot[],
  findings: FindingList,
): SignedRoot | undefined {
  const aside = new FindingList();
  const known = judgeCheckpoint(text, keys, aside);
  if (known === undefined || !(known.isSignedByLedger || known.witnesses.length > 0)) {
    const isOther = aside.all.some(({ code }) => code === 'origin-wrong');
    findings.add(isOther ? 'known-of-another' : 'known-not-signed');
    return undefined;
  }
  if (known.size > size) {
    findings.add('older-than-known', { index: size, untilIndex: known.size });
    return undefined;
  }
  const same = signed.find((root) => root.size === known.size);
  if (same !== undefined && !same.root.equals(known.root)) {
    findings.add('known-differs', { detail: `size ${known.size}` });
    return undefined;
  }
  return { size: known.size, root: known.root };
}

/** How the comparison came out, if there was one: hashes of more than its records may stand for what is left out. */
export function judgeKnownRoot(
  { size }: SignedRoot,
  tree: TreeCheck,
  { from, to }: Pick<PackHeader, 'from' | 'to'>,
  findings: FindingList,
): void {
  const isGiven = tree.gives(size);
  if (size === 0 || isGiven === true) return;
  const notCompared = size < from || size > to ? 'known-not-reached' : 'known-not-compared';
  const code = isGiven === false ? 'known-differs' : notCompared;
  findings.add(code, { detail: `size ${size}` });
}
