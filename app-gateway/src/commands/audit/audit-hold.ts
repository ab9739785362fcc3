import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import type { Author } from '../../domain/exchange/change-event.ts';
import type { HoldDesk, HoldFault } from '../../ledger/hold-desk.ts';
import type { Orderer } from '../../ledger/orderer.ts';
import type { CommandDefinition } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { name, reason } from '../parameter-schema.ts';
import { AUDIT_HOLD } from './audit-descriptions.ts';
import { ledgerIn, ledgerRefusal, NOT_ON_RECORD } from './audit-ledger.ts';

const day = z.iso.date('is no day such as 2026-11-21');
const schema = z.strictObject({ hold: name, from: day, to: day, reason });

interface Held {
  readonly hold: string;
  readonly firstDay: string;
  readonly lastDay: string;
}

/** Keeps days from being dropped. */
export const auditHold: CommandDefinition<z.infer<typeof schema>, Held> = {
  ...AUDIT_HOLD,
  schema,
  async run(context, { hold, from, to, reason: why }, author) {
    if (to < from) {
      return err({
        code: 'parameters-wrong',
        message: `${to} is before ${from}`,
        next: 'give the earlier day as --from',
      });
    }
    const desk = holdDeskIn(context);
    if (!desk.ok) return desk;
    const wish = { name: hold, firstDay: from, lastDay: to, reason: why };
    const done = await desk.value.set({ ...wish, setAtMs: context.nowMs() }, ordererOf(author));
    if (done.ok) return ok({ hold, firstDay: from, lastDay: to });
    return err(
      holdRefusal(done.error, {
        code: 'hold-exists',
        message: `there is, or was, a hold ${hold}`,
        next: 'give it another name; sallyport audit stats lists holds',
      }),
    );
  },
  text: ({ hold, firstDay, lastDay }) => `${hold}: ${firstDay} to ${lastDay} are kept`,
};

/** Where holds are set, or why they cannot be. */
export function holdDeskIn(
  context: Pick<CommandContext, 'ledger'>,
): Result<HoldDesk, CommandRefusal> {
  const ledger = ledgerIn(context);
  if (!ledger.ok) return ledger;
  if (ledger.value.holds !== undefined) return ok(ledger.value.holds);
  return err({
    code: 'ledger-off',
    message: 'auditing is off: a hold could not be put on record',
    next: 'set "audit: { enabled: true }" in site.yaml; while auditing is off, nothing is dropped',
  });
}

/** What a refusal of the desk is to an operator; `conflict` where the hold is not as the command takes it to be. */
export function holdRefusal(fault: HoldFault, conflict: CommandRefusal): CommandRefusal {
  if (fault === 'not-on-record') return NOT_ON_RECORD;
  if (fault === 'held-not-on-record') return HELD_NOT_ON_RECORD;
  return fault.code === 'conflict' ? conflict : ledgerRefusal(fault);
}

const HELD_NOT_ON_RECORD: CommandRefusal = {
  code: 'not-on-record',
  message: 'the days are kept from now on, but that could not be put on record',
  next: 'see the gateway’s log; then hold the same days under another name, and release this one',
};

/** Who does it, as records have it. */
export function ordererOf(author: Author): Orderer {
  if (author.kind !== 'operator') return { author: author.node };
  return { author: author.approval.operator, approval: author.approval };
}
