import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { rejectTrust } from '../../domain/exchange/trust/reject-trust.ts';
import type { CommandDefinition } from '../command.ts';
import { name, reason, setId } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { PARTNER_REJECT } from './partner-key-descriptions.ts';
import { noteStep } from './partner-step.ts';

const schema = z.strictObject({ partner: name, set: setId, reason });

/** Puts away a set that was never accepted. */
export const partnerReject: CommandDefinition<z.infer<typeof schema>, StepAnswer> = {
  ...PARTNER_REJECT,
  schema,
  async run(context, { partner, set, reason: why }, author) {
    const done = await noteStep(context, author, partner, (record, actor) =>
      rejectTrust(record, set, why, actor, context.nowMs()),
    );
    return done.ok ? ok(stepAnswer(done.value, set)) : done;
  },
  text: (answer) => stepText(`${answer.set?.id} of ${answer.partner.partner} is rejected`, answer),
};
