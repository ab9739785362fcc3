import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { actorOf } from '../../domain/exchange/actor.ts';
import { disableOperator } from '../../domain/exchange/operator/disable-operator.ts';
import { changeState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { name, reason } from '../parameter-schema.ts';
import { nextLine } from '../text-table.ts';
import { OPERATOR_DISABLE } from './operator-descriptions.ts';
import { type OperatorView, operatorView } from './operator-view.ts';

const schema = z.strictObject({ operator: name, reason });

/** Takes a person's rights away for good. */
export const operatorDisable: CommandDefinition<z.infer<typeof schema>, OperatorView> = {
  ...OPERATOR_DISABLE,
  schema,
  async run(context, { operator, reason: why }, author) {
    const done = await changeState(context, (state) => {
      const actor = actorOf(author, state.operators);
      const disabled = disableOperator(state.operators, operator, why, actor, context.nowMs());
      if (!disabled.ok) return err(disabled.error);
      const { record, events } = disabled.value;
      return ok({ change: { operators: [record], events }, answer: operatorView(record) });
    });
    return done.ok ? ok(done.value.answer) : done;
  },
  text: ({ name: disabled }) =>
    [`${disabled} is disabled`, nextLine(`sallyport events list --by ${disabled}`)].join('\n'),
};
