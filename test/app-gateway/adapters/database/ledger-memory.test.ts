import { ledgerSetBackContract } from '../../ports/ledger-set-back-contract.ts';
import { openOwned } from './owned-ledger.ts';

ledgerSetBackContract('embedded, in memory', openOwned);
