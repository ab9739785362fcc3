import { openOwned } from '../app-gateway/adapters/database/owned-ledger.ts';
import { searchedMenderContract } from '../app-gateway/ports/searched-mender-contract.ts';
import { searchedTablesContract } from '../app-gateway/ports/searched-tables-contract.ts';

searchedTablesContract('embedded, in memory', openOwned);
searchedMenderContract('embedded, in memory', true, openOwned);
