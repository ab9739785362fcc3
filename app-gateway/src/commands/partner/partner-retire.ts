import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { UNUSED_DAYS_DEFAULT } from '../../domain/exchange/sighting/latest-use.ts';
import { retireTrust } from '../../domain/exchange/trust/retire-trust.ts';
import { storeRefusal } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { name, setId } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { PARTNER, retirementOf, retireParameters, retireShape, SET } from '../step-parameters.ts';
import { takeStep } from './partner-step.ts';

const schema = z.strictObject({
  partner: name,
  set: setId,
  ...retireShape,
});

/** Stops accepting an old set. */
export const partnerRetire: CommandDefinition<z.infer<typeof schema>, StepAnswer> = {
  words: ['partner', 'retire'],
  summary: 'stop accepting an old set',
  description: [
    `Refused while a handshake used the set within the last days (${UNUSED_DAYS_DEFAULT} unless said otherwise), with when, from where and over which proxy; an officer may pass over that with --force and a reason. Live connections that rest on the set end once their running requests are answered.`,
    'The last accepted set is never retired: to cut a partner off there is "partner sever".',
  ],
  examples: ['sallyport partner retire globex --set t1'],
  parameters: [
    PARTNER,
    { ...SET, isRequired: true, description: 'which set, such as t1' },
    ...retireParameters,
  ],
  schema,
  role: 'operator',
  async run(context, { partner, set, ...given }, author) {
    const sightings = await context.store.sightings(partner);
    if (!sightings.ok) return err(storeRefusal(sightings.error));
    const done = await takeStep(context, author, partner, (record, actor) => {
      const retirement = { set, sightings: sightings.value, ...retirementOf(given) };
      return retireTrust(record, retirement, actor, context.nowMs());
    });
    return done.ok ? ok(stepAnswer(done.value, set)) : done;
  },
  text: (answer) => stepText(`${answer.set?.id} of ${answer.partner.partner} is retired`, answer),
};
