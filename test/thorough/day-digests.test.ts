import { openOwned } from '../app-gateway/adapters/database/owned-ledger.ts';
import { ledgerDigestContract } from '../app-gateway/ports/ledger-digest-contract.ts';

ledgerDigestContract('embedded, in memory', openOwned);
