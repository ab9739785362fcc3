import { memoryStore } from '../../ledger/memory-ledger.ts';
import { bodyStoreContract } from '../../ports/body-store-contract.ts';

bodyStoreContract('PGlite', memoryStore);
