import { parseCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { inclusionProof, leafHash, verifyInclusion } from '@sallyport/shared/audit/merkle.ts';
import { parseNote } from '@sallyport/shared/audit/note.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { checkpointText } from '../../ledger/checkpoint-text.ts';
import { provedFromTiles } from '../../ledger/ledger-hashes.ts';
import { entryLines } from '../../ledger/render/entry-line.ts';
import { type EntryView, entryView } from '../../ledger/render/entry-view.ts';
import type { CommandDefinition } from '../command.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { AUDIT_PROOF } from './audit-descriptions.ts';
import { answered, ledgerIn } from './audit-ledger.ts';

const schema = z.strictObject({ index: z.int().min(0) });

/** Everything that one needs to check a single record, in the words of RFC 9162 and C2SP. */
export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  /** The record’s octets, base64: SHA-256 of 0x00 and these is the leaf. */
  readonly record: string;
  /** The audit path, nearest sibling first, base64 each. */
  readonly path: readonly string[];
  /** The signed checkpoint of that size, with its cosignatures. */
  readonly checkpoint: string;
  readonly entry: EntryView;
}

/** Proves that a record is in the tree whose root was signed. */
export const auditProof: CommandDefinition<z.infer<typeof schema>, InclusionProof> = {
  ...AUDIT_PROOF,
  schema,
  async run(context, { index }) {
    const ledger = ledgerIn(context);
    if (!ledger.ok) return ledger;
    const { reader } = ledger.value;
    const newest = answered(await reader.checkpoints({ limit: 1 }));
    if (!newest.ok) return newest;
    const [checkpoint] = newest.value;
    if (checkpoint === undefined || index >= checkpoint.size)
      return err(notSigned(index, checkpoint?.size));
    const entries = answered(await reader.entries(index, index + 1));
    if (!entries.ok) return entries;
    const [entry] = entries.value;
    if (entry === undefined) return err(gone(index));
    const { size } = checkpoint;
    const path = answered(
      await provedFromTiles(reader, (hashAt) => inclusionProof(index, size, hashAt)),
    );
    if (!path.ok) return path;
    return ok({
      index,
      size,
      record: entry.record.toString('base64'),
      path: path.value.map((hash) => Buffer.from(hash).toString('base64')),
      checkpoint: checkpointText(checkpoint),
      entry: entryView(entry),
    });
  },
  text(proof) {
    const verdict = isProven(proof)
      ? `proven: record ${proof.index} is in the tree of ${proof.size} records that this checkpoint signs`
      : 'NOT PROVEN: the path does not lead from this record to the signed root';
    return [
      ...entryLines(proof.entry),
      `path: ${proof.path.length} hashes (--json has them)`,
      'checkpoint:',
      ...proof.checkpoint
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
      verdict,
      'The signatures are not checked here: sallyport audit verify does, with keys kept elsewhere.',
    ].join('\n');
  },
  isBad: (proof) => !isProven(proof),
};

/** Follows the path from the record to the root that the checkpoint states. */
export function isProven({ index, size, record, path, checkpoint }: InclusionProof): boolean {
  const note = parseNote(Buffer.from(checkpoint));
  const stated = note.ok ? parseCheckpoint(note.value.text) : undefined;
  if (stated?.ok !== true || stated.value.size !== size) return false;
  const leaf = leafHash(Buffer.from(record, 'base64'));
  const hashes = path.map((hash) => Buffer.from(hash, 'base64'));
  return verifyInclusion(index, size, leaf, hashes, stated.value.root);
}

function notSigned(index: number, size: number | undefined): CommandRefusal {
  return {
    code: 'record-not-signed',
    message: `no checkpoint covers record ${index} yet: ${size === undefined ? 'none is signed' : `the newest is of ${size} records`}`,
    next: 'checkpoints are signed every few seconds; see sallyport audit stats',
  };
}

function gone(index: number): CommandRefusal {
  return {
    code: 'record-gone',
    message: `record ${index} is not in the ledger any more`,
    next: 'its day was dropped, or it was taken away: sallyport audit verify --live says which',
  };
}
