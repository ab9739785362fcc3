import type { JudgedCheckpoint } from './checkpoint-check.ts';
import type { FindingList } from './finding.ts';
import type { SignedRoot } from './tree-check.ts';
import type { VerifyReport } from './verify-report.ts';

/** Which roots the records must give, and what witnesses stand for. */
export interface SignedRoots {
  readonly roots: readonly SignedRoot[];
  readonly witnessed: VerifyReport['witnessed'];
}

/**
 * What the checkpoints say together: two roots for one size are a split view, none with a witness is nobody's word but
 * the ledger's own. A root that only a witness signed counts too: whoever has the ledger's key cannot take it away.
 */
export function judgeCheckpoints(
  judged: readonly JudgedCheckpoint[],
  { size, hasWitnesses }: { readonly size: number; readonly hasWitnesses: boolean },
  findings: FindingList,
): SignedRoots {
  const believed = judged.filter(
    ({ isSignedByLedger, witnesses }) => isSignedByLedger || witnesses.length > 0,
  );
  const roots: SignedRoot[] = [];
  for (const { size: of, root } of believed.toSorted((a, b) => a.size - b.size)) {
    const same = roots.find((other) => other.size === of);
    if (same === undefined) roots.push({ size: of, root });
    else if (!same.root.equals(root)) findings.add('checkpoint-conflict', { detail: `size ${of}` });
  }
  if (!judged.some((checkpoint) => checkpoint.isSignedByLedger && checkpoint.size === size)) {
    findings.add('checkpoint-missing', { detail: `size ${size}` });
  }
  const witnessed = believed
    .filter(({ witnesses }) => witnesses.length > 0)
    .toSorted((a, b) => b.size - a.size)[0];
  if (witnessed === undefined) {
    if (hasWitnesses && size > 0) findings.add('cosignatures-missing');
    return { roots, witnessed: undefined };
  }
  return {
    roots,
    witnessed: {
      size: witnessed.size,
      nodes: [...new Set(witnessed.witnesses.map(({ node }) => node))],
      timestampS: Math.max(...witnessed.witnesses.map(({ timestampS }) => timestampS)),
    },
  };
}
