import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerFailure } from '../../ports/ledger-store.ts';
import type { CommandContext, LedgerAccess } from '../command-context.ts';
import type { CommandRefusal } from '../command-refusal.ts';

/** The ledger that a command reads, or why there is none. */
export function ledgerIn({
  ledger,
}: Pick<CommandContext, 'ledger'>): Result<LedgerAccess, CommandRefusal> {
  return ledger === undefined ? err(LEDGER_OFF) : ok(ledger);
}

const LEDGER_OFF: CommandRefusal = {
  code: 'ledger-off',
  message: 'this gateway keeps no ledger',
  next: 'a ledger needs a database, and "audit: { enabled: true }" in site.yaml',
};

/** What is put on record before it is done, where that cannot be. */
export const NOT_ON_RECORD: CommandRefusal = {
  code: 'not-on-record',
  message: 'it cannot be put on record now, so it was not done',
  next: 'see the gateway’s log; give the command once more',
};

/** Where auditing is off, and what was asked for is never done without a record. */
export const RECORDS_OFF: CommandRefusal = {
  code: 'ledger-off',
  message: 'auditing is off: this could not be put on record',
  next: 'set "audit: { enabled: true }" in site.yaml',
};

/** What a failure of the ledger is to an operator. */
export function ledgerRefusal(failure: LedgerFailure): CommandRefusal {
  switch (failure.code) {
    case 'unavailable':
      return {
        code: 'store-unavailable',
        message: `the ledger’s database does not answer: ${failure.reason}`,
        next: 'see the gateway’s log; records wait in its journal meanwhile',
      };
    case 'damaged':
      return {
        code: 'ledger-damaged',
        message: `the ledger’s tree is not whole: ${failure.reason}`,
        next: 'keep the database as it is; sallyport audit verify --live says where',
      };
    case 'conflict':
      return {
        code: 'conflict',
        message: 'the ledger has changed meanwhile',
        next: 'give the command once more',
      };
  }
}

/** The outcome of asking the ledger as the outcome of a command. */
export function answered<T>(outcome: Result<T, LedgerFailure>): Result<T, CommandRefusal> {
  return outcome.ok ? outcome : err(ledgerRefusal(outcome.error));
}
