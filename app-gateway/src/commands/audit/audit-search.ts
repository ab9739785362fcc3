import { AUDIT_TYPE, AUDIT_TYPES } from '@sallyport/shared/audit/record-types.ts';
import { normalizeAddress } from '@sallyport/shared/net/address.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { columnText, columnUser } from '../../ledger/record-columns.ts';
import { entryLine } from '../../ledger/render/entry-line.ts';
import { type EntryView, entryView } from '../../ledger/render/entry-view.ts';
import type { LedgerQuery } from '../../ports/ledger-store.ts';
import { readState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { instantMs, isSpan, SPAN_WRONG, time } from '../parameter-schema.ts';
import { nextLine } from '../text-table.ts';
import { partnerNames, recordsOfCall } from './audit-call-ids.ts';
import { AUDIT_SEARCH, SEARCH_LIMIT_DEFAULT, SEARCH_LIMIT_MAX } from './audit-descriptions.ts';
import { answered, ledgerIn } from './audit-ledger.ts';

const FOLLOW_MS = 1000;
const ANSWER_CHARS_MAX = 1_500_000;

const TYPE_NAMES: readonly string[] = AUDIT_TYPES.map(({ name }) => name);
const index = z.int().min(0);
const text = z.string().min(1).max(600);

const schema = z
  .strictObject({
    from: time.optional(),
    to: time.optional(),
    partner: text.optional(),
    user: text.optional(),
    callId: text.optional(),
    source: z.union([z.ipv4(), z.ipv6()], 'is no IP address').optional(),
    verdict: text.optional(),
    type: z
      .array(
        z
          .string()
          .refine((name) => TYPE_NAMES.includes(name), `is none of ${TYPE_NAMES.join(', ')}`),
      )
      .min(1)
      .max(TYPE_NAMES.length)
      .optional(),
    status: z.int().min(100).max(699).optional(),
    node: text.optional(),
    limit: z.int().min(1).max(SEARCH_LIMIT_MAX).optional(),
    before: index.optional(),
    after: index.optional(),
    follow: z.boolean().optional(),
  })
  .refine(isSpan, SPAN_WRONG);

type Parameters = z.infer<typeof schema>;

interface Found {
  readonly entries: readonly EntryView[];
  /** Where to go on: `before` it, newest first; `after` it, oldest first. */
  readonly before?: number;
  readonly after?: number;
  readonly isFollowing: boolean;
  /** Where nothing was found: what of the question nobody knows. */
  readonly notes?: readonly string[];
}

/** Finds records, newest first; `--follow` shows new ones as they come. */
export const auditSearch: CommandDefinition<Parameters, Found> = {
  ...AUDIT_SEARCH,
  schema,
  async run(context, parameters) {
    const ledger = ledgerIn(context);
    if (!ledger.ok) return ledger;
    const { reader } = ledger.value;
    const head = answered(await reader.head());
    if (!head.ok) return head;
    const isForward = parameters.after !== undefined;
    const { limit = SEARCH_LIMIT_DEFAULT } = parameters;
    const query: Omit<LedgerQuery, 'callIds'> = {
      ...wanted(parameters),
      limit,
      belowIndex: Math.min(parameters.before ?? head.value.size, head.value.size),
      ...(parameters.after !== undefined && { fromIndex: parameters.after + 1 }),
      order: isForward ? 'oldest-first' : 'newest-first',
    };
    const { callId } = parameters;
    const found =
      callId === undefined
        ? answered(await reader.search(query))
        : await recordsOfCall(ledger.value, callId, await partnersIn(context, parameters), query);
    if (!found.ok) return err(found.error);
    const views = fitting(found.value.map(entryView));
    const isFollowing = parameters.follow === true;
    const isFull = found.value.length === limit || views.length < found.value.length;
    const last = views.at(-1)?.index;
    if (isForward) {
      const after = isFull && last !== undefined ? last : head.value.size - 1;
      return ok({ entries: views, after: Math.max(after, parameters.after ?? 0), isFollowing });
    }
    if (isFollowing) {
      return ok({
        entries: views.toReversed(),
        after: Math.max(0, head.value.size - 1),
        isFollowing,
      });
    }
    const notes = views.length === 0 ? await doubts(context, parameters) : [];
    return ok({
      entries: views,
      isFollowing,
      ...(notes.length > 0 && { notes }),
      ...(isFull && last !== undefined && { before: last }),
    });
  },
  text({ entries, before, after, isFollowing, notes = [] }) {
    const lines = entries.map(entryLine);
    if (isFollowing) return lines.join('\n');
    if (lines.length === 0) return ['no records', ...notes].join('\n');
    const next = before === undefined ? after : before;
    const word = before === undefined ? '--after' : '--before';
    return [
      ...lines,
      ...(next === undefined ? [] : [nextLine(`the same with ${word} ${next}`)]),
    ].join('\n');
  },
  pages: {
    next(parameters, { isFollowing, after, entries }) {
      if (!isFollowing || after === undefined) return undefined;
      const isFull =
        parameters.after !== undefined &&
        entries.length >= (parameters.limit ?? SEARCH_LIMIT_DEFAULT);
      const { before: _, ...others } = parameters;
      return { parameters: { ...others, after }, afterMs: isFull ? 0 : FOLLOW_MS };
    },
  },
};

/** Whose masks of a Call-ID are looked for; where new ones are looked for every second, one partner's alone. */
function partnersIn(
  context: CommandContext,
  { partner, follow }: Parameters,
): Promise<readonly string[]> | readonly string[] {
  if (partner !== undefined) return [partner];
  return follow === true ? [] : partnerNames(context);
}

/** A name that was mistyped must not look like one of which nothing is on record. */
async function doubts(
  context: CommandContext,
  { partner, user, node }: Parameters,
): Promise<readonly string[]> {
  const state = await readState(context);
  const { proxies, gateways } = context.site;
  const notes: string[] = [];
  if (partner !== undefined && state.ok && !state.value.partners.some(({ id }) => id === partner)) {
    notes.push(`there is no partner ${partner} at present: sallyport partner list`);
  }
  if (user?.includes('@') === false) notes.push('a user is written user@domain');
  if (node !== undefined && ![...proxies, ...gateways].some((host) => host.node === node)) {
    notes.push(`there is no node ${node} at present: sallyport node list`);
  }
  return notes;
}

/** In the form in which the ledger's columns have it. */
function wanted(parameters: Parameters) {
  const { from, to, partner, user, source, verdict, type, status, node } = parameters;
  return {
    ...(from !== undefined && { fromMs: instantMs(from) }),
    ...(to !== undefined && { untilMs: instantMs(to) }),
    ...(partner !== undefined && { partner: columnText(partner) }),
    ...(user !== undefined && { user: columnUser(user) }),
    ...(source !== undefined && { address: normalizeAddress(source) ?? source }),
    ...(verdict !== undefined && { verdict: columnText(verdict) }),
    ...(type !== undefined && {
      types: type.map((name) => AUDIT_TYPE[name as keyof typeof AUDIT_TYPE]),
    }),
    ...(status !== undefined && { status }),
    ...(node !== undefined && { node: columnText(node) }),
  };
}

/** As many as one answer can hold; the others come with the next page. */
function fitting(views: readonly EntryView[]): readonly EntryView[] {
  let chars = 0;
  const end = views.findIndex((view) => {
    chars += JSON.stringify(view).length;
    return chars > ANSWER_CHARS_MAX;
  });
  return end === -1 ? views : views.slice(0, Math.max(1, end));
}
