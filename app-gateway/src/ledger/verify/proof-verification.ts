import type { LogProof } from '@sallyport/shared/audit/log-proof.ts';
import { leafHash, verifyInclusion } from '@sallyport/shared/audit/merkle.ts';
import { isBeyondThisVersion, recordFault } from '@sallyport/shared/audit/record-check.ts';
import { recordSeqAt } from '@sallyport/shared/audit/record-layout.ts';
import { type EntryView, entryView } from '../render/entry-view.ts';
import { judgeCheckpoint, noteKeysOf } from './checkpoint-check.ts';
import { judgeCheckpoints } from './checkpoint-findings.ts';
import { type Finding, FindingList } from './finding.ts';
import type { LedgerKeys } from './pack-format.ts';
import type { VerifyReport } from './verify-report.ts';

/** The verdict on the proof of one record; fixed names, for scripts. */
export interface ProofReport {
  readonly isGood: boolean;
  readonly origin: string;
  readonly index: number;
  /** Of the tree that the checkpoint signs; 0 where it is none. */
  readonly size: number;
  readonly witnessed: VerifyReport['witnessed'];
  /** Undefined where its octets are no record. Whose stream it is of, no record says of itself. */
  readonly entry: Pick<EntryView, 'timeMs' | 'type' | 'seq' | 'fields'> | undefined;
  readonly findings: readonly Finding[];
}

const NOBODY = { node: '', worker: 0, epoch: 0n };

/** Follows the path from the record to the root, and verifies whose signatures are on that, with keys that were kept. */
export function verifyProof(proof: LogProof, ledgerKeys: LedgerKeys): ProofReport {
  const { index, record, path, checkpoint } = proof;
  const keys = noteKeysOf(ledgerKeys);
  const findings = new FindingList();
  const judged = judgeCheckpoint(checkpoint, keys, findings);
  const size = judged?.size ?? 0;
  const fault = recordFault(record, 0, record.length);
  if (fault !== undefined) {
    const isUnknown = isBeyondThisVersion(record, 0, record.length);
    findings.add(isUnknown ? 'record-unknown' : 'record-malformed', { index, detail: fault });
  }
  const hasWitnesses = keys.witnesses.length > 0;
  const signed = judgeCheckpoints(judged ? [judged] : [], { size, hasWitnesses }, findings);
  if (judged !== undefined && !verifyInclusion(index, size, leafHash(record), path, judged.root)) {
    findings.add('record-not-proven', { index });
  }
  return {
    isGood: !findings.hasFault,
    origin: ledgerKeys.origin,
    index,
    size,
    witnessed: signed.witnessed,
    entry: fault === undefined ? viewOf(record) : undefined,
    findings: findings.all,
  };
}

function viewOf(record: Buffer): ProofReport['entry'] {
  const seq = recordSeqAt(record, 0);
  const { timeMs, type, fields } = entryView({ index: 0, source: NOBODY, seq, record, day: '' });
  return { timeMs, type, seq, fields };
}
