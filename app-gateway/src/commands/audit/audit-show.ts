import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { entryView } from '../../ledger/render/entry-view.ts';
import { type Ladder, ladderOf } from '../../ledger/render/ladder.ts';
import { ladderSvg } from '../../ledger/render/ladder-svg.ts';
import { ladderText } from '../../ledger/render/ladder-text.ts';
import { visibleText } from '../../ledger/render/visible-text.ts';
import type { AnswerFile, CommandDefinition } from '../command.ts';
import { partnerNames, recordsOfCall } from './audit-call-ids.ts';
import { AUDIT_SHOW } from './audit-descriptions.ts';
import { answered, ledgerIn } from './audit-ledger.ts';

const ENTRIES_MAX = 1000;

const schema = z.strictObject({
  callId: z.string().min(1).max(600),
  svg: z.literal(true).optional(),
});

interface Shown {
  readonly ladder: Ladder;
  readonly files: readonly AnswerFile[];
}

/** Draws a call or a conversation. */
export const auditShow: CommandDefinition<z.infer<typeof schema>, Shown> = {
  ...AUDIT_SHOW,
  schema,
  async run(context, { callId, svg }) {
    const ledger = ledgerIn(context);
    if (!ledger.ok) return ledger;
    const { reader } = ledger.value;
    const partners = await partnerNames(context);
    const query = { order: 'oldest-first', limit: ENTRIES_MAX } as const;
    const found = await recordsOfCall(ledger.value, callId, partners, query);
    if (!found.ok) return found;
    if (found.value.length === 0) return err(unknown(callId));
    const answers = answered(await reader.referring(found.value));
    if (!answers.ok) return answers;
    const entries = new Map(
      [...found.value, ...answers.value].map((entry) => [entry.index, entry]),
    );
    const ladder = ladderOf(callId, [...entries.values()].map(entryView));
    const files = svg === true ? [{ name: 'ladder.svg', text: ladderSvg(ladder) }] : [];
    return ok({ ladder, files });
  },
  text: ({ ladder }, columns) => ladderText(ladder, columns),
  files: ({ files }) => files,
};

function unknown(callId: string) {
  return {
    code: 'call-unknown',
    message: `no record has the Call-ID ${visibleText(callId)}`,
    next: 'look for it: sallyport audit search --user ADDRESS, or --partner PARTNER',
  };
}
