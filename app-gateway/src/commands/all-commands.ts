import type { AnyCommand } from './command.ts';
import { operatorAdd } from './operator-add.ts';
import { operatorDisable } from './operator-disable.ts';
import { operatorList } from './operator-list.ts';
import { partnerAdd } from './partner-add.ts';
import { partnerList } from './partner-list.ts';
import { partnerShow } from './partner-show.ts';

/** Every command of the running gateway, in the order of the manual. */
export const ALL_COMMANDS: readonly AnyCommand[] = [
  operatorAdd,
  operatorList,
  operatorDisable,
  partnerAdd,
  partnerList,
  partnerShow,
];

/** The command of those words. */
export function commandOf(group: string, name: string): AnyCommand | undefined {
  return ALL_COMMANDS.find(({ words }) => words[0] === group && words[1] === name);
}
