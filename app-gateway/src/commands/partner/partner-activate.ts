import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { activateTrust } from '../../domain/exchange/trust/activate-trust.ts';
import type { CommandDefinition } from '../command.ts';
import { name, setId } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { forceOf, forceShape } from '../step-shapes.ts';
import { PARTNER_ACTIVATE } from './partner-key-descriptions.ts';
import { onlySet, takeStep } from './partner-step.ts';

const schema = z.strictObject({ partner: name, set: setId.optional(), ...forceShape });

/** Confirms a set that a live handshake used. */
export const partnerActivate: CommandDefinition<z.infer<typeof schema>, StepAnswer> = {
  ...PARTNER_ACTIVATE,
  schema,
  async run(context, { partner, set, ...given }, author) {
    const force = forceOf(given);
    const states = force === undefined ? (['seen'] as const) : (['staged', 'seen'] as const);
    let meant = set;
    const done = await takeStep(context, author, partner, (record, actor) => {
      const only = onlySet(record, set, 'activate', states);
      if (!only.ok) return only;
      meant = only.value;
      return activateTrust(record, only.value, force, actor, context.nowMs());
    });
    return done.ok ? ok(stepAnswer(done.value, meant)) : done;
  },
  text: (answer) => stepText(`${answer.set?.id} of ${answer.partner.partner} is active`, answer),
};
