import {
  type ReportFault,
  type SignedReport,
  verifyReport,
} from '@sallyport/certs/signed-report.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { utcText } from '../../domain/exchange/exchange-refusal.ts';
import { knownSigners, signerDigest } from '../../domain/exchange/trust/known-signers.ts';
import { readState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { bytesOf, name, sentFile } from '../parameter-schema.ts';
import { counted, textTable } from '../text-table.ts';
import { PARTNER_READ_REPORT } from './partner-descriptions.ts';
import { partnerIn } from './partner-step.ts';

const schema = z.strictObject({ partner: name, file: sentFile });

/** What a partner saw of us, as it wrote it down. */
interface ReadReport extends SignedReport {
  readonly partner: string;
  /** Whether the key that signed it is one that signs the partner's offers; false where no offer of it was verified. */
  readonly isSignerKnown: boolean;
}

/** Reads what a partner's "partner check" saw of us, and proves by whom it was written. */
export const partnerReadReport: CommandDefinition<z.infer<typeof schema>, ReadReport> = {
  ...PARTNER_READ_REPORT,
  schema,
  async run(context, { partner, file }) {
    const state = await readState(context);
    if (!state.ok) return state;
    const record = partnerIn(state.value, partner);
    if (!record.ok) return record;
    const report = verifyReport(bytesOf(file), []);
    if (!report.ok) return err(faultRefusal(report.error, file.name));
    const known = knownSigners(record.value);
    if (known.size > 0 && !known.has(signerDigest(report.value.signingKey))) {
      return err(faultRefusal('report-signer-unknown', file.name));
    }
    const { domain } = report.value;
    if (!context.site.domains.includes(domain)) return err(ofOthers(domain));
    return ok({ ...report.value, partner, isSignerKnown: known.size > 0 });
  },
  text(report) {
    const { partner, site, domain, madeAtMs, isSignerKnown, steps } = report;
    const tried = steps.filter(({ direction }) => direction === 'outbound');
    const came = steps.filter(({ direction }) => direction === 'inbound');
    const failed = steps.filter(({ outcome }) => outcome === 'failed').length;
    return [
      `what ${partner} (site ${site}) saw of ${domain} on ${utcText(madeAtMs)}`,
      isSignerKnown
        ? `signed with the key of ${partner}’s offers`
        : `signed with a key that no verified offer of ${partner} named: anybody can have written it`,
      '',
      'what it tried:',
      textTable(['', 'STEP', 'SERVER', 'EXPECTED', 'SEEN'], tried.map(rowOf)),
      '',
      'what came to it from us:',
      textTable(
        ['', 'STEP', 'EXPECTED', 'SEEN'],
        came.map((step) => rowOf(step).toSpliced(2, 1)),
      ),
      '',
      failed === 0 ? 'nothing failed' : `${counted(failed, 'step')} failed`,
    ].join('\n');
  },
};

const MARKS = { ok: 'ok', warning: '?', failed: '!!' } as const;

function rowOf({ outcome, step, target = '', expected, seen }: SignedReport['steps'][number]) {
  return [MARKS[outcome], step, target, expected, seen];
}

function ofOthers(domain: string): CommandRefusal {
  return {
    code: 'report-of-others',
    message: `the report is about ${domain}, which is no domain of ours`,
    next: 'ask the partner for the report of its check of us',
  };
}

const FAULTS: Readonly<Record<ReportFault, readonly [what: string, next: string]>> = {
  'report-malformed': [
    'is no report of "partner check --report"',
    'ask the partner for the file as it was written',
  ],
  'report-signature-wrong': [
    'was changed after it was signed',
    'ask the partner for the file as it was written',
  ],
  'report-signer-unknown': [
    'is signed with a key that the partner’s offers do not name',
    'ask the partner whether the report is theirs; a new key comes with an offer: sallyport partner receive',
  ],
};

function faultRefusal(code: ReportFault, file: string): CommandRefusal {
  const [what, next] = FAULTS[code];
  return { code, message: `${file} ${what}`, next };
}
