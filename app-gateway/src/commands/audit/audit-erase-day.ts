import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import type { CommandDefinition } from '../command.ts';
import { reason } from '../parameter-schema.ts';
import { positional, REASON } from '../step-parameters.ts';
import { bodyDeskIn, bodyRefusal } from './audit-bodies.ts';
import { nameOf } from './audit-hold.ts';

const schema = z.strictObject({ day: z.iso.date('is no day such as 2026-11-21'), reason });

/** Takes what was said on a day from everybody. */
export const auditEraseDay: CommandDefinition<z.infer<typeof schema>, { readonly day: string }> = {
  words: ['audit', 'erase-day'],
  summary: 'erase the key of a day: no body recorded on it can be read by anybody again',
  description: [
    'For officers, and for good. Records and proofs stay as they are. Refused while a legal hold is on the day, and for today (UTC). A backup of the database from before still holds the sealed key, which opens with the site’s cluster.key: erase such backups as well.',
  ],
  examples: ['sallyport audit erase-day 2026-11-21 --reason "request of the works council"'],
  parameters: [positional('day', 'the day (UTC), such as 2026-11-21'), REASON],
  schema,
  role: 'officer',
  async run(context, { day, reason: why }, author) {
    const desk = bodyDeskIn(context);
    if (!desk.ok) return desk;
    const done = await desk.value.erase(day, nameOf(author), why, context.nowMs());
    return done.ok ? ok({ day }) : err(bodyRefusal(done.error));
  },
  text: ({ day }) => `the bodies of ${day} can be read by nobody any more`,
};
