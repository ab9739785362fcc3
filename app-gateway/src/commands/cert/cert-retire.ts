import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { actorOf } from '../../domain/exchange/actor.ts';
import { retireKey } from '../../domain/exchange/identity/retire-key.ts';
import { appliedLines } from '../applied-text.ts';
import { changeAndApply, storeRefusal } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { presentedNow } from '../live-use.ts';
import { keyId, name } from '../parameter-schema.ts';
import { retirementOf, retireShape } from '../step-shapes.ts';
import { nextLine } from '../text-table.ts';
import { CERT_RETIRE } from './cert-descriptions.ts';
import { type IdentityAnswer, identityIn, identityView } from './identity-view.ts';

const schema = z.strictObject({
  identity: name,
  key: keyId,
  ...retireShape,
});

/** Gives up an old key of ours, with its private half. */
export const certRetire: CommandDefinition<z.infer<typeof schema>, IdentityAnswer> = {
  ...CERT_RETIRE,
  schema,
  async run(context, { identity, key, ...given }, author) {
    const sightings = await context.store.sightings(undefined);
    if (!sightings.ok) return err(storeRefusal(sightings.error));
    return changeAndApply(context, (state) => {
      const record = identityIn(state, identity);
      if (!record.ok) return record;
      const nowMs = context.nowMs();
      const live = state.partners.flatMap(({ id }) =>
        presentedNow(id, context.running.flows(id), record.value, nowMs),
      );
      const retired = retireKey(
        record.value,
        state.partners,
        { key, sightings: [...live, ...sightings.value], ...retirementOf(given) },
        actorOf(author, state.operators),
        nowMs,
      );
      if (!retired.ok) return err(retired.error);
      const { record: changed, partners, events } = retired.value;
      const answer = { ...identityView(changed, state.partners), key };
      return ok({ change: { identities: [changed], partners, events }, answer });
    });
  },
  text: ({ identity, key, applied }) =>
    [
      `${identity}/${key} is retired and its private half erased`,
      ...(applied === undefined ? [] : appliedLines(applied)),
      nextLine('sallyport cert list'),
    ].join('\n'),
};
