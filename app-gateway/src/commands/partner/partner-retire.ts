import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { retireTrust } from '../../domain/exchange/trust/retire-trust.ts';
import { storeRefusal } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { acceptedNow } from '../live-use.ts';
import { name, setId } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { retirementOf, retireShape } from '../step-shapes.ts';
import { PARTNER_RETIRE } from './partner-key-descriptions.ts';
import { takeStep } from './partner-step.ts';

const schema = z.strictObject({
  partner: name,
  set: setId,
  ...retireShape,
});

/** Stops accepting an old set. */
export const partnerRetire: CommandDefinition<z.infer<typeof schema>, StepAnswer> = {
  ...PARTNER_RETIRE,
  schema,
  async run(context, { partner, set, ...given }, author) {
    const sightings = await context.store.sightings(partner);
    if (!sightings.ok) return err(storeRefusal(sightings.error));
    const done = await takeStep(context, author, partner, (record, actor) => {
      const nowMs = context.nowMs();
      const live = acceptedNow(partner, context.running.flows(partner), nowMs);
      const seen = [...live, ...sightings.value];
      return retireTrust(record, { set, sightings: seen, ...retirementOf(given) }, actor, nowMs);
    });
    return done.ok ? ok(stepAnswer(done.value, set)) : done;
  },
  text: (answer) => stepText(`${answer.set?.id} of ${answer.partner.partner} is retired`, answer),
};
