import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import type { CommandDefinition } from '../command.ts';
import { reason } from '../parameter-schema.ts';
import { bodyDeskIn, bodyRefusal } from './audit-bodies.ts';
import { AUDIT_ERASE_DAY } from './audit-descriptions.ts';
import { ordererOf } from './audit-hold.ts';

const schema = z.strictObject({ day: z.iso.date('is no day such as 2026-11-21'), reason });

/** Takes what was said on a day from everybody. */
export const auditEraseDay: CommandDefinition<z.infer<typeof schema>, { readonly day: string }> = {
  ...AUDIT_ERASE_DAY,
  schema,
  async run(context, { day, reason: why }, author) {
    const desk = bodyDeskIn(context);
    if (!desk.ok) return desk;
    const done = await desk.value.erase(day, ordererOf(author), why, context.nowMs());
    return done.ok ? ok({ day }) : err(bodyRefusal(done.error));
  },
  text: ({ day }) => `the bodies of ${day} can be read by nobody any more`,
};
