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

const schema = z.strictObject({ require: z.enum(POSTURE_LEVELS).optional() });

interface PostureAnswer extends Posture {
  /** What was asked for, else what the site demands of itself. */
  readonly required?: PostureLevel;
}

/** How well the site that is in force is guarded, partners of the database included. */
export const statePosture: CommandDefinition<z.infer<typeof schema>, PostureAnswer> = {
  words: ['state', 'posture'],
  summary: 'show every security-relevant setting, its level, and what would raise it',
  description: [
    'Without a folder: the site that the gateway has in force, with the partners of its database. With one: the site of that folder, and no gateway is asked.',
    'The level of a site is that of its weakest setting. docs/posture.md has every rule. Ends with 1 where the level is below the one of --require, or without that below "requirePosture" of site.yaml.',
  ],
  examples: ['sallyport posture', 'sallyport posture site --require medium'],
  parameters: [
    {
      name: 'require',
      description: 'least level: low, medium or high',
      kind: 'text',
      valueName: 'LEVEL',
    },
  ],
  schema,
  run(context, { require }) {
    const required = require ?? context.site.requirePosture;
    const posture = postureOf(context.site);
    return Promise.resolve(ok({ ...posture, ...(required !== undefined && { required }) }));
  },
  text: (answer) => postureText(answer, answer.required),
  isBad: ({ level, required }) => required !== undefined && isBelow(level, required),
};
