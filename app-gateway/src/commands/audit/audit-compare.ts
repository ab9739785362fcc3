import { z } from 'zod';
import { HOUR_COUNTS_MAX } from '../../ledger/day-tally.ts';
import { joinedChecks, type SearchCheckPage, searchCheckPage } from '../../ledger/search-check.ts';
import { comparedLine, findingLines, verdictLine } from '../../ledger/verify/verify-text.ts';
import type { CommandDefinition } from '../command.ts';
import { AUDIT_COMPARE } from './audit-descriptions.ts';
import { answered, ledgerIn } from './audit-ledger.ts';

const count = z.int().min(0);
const claim = z.strictObject({
  day: z.string().max(32),
  firstMs: z.number(),
  lastMs: z.number(),
  recordBytes: z.number(),
  counts: z
    .array(z.tuple([z.number(), z.number(), z.number()]).readonly())
    .max(HOUR_COUNTS_MAX)
    .readonly()
    .optional(),
});

const schema = z.strictObject({
  /** Where to go on: the command line gives back what it was given. */
  place: z
    .strictObject({ at: count, size: count, last: claim.optional(), counted: claim.optional() })
    .optional(),
});

/** Compares what searches read with the records. */
export const auditCompare: CommandDefinition<z.infer<typeof schema>, SearchCheckPage> = {
  ...AUDIT_COMPARE,
  schema,
  async run(context, { place }) {
    const ledger = ledgerIn(context);
    if (!ledger.ok) return ledger;
    return answered(await searchCheckPage(ledger.value.reader.searched, place));
  },
  text({ compared, findings, leftOut }) {
    return [
      comparedLine(compared),
      ...findingLines(findings),
      ...(leftOut > 0 ? [`… and ${leftOut} more of the same`] : []),
      verdictLine({ isGood: !hasFault(findings), findings }),
    ].join('\n');
  },
  pages: {
    next: (_, { place }) =>
      place === undefined ? undefined : { parameters: { place }, afterMs: 0 },
    joined: joinedChecks,
    progress: ({ place }) => place && { done: Math.min(place.at, place.size), total: place.size },
  },
  isBad: ({ findings }) => hasFault(findings),
};

function hasFault(findings: SearchCheckPage['findings']): boolean {
  return findings.some(({ severity }) => severity === 'fault');
}
