import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { severPartner } from '../../domain/exchange/partner/sever-partner.ts';
import type { CommandDefinition } from '../command.ts';
import { name, reason } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { counted } from '../text-table.ts';
import { PARTNER_SEVER } from './partner-descriptions.ts';
import { takeStep } from './partner-step.ts';

const schema = z.strictObject({ partner: name, reason });

interface Severed extends StepAnswer {
  /** Its connections that this gateway still knows of: none, unless a proxy does not answer. */
  readonly openConnections: number;
}

/** Cuts a partner off, everywhere, at once. */
export const partnerSever: CommandDefinition<z.infer<typeof schema>, Severed> = {
  ...PARTNER_SEVER,
  schema,
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
