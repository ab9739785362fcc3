import { searchedMenderContract } from '../../ports/searched-mender-contract.ts';
import { openOwned } from './owned-ledger.ts';

searchedMenderContract('embedded, in memory', true, openOwned);
