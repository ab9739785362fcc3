import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import {
  emptyReport,
  joinedReports,
  monthBounds,
  type PartnerReport,
  withRecords,
} from '../../ledger/partner-report.ts';
import { columnText } from '../../ledger/record-columns.ts';
import { entryView } from '../../ledger/render/entry-view.ts';
import { reportHtml } from '../../ledger/render/report-html.ts';
import { reportText } from '../../ledger/render/report-text.ts';
import { readState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { AUDIT_REPORT } from './audit-descriptions.ts';
import { answered, ledgerIn } from './audit-ledger.ts';

/** Records that one request reads; the command line asks until the month is through. */
const RECORDS_MAX = 20_000;
const SEARCH_MAX = 2000;

const schema = z.strictObject({
  partner: z.string().min(1).max(200),
  month: z.string().regex(/^20\d{2}-(?:0[1-9]|1[0-2])$/, 'is no month such as 2026-11'),
  out: z.literal(true),
  after: z.int().min(-1).optional(),
});

interface Reported {
  readonly report: PartnerReport;
  readonly origin: string;
  readonly madeAtMs: number;
  readonly after?: number;
}

/** An empty page would look as if the partner had done nothing. */
function unknownPartner(partner: string): CommandRefusal {
  return {
    code: 'partner-unknown',
    message: `there is no partner ${partner}, and no record of one`,
    next: 'sallyport partner list',
  };
}

/** What a partner did in a month, to print or to keep. */
export const auditReport: CommandDefinition<z.infer<typeof schema>, Reported> = {
  ...AUDIT_REPORT,
  schema,
  async run(context, { partner, month, after: start = -1 }) {
    const ledger = ledgerIn(context);
    if (!ledger.ok) return ledger;
    const { reader, keys } = ledger.value;
    let report = emptyReport(partner, month);
    let after = start;
    const state = await readState(context);
    if (state.ok && !state.value.partners.some(({ id }) => id === partner)) {
      const any = answered(
        await reader.search({ partner: columnText(partner), order: 'newest-first', limit: 1 }),
      );
      if (any.ok && any.value.length === 0) return err(unknownPartner(partner));
    }
    for (let read = 0; read < RECORDS_MAX; ) {
      const found = answered(
        await reader.search({
          partner: columnText(partner),
          ...monthBounds(month),
          fromIndex: after + 1,
          order: 'oldest-first',
          limit: SEARCH_MAX,
        }),
      );
      if (!found.ok) return found;
      const views = found.value.map(entryView);
      const requests = found.value.filter((_, at) => views[at]?.type === 'message-admitted');
      const answers = requests.length === 0 ? ok([]) : answered(await reader.referring(requests));
      if (!answers.ok) return answers;
      report = withRecords(report, views, answers.value.map(entryView));
      after = views.at(-1)?.index ?? after;
      read += views.length;
      const madeAtMs = context.nowMs();
      if (views.length < SEARCH_MAX) return ok({ report, origin: keys.origin, madeAtMs });
    }
    return ok({ report, origin: keys.origin, madeAtMs: context.nowMs(), after });
  },
  text: ({ report }) => reportText(report),
  files: ({ report, origin, madeAtMs }) => [
    { name: 'report.html', text: reportHtml(report, origin, madeAtMs) },
  ],
  pages: {
    next: (parameters, { after }) =>
      after === undefined ? undefined : { parameters: { ...parameters, after }, afterMs: 0 },
    joined: (earlier, later) => ({ ...later, report: joinedReports(earlier.report, later.report) }),
  },
};
