import { z } from 'zod';
import type { Force } from '../domain/exchange/actor.ts';
import type { CommandParameter } from './command.ts';
import { reason } from './parameter-schema.ts';

/** The parameters that steps of the exchange have in common. */
export const PARTNER: CommandParameter = {
  name: 'partner',
  description: 'name of the partner',
  isPositional: true,
  isRequired: true,
  kind: 'text',
};

export const SET: CommandParameter = {
  name: 'set',
  description: 'which set, such as t2 (absent: the only one that can be meant)',
  kind: 'text',
  valueName: 'SET',
};

export const REASON: CommandParameter = {
  name: 'reason',
  description: 'why; kept in the history',
  isRequired: true,
  kind: 'text',
  valueName: 'TEXT',
};

/** An officer's way past a safeguard. */
export const forceParameters: readonly CommandParameter[] = [
  { name: 'force', description: 'pass over the safeguard (officers, with --reason)', kind: 'flag' },
  {
    ...REASON,
    isRequired: false,
    description: 'why the safeguard is passed over; kept in the history',
  },
];

export const forceShape = { force: z.boolean().optional(), reason: reason.optional() };

/** Without a reason the decision refuses, and says so. */
export function forceOf(given: {
  readonly force?: boolean | undefined;
  readonly reason?: string | undefined;
}): Force | undefined {
  return given.force === true ? { reason: given.reason ?? '' } : undefined;
}

export const IDENTITY: CommandParameter = {
  name: 'identity',
  description: 'name of the identity',
  isPositional: true,
  isRequired: true,
  kind: 'text',
};

export const KEY: CommandParameter = {
  name: 'key',
  description: 'which key, such as k2',
  isRequired: true,
  kind: 'text',
  valueName: 'KEY',
};
