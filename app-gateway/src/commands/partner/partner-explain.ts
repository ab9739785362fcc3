import { readReceivedFile } from '@sallyport/certs/received-file.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { publicPlaces } from '../../config/public-places.ts';
import { type ExplainedMessage, explain } from '../../domain/exchange/explain/explain.ts';
import { readState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { bytesOf, sentFile } from '../parameter-schema.ts';
import { textTable } from '../text-table.ts';
import { PARTNER_EXPLAIN } from './partner-descriptions.ts';

const address = z
  .string()
  .min(1)
  .max(400)
  .refine((text) => hostOf(text) !== '', 'is no SIP address and no domain');

const schema = z.strictObject({
  from: address,
  to: address,
  method: z
    .string()
    .regex(/^[A-Z][A-Z0-9-]{1,31}$/, 'is no SIP method (upper case)')
    .optional(),
  event: z.string().min(1).max(64).optional(),
  cert: sentFile.optional(),
  source: z.union([z.ipv4(), z.ipv6()], 'is no IP address').optional(),
});

/** What would become of a message, without sending it. */
export const partnerExplain: CommandDefinition<z.infer<typeof schema>, ExplainedMessage> = {
  ...PARTNER_EXPLAIN,
  schema,
  async run(context, { from, to, method = 'MESSAGE', event, cert, source }) {
    const state = await readState(context);
    if (!state.ok) return state;
    const file = cert === undefined ? undefined : readReceivedFile(bytesOf(cert));
    if (file?.ok === false) {
      return err({ ...file.error, next: 'give a PEM file with the certificate, leaf first' });
    }
    const { site, nowMs } = context;
    const places = publicPlaces(site);
    const view = {
      domains: site.domains,
      publicHosts: [site.public.host, ...places.map(({ host }) => host)],
      hasPlainListener: places.some(({ transport }) => transport === 'tcp'),
      communities: site.communities,
      partners: state.value.partners,
      severed: site.severed,
      identities: state.value.identities,
    };
    const isOurs = site.domains.some((domain) => hostOf(from) === domain.toLowerCase());
    const query = {
      from,
      to,
      direction: isOurs ? ('outbound' as const) : ('inbound' as const),
      method,
      ...(event !== undefined && { eventPackage: event }),
      ...(file !== undefined && { chain: chainOf(file.value.certificates) }),
      ...(source !== undefined && { sourceIp: source }),
    };
    return ok(explain(view, query, nowMs()));
  },
  text({ outcome, decidedBy, checks, trials }) {
    const rows = checks.map((check) => [
      check.where,
      WORDS[check.outcome],
      check.check,
      check.detail,
      check.code ?? '',
    ]);
    const end = { pass: 'it would pass', fail: 'it would be refused', 'not-known': 'not known' };
    const why = decidedBy === undefined ? '' : `: ${decidedBy.check}, ${decidedBy.detail}`;
    return [
      textTable(['WHERE', 'PASSES', 'CHECK', 'DETAIL', 'CODE'], rows),
      `${end[outcome]}${why}`,
      ...trialLines(trials),
    ].join('\n');
  },
};

const WORDS = { pass: 'yes', fail: 'NO', 'not-known': '?' } as const;

/** Each alone; none refuses anything yet. */
function trialLines(trials: ExplainedMessage['trials']): readonly string[] {
  const [first] = trials;
  if (first === undefined) return [];
  const rows = trials.map(({ rule, outcome, detail }) => [rule, WORDS[outcome], detail]);
  return [
    '',
    `on trial for ${first.partner}, where they refuse nothing yet:`,
    textTable(['RULE', 'PASSES', 'DETAIL'], rows),
  ];
}

function hostOf(text: string): string {
  const [, host = ''] = /^(?:sips?:)?(?:[^@]*@)?(\[[^\]]*\]|[^:;?>]*)/i.exec(text.trim()) ?? [];
  return host.toLowerCase();
}

/** Leaves first, as a handshake shows them. */
function chainOf(certificates: readonly { readonly der: Buffer }[]): readonly Buffer[] {
  return certificates.map(({ der }) => der);
}
