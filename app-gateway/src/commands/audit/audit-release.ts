import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import type { CommandDefinition } from '../command.ts';
import { name, reason } from '../parameter-schema.ts';
import { AUDIT_RELEASE } from './audit-descriptions.ts';
import { holdDeskIn, holdRefusal, ordererOf } from './audit-hold.ts';

const schema = z.strictObject({ hold: name, reason });

/** Lets days of a hold be dropped again. */
export const auditRelease: CommandDefinition<z.infer<typeof schema>, { readonly hold: string }> = {
  ...AUDIT_RELEASE,
  schema,
  async run(context, { hold, reason: why }, author) {
    const desk = holdDeskIn(context);
    if (!desk.ok) return desk;
    const done = await desk.value.lift(hold, ordererOf(author), why, context.nowMs());
    if (done.ok) return ok({ hold });
    return err(
      holdRefusal(done.error, {
        code: 'hold-unknown',
        message: `no hold ${hold} is set`,
        next: 'sallyport audit stats lists holds',
      }),
    );
  },
  text: ({ hold }) => `${hold} is released`,
};
