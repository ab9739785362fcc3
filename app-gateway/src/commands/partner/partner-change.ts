import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import {
  changePartner,
  type SettingDifference,
} from '../../domain/exchange/partner/change-partner.ts';
import type { CommandDefinition } from '../command.ts';
import { name } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { PARTNER_CHANGE } from './partner-descriptions.ts';
import { settingsOf, settingsShape, settingsWarnings, warningLines } from './partner-settings.ts';
import { takeStep } from './partner-step.ts';
import { shownList } from './revocation-lists.ts';

const schema = z.strictObject({ partner: name, ...settingsShape });

interface Changed extends StepAnswer {
  readonly difference: Readonly<Record<string, SettingDifference>>;
  /** Settings that are allowed and seldom meant, whether this command changed them or not. */
  readonly warnings: readonly string[];
}

/** Changes what is written down about a partner; its keys stay. */
export const partnerChange: CommandDefinition<z.infer<typeof schema>, Changed> = {
  ...PARTNER_CHANGE,
  schema,
  async run(context, { partner, ...given }, author) {
    const done = await takeStep(context, author, partner, (record, actor, state) => {
      const settings = settingsOf(given, record.settings);
      if (!settings.ok) return settings;
      const around = {
        partners: state.partners,
        identities: state.identities,
        ownDomains: context.site.domains,
      };
      return changePartner(around, record, settings.value, actor, context.nowMs());
    });
    if (!done.ok) return done;
    const { change, record } = done.value;
    const warnings = settingsWarnings(record.settings, context.site);
    return ok({ ...stepAnswer(done.value), difference: change.difference, warnings });
  },
  text(answer) {
    const lines = Object.entries(answer.difference).map(
      ([setting, { before, after }]) => `  ${setting}: ${shown(before)} -> ${shown(after)}`,
    );
    const done = [
      `${answer.partner.partner} is changed`,
      ...lines,
      ...warningLines(answer.warnings),
    ].join('\n');
    return stepText(done, answer);
  },
};

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'string' ? shownList(inner) : inner,
  );
  return text ?? 'not set';
}
