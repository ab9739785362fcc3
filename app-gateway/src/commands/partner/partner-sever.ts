import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { severPartner } from '../../domain/exchange/partner/sever-partner.ts';
import type { CommandDefinition } from '../command.ts';
import { name, reason } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { PARTNER, REASON } from '../step-parameters.ts';
import { counted } from '../text-table.ts';
import { takeStep } from './partner-step.ts';

const schema = z.strictObject({ partner: name, reason });

interface Severed extends StepAnswer {
  /** Its connections that this gateway still knows of: none, unless a proxy does not answer. */
  readonly openConnections: number;
}

/** Cuts a partner off, everywhere, at once. */
export const partnerSever: CommandDefinition<z.infer<typeof schema>, Severed> = {
  words: ['partner', 'sever'],
  summary: 'cut a partner off, everywhere, at once',
  description: [
    'Closes all of its connections, dialogs and subscriptions on every proxy and gateway within five seconds and refuses new ones. What was exchanged is kept; "partner restore" lets it in again.',
  ],
  examples: ['sallyport partner sever globex --reason "key stolen, told by their CISO at 14:05"'],
  parameters: [PARTNER, REASON],
  schema,
  role: 'operator',
  async run(context, { partner, reason: why }, author) {
    const done = await takeStep(context, author, partner, (record, actor) =>
      severPartner(record, why, actor, context.nowMs()),
    );
    if (!done.ok) return done;
    const openConnections = context.running.flows(partner).length;
    return ok({ ...stepAnswer(done.value), openConnections });
  },
  text(answer) {
    const { partner, openConnections } = answer;
    const done = [`${partner.partner} is severed`];
    if (openConnections > 0) {
      done.push(`NOT closed yet: ${counted(openConnections, 'connection')}; see "partner show"`);
    }
    return stepText(done.join('\n'), answer);
  },
};
