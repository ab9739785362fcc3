import { UNUSED_DAYS_DEFAULT } from '../domain/exchange/sighting/latest-use.ts';
import type { CommandParameter } from './command.ts';

/** An argument that a command cannot do without. */
export function positional(
  name: string,
  description: string,
  kind: CommandParameter['kind'] = 'text',
): CommandParameter {
  return { name, description, isPositional: true, isRequired: true, kind };
}

/** The parameters that steps of the exchange have in common. */
export const PARTNER: CommandParameter = positional('partner', 'name of the partner');

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

const UNUSED_DAYS: CommandParameter = {
  name: 'unusedDays',
  description: `for how long it must be out of use (default ${UNUSED_DAYS_DEFAULT})`,
  kind: 'number',
  valueName: 'DAYS',
};

/** What a key or a set is given up with. */
export const retireParameters: readonly CommandParameter[] = [UNUSED_DAYS, ...forceParameters];

export const IDENTITY: CommandParameter = positional('identity', 'name of the identity');

export const KEY: CommandParameter = {
  name: 'key',
  description: 'which key, such as k2',
  isRequired: true,
  kind: 'text',
  valueName: 'KEY',
};
