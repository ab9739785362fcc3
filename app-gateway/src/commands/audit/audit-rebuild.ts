import { err, type Result } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { joinedRebuilds, type RebuildDesk, type RebuildPage } from '../../ledger/search-rebuild.ts';
import { findingLines } from '../../ledger/verify/verify-text.ts';
import type { CommandDefinition } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { reason } from '../parameter-schema.ts';
import { counted } from '../text-table.ts';
import { AUDIT_REBUILD } from './audit-descriptions.ts';
import { ordererOf } from './audit-hold.ts';
import { ledgerIn, ledgerRefusal, NOT_ON_RECORD, RECORDS_OFF } from './audit-ledger.ts';

const count = z.int().min(0);
const schema = z.strictObject({
  reason,
  /** Where to go on: the command line gives back what it was given. */
  place: z.strictObject({ at: count, size: count, isCounting: z.boolean().optional() }).optional(),
});

/** Makes what searches read anew from the records. */
export const auditRebuild: CommandDefinition<z.infer<typeof schema>, RebuildPage> = {
  ...AUDIT_REBUILD,
  schema,
  async run(context, { reason: why, place }, author) {
    const desk = rebuildDeskIn(context);
    if (!desk.ok) return desk;
    const done = await desk.value.page({ ...ordererOf(author), reason: why }, place);
    if (done.ok) return done;
    return err(done.error === 'not-on-record' ? NOT_ON_RECORD : ledgerRefusal(done.error));
  },
  text({ compared, mended, moved, recounted, findings, leftOut }) {
    return [
      `${counted(compared, 'record')}: ${counted(mended, 'row')} made anew, ${moved} of them brought back into their day`,
      `days counted anew: ${recounted.join(', ') || 'none'}`,
      ...findingLines(findings),
      ...(leftOut > 0 ? [`… and ${leftOut} more of the same`] : []),
      findings.length === 0 ? 'nothing is left' : 'the rest no record tells: see docs/audit.md',
    ].join('\n');
  },
  pages: {
    next: (parameters, { place }) =>
      place === undefined ? undefined : { parameters: { ...parameters, place }, afterMs: 0 },
    joined: joinedRebuilds,
    progress: ({ place }) => place && { done: Math.min(place.at, place.size), total: place.size },
  },
  isBad: ({ findings }) => findings.length > 0,
};

function rebuildDeskIn(
  context: Pick<CommandContext, 'ledger'>,
): Result<RebuildDesk, CommandRefusal> {
  const ledger = ledgerIn(context);
  if (!ledger.ok) return ledger;
  const { rebuild } = ledger.value;
  return rebuild === undefined ? err(RECORDS_OFF) : { ok: true, value: rebuild };
}
