import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { stageTrust } from '../../domain/exchange/trust/stage-trust.ts';
import type { CommandDefinition } from '../command.ts';
import { name, setId } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { PARTNER, SET } from '../step-parameters.ts';
import { onlySet, takeStep } from './partner-step.ts';

const schema = z.strictObject({ partner: name, set: setId.optional() });

/** Lets a verified set in beside the old ones. */
export const partnerStage: CommandDefinition<z.infer<typeof schema>, StepAnswer> = {
  words: ['partner', 'stage'],
  summary: 'accept a verified set beside the old ones',
  description: [
    'From now on the partner may connect with its new keys and with its old ones, and change over whenever it likes. No connection is dropped. Once a handshake has used the new keys, the set is shown as seen.',
  ],
  examples: ['sallyport partner stage globex', 'sallyport partner stage globex --set t2'],
  parameters: [PARTNER, SET],
  schema,
  role: 'operator',
  async run(context, { partner, set }, author) {
    let staged = set;
    const done = await takeStep(context, author, partner, (record, actor) => {
      const only = onlySet(record, set, 'stage', ['verified']);
      if (!only.ok) return only;
      staged = only.value;
      return stageTrust(record, only.value, actor, context.nowMs());
    });
    return done.ok ? ok(stepAnswer(done.value, staged)) : done;
  },
  text: (answer) =>
    stepText(`${answer.set?.id} of ${answer.partner.partner} is accepted now`, answer),
};
