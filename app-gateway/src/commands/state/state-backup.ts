import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { archiveMarkSchema } from '../../backup/backup-manifest.ts';
import type { ArchiveFailure, ArchiveMark, ArchivePage } from '../../ports/state-archive.ts';
import type { CommandDefinition } from '../command.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { STATE_BACKUP } from './state-descriptions.ts';

const schema = z.strictObject({
  /** What the copy is of, and where to go on: the command line gives back what it was given. */
  mark: archiveMarkSchema.optional(),
  place: z
    .strictObject({ step: z.int().min(0).max(1000), after: z.array(z.string().max(4096)).max(8) })
    .optional(),
});

/** A piece of the database, as the command line puts it into a backup. */
export interface BackupPage extends ArchivePage {
  readonly mark: ArchiveMark;
  readonly journalWaitingBytes?: number;
}

/** The database in pieces, all of one moment, for a backup. */
export const stateBackup: CommandDefinition<z.infer<typeof schema>, BackupPage> = {
  ...STATE_BACKUP,
  schema,
  async run({ archive, readOnly, journalWaitingBytes }, { mark: given, place }) {
    if (archive === undefined) return err(readOnly ?? NO_DATABASE);
    const mark = given === undefined ? await archive.mark() : ok(given);
    if (!mark.ok) return err(refusalOf(mark.error));
    const page: Result<ArchivePage, ArchiveFailure> = await archive.page(mark.value, place);
    if (!page.ok) return err(refusalOf(page.error));
    const waiting = journalWaitingBytes?.();
    return ok({
      mark: mark.value,
      ...page.value,
      ...(waiting !== undefined && { journalWaitingBytes: waiting }),
    });
  },
  text: ({ mark }) => `revision ${mark.revision}, ${mark.size} records`,
};

/** What the command line begins anew for. */
export const BACKUP_OVERTAKEN = 'backup-overtaken';

const NO_DATABASE: CommandRefusal = {
  code: 'partners-in-files',
  message: 'this site has no database',
  next: 'its bundle is all there is',
};

function refusalOf(failure: ArchiveFailure): CommandRefusal {
  switch (failure.code) {
    case 'overtaken':
      return {
        code: BACKUP_OVERTAKEN,
        message: 'partners, keys, operators or nodes were changed while the backup began',
        next: 'give the command once more',
      };
    case 'unavailable':
      return {
        code: 'store-unavailable',
        message: `the database does not give a copy: ${failure.reason}`,
        next: 'see the log of the gateway; where a day was dropped meanwhile, give the command once more',
      };
  }
}
