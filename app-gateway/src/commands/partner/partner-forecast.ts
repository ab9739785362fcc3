import { err, ok } from '@sallyport/shared/result.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { z } from 'zod';
import { utcText } from '../../domain/exchange/exchange-refusal.ts';
import {
  type BrokenPartner,
  brokenPartners,
  forecast,
} from '../../domain/exchange/forecast/forecast.ts';
import { heldCertificates } from '../../domain/exchange/forecast/forecast-held.ts';
import type { Foresight } from '../../domain/exchange/forecast/foresight.ts';
import { readState, storeRefusal } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { instantMs, time } from '../parameter-schema.ts';
import { textTable } from '../text-table.ts';
import { PARTNER_FORECAST } from './partner-descriptions.ts';

const schema = z.strictObject({ at: time.optional() });

interface Forecast {
  readonly atMs: number;
  readonly broken: readonly BrokenPartner[];
  readonly foresights: readonly Foresight[];
}

/** What goes wrong by a time if nobody does anything. */
export const partnerForecast: CommandDefinition<z.infer<typeof schema>, Forecast> = {
  ...PARTNER_FORECAST,
  schema,
  async run(context, { at }) {
    const state = await readState(context);
    if (!state.ok) return state;
    const sightings = await context.store.sightings(undefined);
    if (!sightings.ok) return err(storeRefusal(sightings.error));
    const atMs = at === undefined ? context.nowMs() : instantMs(at);
    const { partners, identities, nodes } = state.value;
    const foresights = forecast(
      {
        partners,
        identities,
        nodes,
        sightings: sightings.value,
        held: heldCertificates(context.site, context.authorities),
        channelCertificateDays: context.site.channel.certificateDays,
      },
      certificatesOfPem,
      atMs,
    );
    return ok({ atMs, broken: brokenPartners(foresights), foresights });
  },
  text({ atMs, broken, foresights }) {
    if (foresights.length === 0) return `nothing breaks within 60 days of ${utcText(atMs)}`;
    const rows = foresights.map(({ whenMs, severity, subject, message, breaks }) => [
      utcText(whenMs),
      severity === 'expired' ? 'PAST' : `${severity.slice('days-'.length)} days`,
      subject,
      breaks ? `${message} (then it breaks)` : message,
    ]);
    const lines = broken.map(({ partner, direction, because }) =>
      direction === 'accepted'
        ? `${partner} cannot connect to us: ${because}`
        : `${partner} turns us away: ${because}`,
    );
    return [textTable(['WHEN', 'WITHIN', 'SUBJECT', 'WHAT'], rows), ...lines].join('\n');
  },
};
