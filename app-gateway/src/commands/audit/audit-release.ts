import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import type { CommandDefinition } from '../command.ts';
import { name, reason } from '../parameter-schema.ts';
import { positional, REASON } from '../step-parameters.ts';
import { holdDeskIn, nameOf } from './audit-hold.ts';
import { ledgerRefusal } from './audit-ledger.ts';

const schema = z.strictObject({ hold: name, reason });

/** Lets days of a hold be dropped again. */
export const auditRelease: CommandDefinition<z.infer<typeof schema>, { readonly hold: string }> = {
  words: ['audit', 'release'],
  summary: 'end a hold: its days are dropped when the retention says so',
  description: ['For officers. Days that are older than the retention are dropped within minutes.'],
  examples: ['sallyport audit release case-7 --reason "settled, letter of 2026-12-01"'],
  parameters: [positional('hold', 'name of the hold'), REASON],
  schema,
  role: 'officer',
  async run(context, { hold, reason: why }, author) {
    const desk = holdDeskIn(context);
    if (!desk.ok) return desk;
    const done = await desk.value.lift(hold, nameOf(author), why, context.nowMs());
    if (done.ok) return ok({ hold });
    if (done.error.code !== 'conflict') return err(ledgerRefusal(done.error));
    return err({
      code: 'hold-unknown',
      message: `no hold ${hold} is set`,
      next: 'sallyport audit stats lists holds',
    });
  },
  text: ({ hold }) => `${hold} is released`,
};
