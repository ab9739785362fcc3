import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { activateTrust } from '../../domain/exchange/trust/activate-trust.ts';
import type { CommandDefinition } from '../command.ts';
import { name, setId } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { forceOf, forceParameters, forceShape, PARTNER, SET } from '../step-parameters.ts';
import { onlySet, takeStep } from './partner-step.ts';

const schema = z.strictObject({ partner: name, set: setId.optional(), ...forceShape });

/** Confirms a set that a live handshake used. */
export const partnerActivate: CommandDefinition<z.infer<typeof schema>, StepAnswer> = {
  words: ['partner', 'activate'],
  summary: 'confirm a set that a live handshake used',
  description: [
    'What was accepted on trial is the partner’s set from now on; the old one can be retired. A set that no handshake has used yet is confirmed only by an officer, with --force and a reason.',
  ],
  examples: ['sallyport partner activate globex'],
  parameters: [PARTNER, SET, ...forceParameters],
  schema,
  role: 'operator',
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
