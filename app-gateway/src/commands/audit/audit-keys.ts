import { formatNoteKey } from '@sallyport/shared/audit/note-key.ts';
import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { checkpointText } from '../../ledger/checkpoint-text.ts';
import { provableCheckpoint } from '../../ledger/provable-checkpoint.ts';
import { visibleText } from '../../ledger/render/visible-text.ts';
import { noteKeysOf } from '../../ledger/verify/checkpoint-check.ts';
import type { LedgerKeys } from '../../ledger/verify/pack-format.ts';
import type { AnswerFile, CommandDefinition } from '../command.ts';
import { nextLine } from '../text-table.ts';
import { AUDIT_KEYS } from './audit-descriptions.ts';
import { answered, ledgerIn } from './audit-ledger.ts';

const schema = z.strictObject({});

interface Kept {
  readonly keys: LedgerKeys;
  readonly files: readonly AnswerFile[];
}

/** What an auditor keeps away from the site: the public keys, and where the ledger is today. */
export const auditKeys: CommandDefinition<z.infer<typeof schema>, Kept> = {
  ...AUDIT_KEYS,
  schema,
  async run(context) {
    const ledger = ledgerIn(context);
    if (!ledger.ok) return ledger;
    const { reader, keys } = ledger.value;
    const newest = answered(await provableCheckpoint(reader));
    if (!newest.ok) return newest;
    const files = [
      { name: 'ledger-keys.json', text: `${JSON.stringify(keys, undefined, 2)}\n` },
      ...(newest.value === undefined
        ? []
        : [{ name: 'ledger-checkpoint.txt', text: checkpointText(newest.value) }]),
      { name: 'ledger-keys.txt', text: verifierKeys(keys) },
    ];
    return ok({ keys, files });
  },
  text: ({ keys }) =>
    [
      `ledger ${visibleText(keys.origin)}: ${keys.ledger}`,
      ...Object.entries(keys.witnesses).map(
        ([node, key]) => `witness ${visibleText(node)}: ${key}${formerText(keys.former?.[node])}`,
      ),
      nextLine('keep the files where nobody of this site can write'),
    ].join('\n'),
  files: ({ files }) => files,
};

/** A line each; without hosts of former times, whose word counts up to a day, which other programs do not know. */
function verifierKeys(keys: LedgerKeys): string {
  const { ledger, witnesses } = noteKeysOf(keys);
  const present = witnesses.filter(({ node }) => keys.former?.[node] === undefined);
  return [ledger, ...present.map(({ key }) => key)]
    .map((key) => `${formatNoteKey(key)}\n`)
    .join('');
}

function formerText(since: string | undefined): string {
  return since === undefined ? '' : ` (no longer of the site since ${since})`;
}
