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

/** An option with a value. */
export function option(
  name: string,
  description: string,
  valueName: string,
  kind: CommandParameter['kind'] = 'text',
): CommandParameter {
  return { name, description, kind, valueName };
}

/** The same where a command cannot do without it. */
export function required(parameter: CommandParameter): CommandParameter {
  return { ...parameter, isRequired: true };
}

/** The parameters that steps of the exchange have in common. */
export const PARTNER: CommandParameter = positional('partner', 'name of the partner');

export const SET: CommandParameter = option(
  'set',
  'which set, such as t2 (absent: the only one that can be meant)',
  'SET',
);

export const REASON: CommandParameter = required(
  option('reason', 'why; kept in the history', 'TEXT'),
);

/** An officer's way past a safeguard. */
export const forceParameters: readonly CommandParameter[] = [
  { name: 'force', description: 'pass over the safeguard (officers, with --reason)', kind: 'flag' },
  {
    ...REASON,
    isRequired: false,
    description: 'why the safeguard is passed over; kept in the history',
  },
];

const UNUSED_DAYS: CommandParameter = option(
  'unusedDays',
  `for how long it must be out of use (default ${UNUSED_DAYS_DEFAULT})`,
  'DAYS',
  'number',
);

/** What a key or a set is given up with. */
export const retireParameters: readonly CommandParameter[] = [UNUSED_DAYS, ...forceParameters];

export const IDENTITY: CommandParameter = positional('identity', 'name of the identity');

export const KEY: CommandParameter = required(option('key', 'which key, such as k2', 'KEY'));
