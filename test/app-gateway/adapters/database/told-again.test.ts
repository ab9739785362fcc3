import { ledgerToldAgainContract } from '../../ports/ledger-told-again-contract.ts';
import { openOwned } from './owned-ledger.ts';

ledgerToldAgainContract('embedded, in memory', openOwned);
