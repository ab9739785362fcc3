import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { actorOf } from '../../domain/exchange/actor.ts';
import { removePartner } from '../../domain/exchange/partner/remove-partner.ts';
import { appliedLines } from '../applied-text.ts';
import { changeAndApply } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import type { Applied } from '../command-context.ts';
import { name } from '../parameter-schema.ts';
import { PARTNER_REMOVE } from './partner-descriptions.ts';
import { partnerIn } from './partner-step.ts';

const schema = z.strictObject({ partner: name });

interface Removed {
  readonly partner: string;
  readonly applied: Applied;
}

/** Takes a partner off the record. */
export const partnerRemove: CommandDefinition<z.infer<typeof schema>, Removed> = {
  ...PARTNER_REMOVE,
  schema,
  run(context, { partner }, author) {
    return changeAndApply(context, (state) => {
      const record = partnerIn(state, partner);
      if (!record.ok) return record;
      const actor = actorOf(author, state.operators);
      const removed = removePartner(record.value, actor, context.nowMs());
      if (!removed.ok) return err(removed.error);
      const { events } = removed.value;
      return ok({ change: { removedPartners: [partner], events }, answer: { partner } });
    });
  },
  text: ({ partner, applied }) => [`${partner} is removed`, ...appliedLines(applied)].join('\n'),
};
