import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import type { Author, ChangeEvent } from '../../domain/exchange/change-event.ts';
import { refuse, utcText } from '../../domain/exchange/exchange-refusal.ts';
import { readState, storeRefusal } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { name } from '../parameter-schema.ts';
import { nextLine, textTable } from '../text-table.ts';
import { EVENTS_LIMIT_DEFAULT, EVENTS_LIST } from './state-descriptions.ts';

/** Fingerprints are cut, reasons are not. */
const TEXT_MAX = 60;
const SHORTENED = 16;

const schema = z.strictObject({
  subject: z
    .string()
    .regex(/^[a-z]+\/[a-z0-9-]{1,63}$/, 'is no subject such as partner/globex')
    .optional(),
  by: name.optional(),
  limit: z.int().min(1).max(1000).optional(),
  before: z.int().min(1).optional(),
});

interface Events {
  readonly events: readonly ChangeEvent[];
  /** Where to go on; absent where there is no more. */
  readonly before?: number;
}

/** The history, newest first, each change with its author's signature. */
export const eventsList: CommandDefinition<z.infer<typeof schema>, Events> = {
  ...EVENTS_LIST,
  schema,
  async run(context, { subject, by, limit = EVENTS_LIMIT_DEFAULT, before }) {
    if (by !== undefined) {
      const state = await readState(context);
      if (!state.ok) return state;
      if (state.value.operators.every((operator) => operator.name !== by)) {
        return refuse('operator-unknown', { operator: by });
      }
    }
    const events = await context.store.events({
      limit,
      ...(subject !== undefined && { subject }),
      ...(by !== undefined && { by }),
      ...(before !== undefined && { beforeSequence: before }),
    });
    if (!events.ok) return err(storeRefusal(events.error));
    const last = events.value.at(-1)?.sequence ?? 1;
    const isFull = events.value.length === limit && last > 1;
    return ok({ events: events.value, ...(isFull && { before: last }) });
  },
  text({ events, before }) {
    if (events.length === 0) return 'no changes';
    const rows = events.map(({ sequence, atMs, author, kind, subject, detail }) => [
      String(sequence),
      utcText(atMs),
      authorText(author),
      kind,
      subject,
      detailText(detail),
    ]);
    const table = textTable(['NUMBER', 'WHEN', 'BY', 'WHAT', 'SUBJECT', ''], rows);
    return before === undefined
      ? table
      : [table, nextLine(`the same with --before ${before}`)].join('\n');
  },
};

function authorText(author: Author): string {
  return author.kind === 'operator' ? author.approval.operator : `(${author.node})`;
}

/** The short facts of a change; long ones are counted. */
function detailText(detail: ChangeEvent['detail']): string {
  return Object.entries(detail).flatMap(factText).join(', ');
}

function factText([name, value]: readonly [string, unknown]): readonly string[] {
  if (Array.isArray(value)) return [`${name}: ${value.length}`];
  if (typeof value === 'object') return [];
  if (typeof value === 'number' && name.endsWith('Ms')) {
    return [`${name.slice(0, -'Ms'.length)}: ${utcText(value)}`];
  }
  const text = String(value);
  return [`${name}: ${text.length > TEXT_MAX ? `${text.slice(0, SHORTENED)}…` : text}`];
}
