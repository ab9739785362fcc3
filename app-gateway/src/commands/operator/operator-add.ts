import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { actorOf } from '../../domain/exchange/actor.ts';
import { addOperator } from '../../domain/exchange/operator/add-operator.ts';
import { changeState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { bytesOf, name, sentFile } from '../parameter-schema.ts';
import { positional } from '../step-parameters.ts';
import { nextLine } from '../text-table.ts';
import { type OperatorView, operatorView } from './operator-view.ts';

const schema = z.strictObject({
  operator: name,
  role: z.enum(['officer', 'operator', 'auditor']),
  publicKey: sentFile,
});

/** Puts a person on the list of those whose signature counts. */
export const operatorAdd: CommandDefinition<z.infer<typeof schema>, OperatorView> = {
  words: ['operator', 'add'],
  summary: 'add a person who may change things',
  description: [
    'Every change is signed by a person with an Ed25519 key of their own. The first operator of a site must be an officer and comes without a signature; afterwards only officers add operators. Names and keys are for good.',
    'Without --public-key the key pair is made here, now, and its private half is written to a file that a passphrase protects; only the public half goes to the gateway. A colleague makes a key on a machine of their own with "sallyport operator key" and sends you the public file.',
  ],
  examples: [
    'sallyport operator add ann --role officer',
    'sallyport operator add bob --role operator --public-key bob.pub',
  ],
  parameters: [
    positional('operator', 'name of the person'),
    {
      name: 'role',
      description:
        'officer (keeps operators, passes over safeguards), operator (works), auditor (reads)',
      isRequired: true,
      kind: 'text',
      valueName: 'ROLE',
    },
    {
      name: 'publicKey',
      description:
        'public key that "sallyport operator key" wrote (PEM); absent: a key pair is made',
      kind: 'file',
      valueName: 'FILE',
    },
  ],
  schema,
  role: 'officer',
  isOpenToFirst: true,
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
  text: ({ name: added, role }) =>
    [
      `${added} is added as ${role}`,
      nextLine(
        role === 'officer'
          ? 'sallyport operator add NAME --role operator: a fingerprint takes two people'
          : 'sallyport operator list',
      ),
    ].join('\n'),
};
