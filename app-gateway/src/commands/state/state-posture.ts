import {
  isBelow,
  POSTURE_LEVELS,
  type PostureLevel,
} from '@sallyport/shared/channel/posture-level.ts';
import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { type Posture, postureOf } from '../../posture/posture.ts';
import type { CommandDefinition } from '../command.ts';
import { postureText } from './posture-text.ts';
import { STATE_POSTURE } from './state-descriptions.ts';

const schema = z.strictObject({ require: z.enum(POSTURE_LEVELS).optional() });

interface PostureAnswer extends Posture {
  /** What was asked for, else what the site demands of itself. */
  readonly required?: PostureLevel;
}

/** How well the site that is in force is guarded, partners of the database included. */
export const statePosture: CommandDefinition<z.infer<typeof schema>, PostureAnswer> = {
  ...STATE_POSTURE,
  schema,
  run(context, { require }) {
    const required = require ?? context.site.requirePosture;
    const posture = postureOf(context.site);
    return Promise.resolve(ok({ ...posture, ...(required !== undefined && { required }) }));
  },
  text: (answer) => postureText(answer, answer.required),
  isBad: ({ level, required }) => required !== undefined && isBelow(level, required),
};
