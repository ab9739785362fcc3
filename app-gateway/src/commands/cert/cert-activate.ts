import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { actorOf } from '../../domain/exchange/actor.ts';
import { activateKey } from '../../domain/exchange/identity/activate-key.ts';
import { activatePresentation } from '../../domain/exchange/identity/activate-presentation.ts';
import { appliedLines } from '../applied-text.ts';
import { changeAndApply } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { keyId, name } from '../parameter-schema.ts';
import { partnerIn } from '../partner/partner-step.ts';
import { forceOf, forceShape } from '../step-shapes.ts';
import { nextLine } from '../text-table.ts';
import { CERT_ACTIVATE } from './cert-descriptions.ts';
import { type IdentityAnswer, identityIn, identityView } from './identity-view.ts';

const schema = z.strictObject({
  identity: name,
  key: keyId,
  partner: name.optional(),
  ...forceShape,
});

interface Activated extends IdentityAnswer {
  /** Towards whom alone; absent: towards all. */
  readonly towards?: string;
}

/** Shows partners the next key from now on. */
export const certActivate: CommandDefinition<z.infer<typeof schema>, Activated> = {
  ...CERT_ACTIVATE,
  schema,
  run(context, { identity, key, partner, ...given }, author) {
    const force = forceOf(given);
    return changeAndApply(context, (state) => {
      const record = identityIn(state, identity);
      if (!record.ok) return record;
      const actor = actorOf(author, state.operators);
      if (partner !== undefined) {
        const known = partnerIn(state, partner);
        if (!known.ok) return known;
        const shown = activatePresentation(known.value, record.value, key, actor, context.nowMs());
        if (!shown.ok) return err(shown.error);
        const { record: changed, events } = shown.value;
        const view = identityView(record.value, state.partners);
        const answer = { ...view, key, towards: partner };
        return ok({ change: { partners: [changed], events }, answer });
      }
      const activated = activateKey(
        state.identities,
        record.value,
        state.partners,
        { key, ...(force !== undefined && { force }) },
        actor,
        context.nowMs(),
      );
      if (!activated.ok) return err(activated.error);
      const { record: changed, partners, events } = activated.value;
      const answer = { ...identityView(changed, state.partners), key };
      return ok({ change: { identities: [changed], partners, events }, answer });
    });
  },
  text: ({ identity, key, towards, keys, applied }) =>
    [
      `${identity}/${key} is shown ${towards === undefined ? 'to all partners' : `to ${towards}`} from now on`,
      ...(applied === undefined ? [] : appliedLines(applied)),
      nextLine(nextAfter(identity, keys, key, towards)),
    ].join('\n'),
};

function nextAfter(
  identity: string,
  keys: Activated['keys'],
  key: string,
  towards: string | undefined,
): string {
  if (towards !== undefined) return `sallyport partner show ${towards}: has a handshake used it?`;
  const old = keys.find(({ id, state }) => state === 'active' && id !== key);
  return old === undefined
    ? 'sallyport cert list'
    : `when it is out of use for a week: sallyport cert retire ${identity} --key ${old.id}`;
}
