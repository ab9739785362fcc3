import { err, ok } from '@sallyport/shared/result.ts';
import { formatFingerprint } from '@sallyport/shared/x509/fingerprint-text.ts';
import { z } from 'zod';
import { actorOf } from '../../domain/exchange/actor.ts';
import { addOperator } from '../../domain/exchange/operator/add-operator.ts';
import { changeState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { bytesOf, name, sentFile } from '../parameter-schema.ts';
import { nextLine } from '../text-table.ts';
import { OPERATOR_ADD } from './operator-descriptions.ts';
import { type OperatorView, operatorView } from './operator-view.ts';

const schema = z.strictObject({
  operator: name,
  role: z.enum(['officer', 'operator', 'auditor']),
  publicKey: sentFile,
});

/** Puts a person on the list of those whose signature counts. */
export const operatorAdd: CommandDefinition<z.infer<typeof schema>, OperatorView> = {
  ...OPERATOR_ADD,
  schema,
  async run(context, { operator, role, publicKey }, author) {
    const publicKeyPem = bytesOf(publicKey).toString('utf8');
    const done = await changeState(context, (state) => {
      const actor = actorOf(author, state.operators);
      const wanted = { name: operator, role, publicKeyPem };
      const added = addOperator(state.operators, wanted, actor, context.nowMs());
      if (!added.ok) return err(added.error);
      const { record, events } = added.value;
      return ok({ change: { operators: [record], events }, answer: operatorView(record) });
    });
    return done.ok ? ok(done.value.answer) : done;
  },
  text: ({ name: added, role, keyFingerprint }) =>
    [
      `${added} is added as ${role}, with the key ${formatFingerprint(keyFingerprint)}`,
      `  if ${added} was shown another: sallyport operator disable ${added} --reason "another key"`,
      nextLine(
        role === 'officer'
          ? 'sallyport operator add NAME --role operator: a fingerprint takes two people'
          : 'sallyport operator list',
      ),
    ].join('\n'),
};
