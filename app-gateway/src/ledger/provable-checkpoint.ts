import { ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerReader } from '../ports/ledger-reader.ts';
import type { LedgerFailure, StoredCheckpoint } from '../ports/ledger-store.ts';

/** Checkpoints come every few seconds; so many are looked at for one that witnesses have signed already. */
const NEWEST_MAX = 50;

/** The newest checkpoint that a witness signed and that covers `index`, or where none of the last ones does, the newest. */
export async function provableCheckpoint(
  reader: Pick<LedgerReader, 'checkpoints'>,
  index = 0,
): Promise<Result<StoredCheckpoint | undefined, LedgerFailure>> {
  const newest = await reader.checkpoints({ limit: NEWEST_MAX });
  if (!newest.ok) return newest;
  const isProof = ({ size, cosignatures }: StoredCheckpoint) =>
    size > index && Object.keys(cosignatures).length > 0;
  return ok(newest.value.find(isProof) ?? newest.value[0]);
}
