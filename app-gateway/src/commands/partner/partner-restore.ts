import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { restorePartner } from '../../domain/exchange/partner/restore-partner.ts';
import type { CommandDefinition } from '../command.ts';
import { name, reason } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { PARTNER, REASON } from '../step-parameters.ts';
import { takeStep } from './partner-step.ts';

const schema = z.strictObject({ partner: name, reason });

/** Lets a severed partner in again. */
export const partnerRestore: CommandDefinition<z.infer<typeof schema>, StepAnswer> = {
  words: ['partner', 'restore'],
  summary: 'let a severed partner in again',
  description: [
    'With the sets that are accepted of it by now. Had its key been stolen, receive, verify and stage the new one first, and retire the old one with --force.',
  ],
  examples: ['sallyport partner restore globex --reason "new key staged, old one retired"'],
  parameters: [PARTNER, REASON],
  schema,
  role: 'operator',
  async run(context, { partner, reason: why }, author) {
    const done = await takeStep(context, author, partner, (record, actor) =>
      restorePartner(record, why, actor, context.nowMs()),
    );
    return done.ok ? ok(stepAnswer(done.value)) : done;
  },
  text: (answer) => stepText(`${answer.partner.partner} is let in again`, answer),
};
