import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { readState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { CERT_LIST } from './cert-descriptions.ts';
import { type IdentityView, identityTable, identityView } from './identity-view.ts';

const schema = z.strictObject({});

interface Identities {
  readonly identities: readonly IdentityView[];
}

/** What we present to partners. */
export const certList: CommandDefinition<z.infer<typeof schema>, Identities> = {
  ...CERT_LIST,
  schema,
  async run(context) {
    const state = await readState(context);
    if (!state.ok) return state;
    const { identities, partners } = state.value;
    const inOrder = identities.toSorted((a, b) => a.position - b.position);
    return ok({ identities: inOrder.map((record) => identityView(record, partners)) });
  },
  text: ({ identities }) =>
    identities.length === 0
      ? 'no identities yet\nnext: sallyport cert request NAME'
      : identityTable(identities),
};
