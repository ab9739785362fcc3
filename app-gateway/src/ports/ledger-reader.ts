import type { LedgerStore } from './ledger-store.ts';

/** Port. The ledger as those see it who only read: search, export, proofs. */
export type LedgerReader = Pick<
  LedgerStore,
  | 'head'
  | 'entries'
  | 'told'
  | 'search'
  | 'referring'
  | 'streams'
  | 'tile'
  | 'checkpoints'
  | 'days'
  | 'searched'
  | 'typeCounts'
  | 'holds'
>;
