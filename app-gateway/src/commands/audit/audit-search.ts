import { AUDIT_TYPE, AUDIT_TYPES } from '@sallyport/shared/audit/record-types.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { columnText, columnUser } from '../../ledger/record-columns.ts';
import { entryLine } from '../../ledger/render/entry-line.ts';
import { type EntryView, entryView } from '../../ledger/render/entry-view.ts';
import type { LedgerQuery } from '../../ports/ledger-store.ts';
import type { CommandDefinition, CommandParameter } from '../command.ts';
import { time } from '../parameter-schema.ts';
import { nextLine } from '../text-table.ts';
import { answered, ledgerIn } from './audit-ledger.ts';

const LIMIT_DEFAULT = 50;
/** A record has 8 KiB at most, and an answer 2 MiB: with its names and escapes fifty are safe, and pages do the rest. */
const LIMIT_MAX = 1000;
const FOLLOW_MS = 1000;
const ANSWER_CHARS_MAX = 1_500_000;

const TYPE_NAMES: readonly string[] = AUDIT_TYPES.map(({ name }) => name);
const index = z.int().min(0);
const text = z.string().min(1).max(600);

const schema = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  partner: text.optional(),
  user: text.optional(),
  callId: text.optional(),
  source: z.union([z.ipv4(), z.ipv6()], 'is no IP address').optional(),
  verdict: text.optional(),
  type: z
    .array(
      z.string().refine((name) => TYPE_NAMES.includes(name), `is none of ${TYPE_NAMES.join(', ')}`),
    )
    .min(1)
    .max(TYPE_NAMES.length)
    .optional(),
  status: z.int().min(100).max(699).optional(),
  node: text.optional(),
  limit: z.int().min(1).max(LIMIT_MAX).optional(),
  before: index.optional(),
  after: index.optional(),
  follow: z.boolean().optional(),
});

type Parameters = z.infer<typeof schema>;

interface Found {
  readonly entries: readonly EntryView[];
  /** Where to go on: `before` it, newest first; `after` it, oldest first. */
  readonly before?: number;
  readonly after?: number;
  readonly isFollowing: boolean;
}

/** Finds records, newest first; `--follow` shows new ones as they come. */
export const auditSearch: CommandDefinition<Parameters, Found> = {
  words: ['audit', 'search'],
  summary: 'find records of the ledger by time, partner, user, Call-ID, source, verdict or type',
  description: [
    'All that is given must hold. Newest first; --before goes on with older ones. With --after, or --follow, oldest first; --follow goes on until it is stopped, with what comes.',
    'A user is meant as sender or receiver, written user@domain. Verdicts are those of policy decisions, and the codes of what was refused or ended. What came from the wire is shown so that it steers no terminal: a backslash is doubled, a control character is \\u{1b}, an octet that is no UTF-8 is \\xff.',
  ],
  examples: [
    'sallyport audit search --partner globex --from 2026-11-21T08:00:00Z --type message-refused',
    'sallyport audit search --user alice@globex.example --limit 200',
    'sallyport audit search --follow --source 192.0.2.7',
  ],
  parameters: [
    option('from', 'not before this time', 'TIME'),
    option('to', 'before this time', 'TIME'),
    option('partner', 'name of the partner', 'PARTNER'),
    option('user', 'sender or receiver', 'ADDRESS'),
    option('callId', 'Call-ID', 'CALL-ID'),
    option('source', 'IP address that it came from', 'IP'),
    option('verdict', 'verdict or code, such as partner-severed', 'WORD'),
    {
      name: 'type',
      description: 'type of record, such as message-admitted; may be repeated',
      kind: 'list',
      valueName: 'TYPE',
    },
    option('status', 'SIP status', 'STATUS', 'number'),
    option('node', 'host that wrote it', 'NODE'),
    option(
      'limit',
      `how many at a time (default ${LIMIT_DEFAULT}, at most ${LIMIT_MAX})`,
      'COUNT',
      'number',
    ),
    option('before', 'only those with a smaller index', 'INDEX', 'number'),
    option('after', 'only those with a larger index, oldest first', 'INDEX', 'number'),
    { name: 'follow', description: 'show new ones as they come', kind: 'flag' },
  ],
  schema,
  async run(context, parameters) {
    const ledger = ledgerIn(context);
    if (!ledger.ok) return ledger;
    const { reader } = ledger.value;
    const head = answered(await reader.head());
    if (!head.ok) return head;
    const isForward = parameters.after !== undefined;
    const { limit = LIMIT_DEFAULT } = parameters;
    const query: LedgerQuery = {
      ...wanted(parameters),
      limit,
      belowIndex: Math.min(parameters.before ?? head.value.size, head.value.size),
      ...(parameters.after !== undefined && { fromIndex: parameters.after + 1 }),
      order: isForward ? 'oldest-first' : 'newest-first',
    };
    const found = answered(await reader.search(query));
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
    return ok({
      entries: views,
      isFollowing,
      ...(isFull && last !== undefined && { before: last }),
    });
  },
  text({ entries, before, after, isFollowing }) {
    const lines = entries.map(entryLine);
    if (isFollowing) return lines.join('\n');
    if (lines.length === 0) return 'no records';
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
        parameters.after !== undefined && entries.length >= (parameters.limit ?? LIMIT_DEFAULT);
      const { before: _, ...others } = parameters;
      return { parameters: { ...others, after }, afterMs: isFull ? 0 : FOLLOW_MS };
    },
  },
};

/** In the form in which the ledger's columns have it. */
function wanted(parameters: Parameters) {
  const { from, to, partner, user, callId, source, verdict, type, status, node } = parameters;
  return {
    ...(from !== undefined && { fromMs: Date.parse(from) }),
    ...(to !== undefined && { untilMs: Date.parse(to) }),
    ...(partner !== undefined && { partner: columnText(partner) }),
    ...(user !== undefined && { user: columnUser(user) }),
    ...(callId !== undefined && { callId: columnText(callId) }),
    ...(source !== undefined && { address: source }),
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

function option(
  name: string,
  description: string,
  valueName: string,
  kind: 'text' | 'number' = 'text',
): CommandParameter {
  return { name, description, kind, valueName };
}
