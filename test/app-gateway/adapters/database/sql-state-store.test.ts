import { memoryStore } from '../../ledger/memory-ledger.ts';
import { stateStoreContract } from '../../ports/state-store-contract.ts';

stateStoreContract('embedded, in memory', memoryStore);
