import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { utcText } from '../../domain/exchange/exchange-refusal.ts';
import { readState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { nextLine, textTable } from '../text-table.ts';
import { OPERATOR_LIST } from './operator-descriptions.ts';
import { type OperatorView, operatorView } from './operator-view.ts';

const schema = z.strictObject({});

interface OperatorList {
  readonly operators: readonly OperatorView[];
}

const SECOND_OFFICER =
  'one officer alone: is that key lost, nobody can add another: sallyport operator add NAME --role officer --public-key FILE';

/** Everybody whose signature counts or counted. */
export const operatorList: CommandDefinition<z.infer<typeof schema>, OperatorList> = {
  ...OPERATOR_LIST,
  schema,
  async run(context) {
    const state = await readState(context);
    return state.ok ? ok({ operators: state.value.operators.map(operatorView) }) : state;
  },
  text({ operators }) {
    if (operators.length === 0) {
      return ['no operators yet', nextLine('sallyport operator add NAME --role officer')].join(
        '\n',
      );
    }
    const rows = operators.map((operator) => [
      operator.name,
      operator.isDisabled ? `${operator.role}, disabled` : operator.role,
      operator.keyFingerprint.slice(0, 16),
      utcText(operator.addedAtMs),
      operator.addedBy,
    ]);
    const officers = operators.filter(({ role, isDisabled }) => role === 'officer' && !isDisabled);
    return [
      textTable(['NAME', 'ROLE', 'KEY', 'ADDED', 'BY'], rows),
      ...(officers.length === 1 ? [nextLine(SECOND_OFFICER)] : []),
    ].join('\n');
  },
};
