import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import type { Author } from '../../domain/exchange/change-event.ts';
import type { HoldDesk } from '../../ledger/hold-desk.ts';
import type { CommandDefinition, CommandRefusal } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { name, reason } from '../parameter-schema.ts';
import { positional, REASON } from '../step-parameters.ts';
import { ledgerIn, ledgerRefusal } from './audit-ledger.ts';

const day = z.iso.date('is no day such as 2026-11-21');
const schema = z.strictObject({ hold: name, from: day, to: day, reason });

interface Held {
  readonly hold: string;
  readonly firstDay: string;
  readonly lastDay: string;
}

/** Keeps days from being dropped. */
export const auditHold: CommandDefinition<z.infer<typeof schema>, Held> = {
  words: ['audit', 'hold'],
  summary: 'keep records of some days until "audit release", whatever the retention says',
  description: [
    'Days are those (UTC) on which records came into the ledger. A name is used once: what was released stays in the history. "audit stats" lists holds.',
  ],
  examples: [
    'sallyport audit hold case-7 --from 2026-11-01 --to 2026-11-30 --reason "court order 4 C 12/26"',
  ],
  parameters: [
    positional('hold', 'a name for the hold'),
    {
      name: 'from',
      description: 'the first day that is kept',
      isRequired: true,
      kind: 'text',
      valueName: 'DAY',
    },
    {
      name: 'to',
      description: 'the last day that is kept',
      isRequired: true,
      kind: 'text',
      valueName: 'DAY',
    },
    REASON,
  ],
  schema,
  role: 'operator',
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
    const done = await desk.value.set({
      name: hold,
      firstDay: from,
      lastDay: to,
      reason: why,
      setBy: nameOf(author),
      setAtMs: context.nowMs(),
    });
    if (done.ok) return ok({ hold, firstDay: from, lastDay: to });
    if (done.error.code !== 'conflict') return err(ledgerRefusal(done.error));
    return err({
      code: 'hold-exists',
      message: `there is, or was, a hold ${hold}`,
      next: 'give it another name; sallyport audit stats lists holds',
    });
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

/** Who does it, as records name them. */
export function nameOf(author: Author): string {
  return author.kind === 'operator' ? author.approval.operator : author.node;
}
