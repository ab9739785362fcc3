import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { restorePartner } from '../../domain/exchange/partner/restore-partner.ts';
import type { CommandDefinition } from '../command.ts';
import { name, reason } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { PARTNER_RESTORE } from './partner-descriptions.ts';
import { takeStep } from './partner-step.ts';

const schema = z.strictObject({ partner: name, reason });

/** Lets a severed partner in again. */
export const partnerRestore: CommandDefinition<z.infer<typeof schema>, StepAnswer> = {
  ...PARTNER_RESTORE,
  schema,
  async run(context, { partner, reason: why }, author) {
    const done = await takeStep(context, author, partner, (record, actor) =>
      restorePartner(record, why, actor, context.nowMs()),
    );
    return done.ok ? ok(stepAnswer(done.value)) : done;
  },
  text: (answer) => stepText(`${answer.partner.partner} is let in again`, answer),
};
