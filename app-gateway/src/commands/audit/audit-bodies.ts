import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { BodyDesk, DeskFault, EraseFault } from '../../ledger/bodies/body-desk.ts';
import type { LedgerFailure } from '../../ports/ledger-store.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { ledgerIn, ledgerRefusal, NOT_ON_RECORD, RECORDS_OFF } from './audit-ledger.ts';

/** Where recorded bodies are given out, or why they are not. */
export function bodyDeskIn(
  context: Pick<CommandContext, 'ledger'>,
): Result<BodyDesk, CommandRefusal> {
  const ledger = ledgerIn(context);
  if (!ledger.ok) return ledger;
  if (ledger.value.bodies !== undefined) return ok(ledger.value.bodies);
  return err(RECORDS_OFF);
}

/** What a refusal of the desk is to an operator. */
export function bodyRefusal(fault: DeskFault | EraseFault | LedgerFailure): CommandRefusal {
  if (typeof fault !== 'string') return ledgerRefusal(fault);
  if (fault === 'not-on-record') return NOT_ON_RECORD;
  const [message, next] = TEXTS[fault];
  return { code: fault, message, next };
}

type Told = Exclude<DeskFault | EraseFault, 'not-on-record'>;

const TEXTS: Readonly<Record<Told, readonly [message: string, next: string]>> = {
  'day-not-over': [
    'the key of this day is in use until the day is over (UTC)',
    'wait for tomorrow',
  ],
  'day-held': ['a legal hold is on this day', 'sallyport audit stats lists holds'],
  'day-key-none': [
    'there is no key of this day: no body was recorded, or it was erased before',
    'sallyport audit search --type day-key-erased',
  ],
  'reveal-without-reason': ['the reason is too short', 'say why, in eight characters or more'],
  'reveal-no-body': [
    'this is no record of a body',
    'sallyport audit search --type body-recorded --json shows their indexes',
  ],
  'reveal-other-body': [
    'the stored octets are not those that the ledger speaks of',
    'keep the database as it is, and look who can write to it',
  ],
  'match-without-reason': ['the reason is too short', 'say why, in eight characters or more'],
  'match-no-hash': [
    'there is no hash of a body at this record: it is not of a message with one, or the site did not want hashes then',
    'sallyport audit search --type message-admitted --json shows which have a bodyHash; "audit: { bodyHashes: true }" in site.yaml asks for them from then on',
  ],
  'body-gone': ['the body is not stored any more', 'its day was dropped, or it was taken away'],
  'body-erased': ['the key of its day was erased: nobody can read it', 'nothing can be done'],
};
