import type { HashAt } from '@sallyport/shared/audit/merkle.ts';
import { hashesOfTiles, tilesFor } from '@sallyport/shared/audit/tiles.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerReader } from '../ports/ledger-reader.ts';
import type { LedgerFailure } from '../ports/ledger-store.ts';

/** Makes a proof from stored tiles: reads those that it needs, and no others. */
export async function provedFromTiles<Proof>(
  reader: Pick<LedgerReader, 'tile'>,
  prove: (hashAt: HashAt) => Proof,
): Promise<Result<Proof, LedgerFailure>> {
  const tiles = new Map<string, Buffer>();
  for (const { level, index } of tilesFor(prove)) {
    const tile = await reader.tile(level, index);
    if (!tile.ok) return tile;
    if (tile.value !== undefined) tiles.set(`${level}/${index}`, tile.value);
  }
  try {
    return ok(prove(hashesOfTiles((level, index) => tiles.get(`${level}/${index}`))));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    return err({ code: 'damaged', reason });
  }
}
