import { writeReport } from '@sallyport/certs/signed-report.ts';
import type { ProbeStep } from '@sallyport/shared/channel/probe.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import type { PartnerRecord } from '../../domain/exchange/partner/partner-record.ts';
import { type Evidence, inboundEvidence } from '../../domain/exchange/sighting/inbound-evidence.ts';
import { readState, storeRefusal } from '../change-state.ts';
import type { AnswerFile, CommandDefinition } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { name } from '../parameter-schema.ts';
import { counted, nextLine, textTable } from '../text-table.ts';
import { checkAdvice, probeRefusal } from './check-advice.ts';
import { PARTNER_CHECK } from './partner-descriptions.ts';
import { partnerIn } from './partner-step.ts';

const schema = z.strictObject({
  partner: name,
  domain: z.string().min(1).max(253).optional(),
  proxy: z
    .string()
    .max(70)
    .regex(/^[a-z0-9][a-z0-9-]*(?:\/\d{1,3})?$/, 'is no node such as edge-1, or edge-1/0')
    .optional(),
  report: z.literal(true).optional(),
});

type Parameters = z.infer<typeof schema>;

/** What was tried of the way out, and what is on record of the way in. */
interface Checked {
  readonly partner: string;
  readonly domain: string;
  readonly checkedAtMs: number;
  readonly proxy: string;
  readonly outbound: readonly ProbeStep[];
  readonly inbound: readonly Evidence[];
  readonly failed: number;
  /** What to do about the first thing that failed. */
  readonly next?: string;
  readonly files: readonly AnswerFile[];
}

/** Tries a partner live from a proxy, each step with what was expected and what was seen. */
export const partnerCheck: CommandDefinition<Parameters, Checked> = {
  ...PARTNER_CHECK,
  schema,
  async run(context, parameters) {
    const state = await readState(context);
    if (!state.ok) return state;
    const record = partnerIn(state.value, parameters.partner);
    return record.ok ? checked(context, record.value, parameters) : record;
  },
  text: (answer) => textOf(answer).join('\n'),
  files: ({ files }) => files,
  isBad: ({ failed }) => failed > 0,
};

async function checked(
  context: CommandContext,
  record: PartnerRecord,
  { partner, domain: named, proxy, report }: Parameters,
): Promise<Result<Checked, CommandRefusal>> {
  const domain = (named ?? record.settings.domains[0] ?? '').toLowerCase();
  const sightings = await context.store.sightings(partner);
  if (!sightings.ok) return err(storeRefusal(sightings.error));
  const probed = await context.running.probe(partner, domain, proxy);
  if (!probed.ok)
    return err(
      probeRefusal(probed.error, record, domain, { proxy, severed: context.site.severed }),
    );
  const { steps: outbound, proxy: triedBy } = probed.value;
  const checkedAtMs = context.nowMs();
  const connections = context.running.flows(partner);
  const inbound = inboundEvidence(record, sightings.value, connections, checkedAtMs);
  const failed = [...outbound, ...inbound].find(({ outcome }) => outcome === 'failed');
  const done = { partner, domain, checkedAtMs, proxy: triedBy, outbound, inbound };
  return ok({
    ...done,
    failed: [...outbound, ...inbound].filter(({ outcome }) => outcome === 'failed').length,
    ...(failed !== undefined && { next: checkAdvice(failed.step, partner) }),
    files: report === true ? [reportFile(context, done)] : [],
  });
}

/** Nothing of the proxy that tried, and nothing that only we call by a name. */
function reportFile(
  { site, offerSigningKeyPem }: CommandContext,
  { partner, domain, checkedAtMs, outbound, inbound }: Omit<Checked, 'failed' | 'files'>,
): AnswerFile {
  const steps = [
    ...outbound.map((step) => ({ direction: 'outbound' as const, ...step })),
    ...inbound.map((step) => ({ direction: 'inbound' as const, ...step, ms: 0 })),
  ];
  const draft = { site: site.name, domain, madeAtMs: checkedAtMs, steps };
  return { name: `${partner}-check.json`, text: writeReport(draft, offerSigningKeyPem) };
}

const MARKS = { ok: 'ok', warning: '?', failed: '!!' } as const;

function textOf({ partner, domain, proxy, outbound, inbound, failed, next }: Checked) {
  const headings = ['', 'STEP', 'SERVER', 'MS', 'EXPECTED', 'SEEN'];
  return [
    `${partner} (${domain}), tried by ${proxy}:`,
    textTable(headings, outbound.map(stepRow)),
    '',
    'the way in, as it is on record:',
    textTable(['', 'STEP', 'EXPECTED', 'SEEN'], inbound.map(evidenceRow)),
    '',
    failed === 0 ? 'nothing failed' : `${counted(failed, 'step')} failed`,
    ...(next === undefined ? [] : [nextLine(next)]),
  ];
}

function stepRow({ outcome, step, target = '', ms, expected, seen }: ProbeStep) {
  return [MARKS[outcome], step, target, `${ms}`, expected, seen];
}

function evidenceRow({ outcome, step, expected, seen }: Evidence): readonly string[] {
  return [MARKS[outcome], step, expected, seen];
}
