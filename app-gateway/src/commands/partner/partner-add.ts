import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { actorOf } from '../../domain/exchange/actor.ts';
import { addPartner } from '../../domain/exchange/partner/add-partner.ts';
import { changeState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { name } from '../parameter-schema.ts';
import { nextLine } from '../text-table.ts';
import { PARTNER_ADD } from './partner-descriptions.ts';
import { settingsOf, settingsShape, settingsWarnings, warningLines } from './partner-settings.ts';
import { type PartnerSummary, partnerSummary } from './partner-view.ts';

const schema = z.strictObject({ partner: name, ...settingsShape });

interface Added extends PartnerSummary {
  /** Settings that are allowed and seldom meant. */
  readonly warnings: readonly string[];
}

/** Puts a company on record. */
export const partnerAdd: CommandDefinition<z.infer<typeof schema>, Added> = {
  ...PARTNER_ADD,
  schema,
  async run(context, { partner, ...given }, author) {
    const settings = settingsOf(given, undefined);
    if (!settings.ok) return settings;
    const done = await changeState(context, (state) => {
      const around = {
        partners: state.partners,
        identities: state.identities,
        ownDomains: context.site.domains,
      };
      const actor = actorOf(author, state.operators);
      const added = addPartner(around, partner, settings.value, actor, context.nowMs());
      if (!added.ok) return err(added.error);
      const { record, events } = added.value;
      return ok({ change: { partners: [record], events }, answer: partnerSummary(record) });
    });
    if (!done.ok) return done;
    const warnings = settingsWarnings(settings.value, context.site);
    return ok({ ...done.value.answer, warnings });
  },
  text: ({ partner, domains, state, warnings }) =>
    [
      `${partner} is added: ${domains.join(', ')}; ${state === 'open without TLS' ? 'whoever is in its networks is let in' : 'nothing of it is let in yet'}`,
      ...warningLines(warnings),
      nextLine(`sallyport partner offer ${partner}, and sallyport partner receive ${partner} FILE`),
    ].join('\n'),
};
