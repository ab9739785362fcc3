import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JournalShares } from '@sallyport/app-gateway/ledger/journal-shares.ts';

const MAX = 8_000_000;
const PIECE = 1000;

/** What each of these hosts holds once all of them bring as much as they may. */
function filledBy(...nodes: readonly string[]): { readonly held: number; readonly free: number } {
  const shares = new JournalShares();
  let free = MAX;
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const node of nodes) {
      if (free < PIECE || shares.isTooMuch(node, free)) continue;
      shares.given(node, PIECE);
      free -= PIECE;
      isMore = true;
    }
  }
  return { held: (MAX - free) / nodes.length / MAX, free: free / MAX };
}

describe('the shares of a journal', () => {
  //   hosts that bring all they may           each holds, is free
  const rows: readonly (readonly [readonly string[], number, number])[] = [
    [['edge-1'], 3 / 4, 1 / 4],
    [['edge-1', 'edge-2'], 3 / 7, 1 / 7],
    [['edge-1', 'edge-2', 'edge-3', 'edge-4'], 3 / 13, 1 / 13],
  ];
  for (const [nodes, held, free] of rows) {
    it(`leave room for others beside ${nodes.length}`, () => {
      const filled = filledBy(...nodes);
      assert.ok(Math.abs(filled.held - held) < 0.001, `held ${filled.held}`);
      assert.ok(Math.abs(filled.free - free) < 0.001, `free ${filled.free}`);
    });
  }

  it('count what the ledger has taken no more, and what nobody brought not at all', () => {
    const shares = new JournalShares();
    shares.given('edge-1', 500);
    shares.given('edge-1', 500);
    assert.equal(shares.isTooMuch('edge-1', 333), true);
    assert.equal(shares.isTooMuch('edge-2', 0), false);
    shares.taken('edge-1', 1);
    assert.equal(shares.isTooMuch('edge-1', 333), false);
    shares.taken('edge-1', 5000);
    assert.equal(shares.isTooMuch('edge-1', 0), false);
    shares.given('edge-1', 4);
    assert.equal(shares.isTooMuch('edge-1', 1), true);
  });
});
