import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import type { Reading } from '../../ledger/bodies/body-comparison.ts';
import { entryLines } from '../../ledger/render/entry-line.ts';
import { type EntryView, entryView } from '../../ledger/render/entry-view.ts';
import type { CommandDefinition } from '../command.ts';
import { bytesOf, reason, sentFile } from '../parameter-schema.ts';
import { bodyDeskIn, bodyRefusal } from './audit-bodies.ts';
import { AUDIT_MATCH } from './audit-descriptions.ts';
import { ordererOf } from './audit-hold.ts';
import { ledgerIn } from './audit-ledger.ts';

const schema = z.strictObject({
  record: z.int().min(0),
  body: sentFile,
  reason,
});

interface Match {
  readonly entry: EntryView;
  readonly isSame: boolean;
  /** How the text had to be taken. */
  readonly reading?: Reading;
}

/** Holds a text against the hash of a message's body; that it was asked, and what came of it, is on record. */
export const auditMatch: CommandDefinition<z.infer<typeof schema>, Match> = {
  ...AUDIT_MATCH,
  schema,
  async run(context, { record, body, reason: why }, author) {
    const ledger = ledgerIn(context);
    if (!ledger.ok) return ledger;
    const desk = bodyDeskIn(context);
    if (!desk.ok) return desk;
    const compared = await desk.value.compare(ledger.value.reader, {
      // What was signed has a hash of the text, which anybody could try words against: it is on no record.
      author: ordererOf(author).author,
      reason: why,
      recordIndex: record,
      body: bytesOf(body),
    });
    if (!compared.ok) return err(bodyRefusal(compared.error));
    const { entry, reading } = compared.value;
    const isSame = reading !== undefined;
    return ok({ entry: entryView(entry), isSame, ...(isSame && { reading }) });
  },
  isBad: ({ isSame }) => !isSame,
  text: ({ entry, reading }) =>
    [...entryLines(entry), reading === undefined ? ANOTHER : SAME[reading]].join('\n'),
};

const ANOTHER = 'another text: this was not the body, or not to the octet';
const SAME: Readonly<Record<Reading, string>> = {
  'as-it-is': 'the same text: this was the body, octet by octet',
  'without-last-line-end': 'the same text, but for the line end at the end of the file',
  crlf: 'the same text, with CR LF as line ends',
  'crlf-without-last-line-end':
    'the same text, with CR LF as line ends and none at the end of the file',
};
