import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { rejectTrust } from '../../domain/exchange/trust/reject-trust.ts';
import type { CommandDefinition } from '../command.ts';
import { name, reason, setId } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { PARTNER, REASON, SET } from '../step-parameters.ts';
import { noteStep } from './partner-step.ts';

const schema = z.strictObject({ partner: name, set: setId, reason });

/** Puts away a set that was never accepted. */
export const partnerReject: CommandDefinition<z.infer<typeof schema>, StepAnswer> = {
  words: ['partner', 'reject'],
  summary: 'put away a received set that is not wanted',
  description: ['What is accepted already is retired instead ("partner retire").'],
  examples: ['sallyport partner reject globex --set t2 --reason "sent by mistake"'],
  parameters: [PARTNER, { ...SET, isRequired: true, description: 'which set, such as t2' }, REASON],
  schema,
  role: 'operator',
  async run(context, { partner, set, reason: why }, author) {
    const done = await noteStep(context, author, partner, (record, actor) =>
      rejectTrust(record, set, why, actor, context.nowMs()),
    );
    return done.ok ? ok(stepAnswer(done.value, set)) : done;
  },
  text: (answer) => stepText(`${answer.set?.id} of ${answer.partner.partner} is rejected`, answer),
};
