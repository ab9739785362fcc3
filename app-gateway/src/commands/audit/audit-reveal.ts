import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { openBody } from '../../ledger/bodies/seal-body.ts';
import { entryLines } from '../../ledger/render/entry-line.ts';
import { type EntryView, entryView } from '../../ledger/render/entry-view.ts';
import { visibleText } from '../../ledger/render/visible-text.ts';
import type { CommandDefinition } from '../command.ts';
import { reason } from '../parameter-schema.ts';
import { bodyDeskIn, bodyRefusal } from './audit-bodies.ts';
import { AUDIT_REVEAL } from './audit-descriptions.ts';
import { ordererOf } from './audit-hold.ts';
import { ledgerIn } from './audit-ledger.ts';

const schema = z.strictObject({
  record: z.int().min(0),
  reason,
  out: z.literal(true).optional(),
});

/** What the gateway gives out is sealed; what the command line makes of it is the body. */
interface Revealed {
  readonly entry: EntryView;
  readonly isForFile: boolean;
  readonly sealed?: string;
  readonly bodyKey?: string;
  /** Base64. */
  readonly body?: string;
}

/** Reads a recorded body: with an auditor's key, a reason, and a record of the reading. */
export const auditReveal: CommandDefinition<z.infer<typeof schema>, Revealed> = {
  ...AUDIT_REVEAL,
  schema,
  async run(context, { record, reason: why, out }, author) {
    const ledger = ledgerIn(context);
    if (!ledger.ok) return ledger;
    const desk = bodyDeskIn(context);
    if (!desk.ok) return desk;
    const given = await desk.value.reveal(ledger.value.reader, {
      ...ordererOf(author),
      reason: why,
      recordIndex: record,
    });
    if (!given.ok) return err(bodyRefusal(given.error));
    const { entry, sealed, bodyKey } = given.value;
    return ok({
      entry: entryView(entry),
      isForFile: out === true,
      sealed: sealed.toString('base64'),
      bodyKey: bodyKey.toString('base64'),
    });
  },
  opened({ entry, isForFile, sealed = '', bodyKey = '' }, privateKey) {
    const octets = Buffer.from(sealed, 'base64');
    const body = openBody(octets, privateKey, Buffer.from(bodyKey, 'base64'));
    if (body.ok) return ok({ entry, isForFile, body: body.value.toString('base64') });
    return err({
      code: body.error,
      message: 'this key does not open the body; that it was asked for is on record',
      next: `give the key of one of its recipients: ${String(entry.fields['recipients'])}`,
    });
  },
  text({ entry, isForFile, body = '' }) {
    if (isForFile) return entryLines(entry).join('\n');
    const lines = Buffer.from(body, 'base64')
      .toString('latin1')
      .split(/\r?\n/)
      .map((line) => `  ${visibleText(Buffer.from(line, 'latin1'))}`);
    return [...entryLines(entry), 'body:', ...lines].join('\n');
  },
  files: ({ isForFile, body = '' }) =>
    isForFile ? [{ name: 'body', text: '', octets: Buffer.from(body, 'base64') }] : [],
};
