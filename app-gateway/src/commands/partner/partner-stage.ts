import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { stageTrust } from '../../domain/exchange/trust/stage-trust.ts';
import type { CommandDefinition } from '../command.ts';
import { name, setId } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { PARTNER_STAGE } from './partner-key-descriptions.ts';
import { onlySet, takeStep } from './partner-step.ts';

const schema = z.strictObject({ partner: name, set: setId.optional() });

/** Lets a verified set in beside the old ones. */
export const partnerStage: CommandDefinition<z.infer<typeof schema>, StepAnswer> = {
  ...PARTNER_STAGE,
  schema,
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
