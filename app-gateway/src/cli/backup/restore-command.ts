import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { MIGRATIONS } from '../../adapters/database/migrate.ts';
import { openStateStore } from '../../adapters/database/open-state-store.ts';
import type { SqlStateStore } from '../../adapters/database/sql-state-store.ts';
import { readSiteFolder } from '../../adapters/files/site-folder.ts';
import { BackupCheck, type BackupChecked } from '../../backup/backup-check.ts';
import type { BackupFrame } from '../../backup/backup-frame.ts';
import type { BackupManifest } from '../../backup/backup-manifest.ts';
import { readBackup } from '../../backup/read-backup.ts';
import type { ArchiveRows } from '../../ports/state-archive.ts';
import { keepTime } from '../files/planned-file.ts';
import { whileUnfinished } from '../files/unfinished.ts';
import { readSecret } from '../keys/terminal-secret.ts';
import { causeOf, failure, type Outcome, refusedOutcome, remedyOf, success } from '../outcome.ts';
import type { Surroundings } from '../surroundings.ts';

export interface RestoreOptions {
  readonly bundle?: string;
  readonly passphraseFile?: string;
  /** Verify, and write nothing. */
  readonly check?: boolean;
  /** False: the files alone, where the database is still there. */
  readonly database?: boolean;
  /** Takes the place of the site.yaml in the backup: where the database is another one now. */
  readonly site?: string;
  readonly json?: boolean;
}

type Whole = BackupChecked & { readonly manifest: BackupManifest };

const READ_BYTES = 262_144;
const PROGRESS_MS = 1000;

/** `sallyport restore`: verifies a backup, and puts it into an empty folder unless it was only to be verified. */
export async function restoreCommand(
  file: string,
  options: RestoreOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const path = resolve(surroundings.folder, file);
  const { bundle, check, passphraseFile } = options;
  if (!existsSync(path)) {
    return failure(`${path} cannot be read: no such file`, 'check the name of the file');
  }
  const what = 'passphrase of the backup';
  const passphrase = await readSecret({ what, file: passphraseFile }, surroundings);
  if (!passphrase.ok) return refusedOutcome(passphrase.error);
  const checked = await checkBackup(path, passphrase.value, options, surroundings);
  if (!checked.ok)
    return failure(
      `${path} ${checked.error}`,
      'check file and passphrase; a backup that is not whole is none',
    );
  if (check === true || bundle === undefined) return checkedOutcome(path, checked.value);
  const target = resolve(surroundings.folder, bundle);
  const { mark } = checked.value.manifest;
  const done = await restore(path, passphrase.value, target, {
    mark: options.database === false ? undefined : mark,
    site: options.site && resolve(surroundings.folder, options.site),
    siteName: checked.value.manifest.site,
  });
  const after = options.database === false ? AFTER_FILES : AFTER_ALL;
  return done.ok ? restoredOutcome(target, checked.value, after) : failure(done.error, done.next);
}

/** Reads all of it once; the error says what the file is or has. */
async function checkBackup(
  path: string,
  passphrase: string,
  { json }: RestoreOptions,
  { messages, nowMs }: Surroundings,
): Promise<Result<Whole, string>> {
  const check = new BackupCheck();
  let toldAt = nowMs();
  try {
    for await (const frame of readBackup(bytesOf(path), passphrase)) {
      if (!frame.ok) return frame;
      check.take(frame.value);
      if (json === true || messages.isTTY !== true || nowMs() - toldAt < PROGRESS_MS) continue;
      toldAt = nowMs();
      messages.write(`verified: ${check.counted.tables['audit_entry']?.rows ?? 0} records …\n`);
    }
  } catch (cause) {
    return err(`cannot be read: ${causeOf(cause)}`);
  }
  const { manifest, problems, ledger } = check.finish();
  if (manifest === undefined || problems.length > 0) {
    return err(['is not as it was written:', ...problems].join('\n  '));
  }
  return ok({ manifest, problems, ledger });
}

/** What is put back of a backup. */
interface Wanted {
  /** Of its database; undefined: files alone. */
  readonly mark: BackupManifest['mark'];
  readonly site: string | undefined;
  readonly siteName: string;
}

/** Why it was not put back, and what to do about it. */
interface NotRestored {
  readonly error: string;
  readonly next: string;
}

type Restored = { readonly ok: true } | ({ readonly ok: false } & NotRestored);

/** Everything is made beside the folder and takes its name at the end; what fails leaves nothing. */
async function restore(
  path: string,
  passphrase: string,
  target: string,
  { mark, site, siteName }: Wanted,
): Promise<Restored> {
  if (!(await isFree(target))) {
    return failed(`${target} is not empty`, 'name a folder that is empty, or not there yet');
  }
  const unknown = mark && unknownSteps(mark.migrations);
  if (unknown !== undefined && unknown.length > 0) {
    const version = 'restore with the version of Sallyport that wrote it, or a later one';
    return failed(`its tables are of a later version (${unknown.join(', ')})`, version);
  }
  const beside = `${target}.restoring-${randomBytes(4).toString('hex')}`;
  return await whileUnfinished(beside, async () => {
    try {
      await mkdir(dirname(target), { recursive: true });
      await mkdir(beside, { mode: 0o700 });
      await writeFiles(path, passphrase, beside);
      if (site !== undefined) {
        const refusal = await placeSite(site, beside, siteName);
        if (refusal !== undefined)
          return failed(`${site} ${refusal}`, 'give the changed site.yaml');
      }
      const rows =
        mark === undefined ? ok(undefined) : await writeRows(path, passphrase, beside, mark);
      if (!rows.ok) {
        // The folder beside is gone by the time that somebody reads of it.
        const why = rows.error.error.replaceAll(beside, target);
        return failed(`${target} is not restored: ${why}`, rows.error.next);
      }
      if (existsSync(target)) await rmdir(target);
      await rename(beside, target);
      return { ok: true };
    } catch (cause) {
      return failed(
        `${target}: ${causeOf(cause)}`,
        remedyOf(cause, 'see to the disk and its permissions, and try again'),
      );
    } finally {
      await rm(beside, { recursive: true, force: true });
    }
  });
}

/** Steps to its tables that are not the first ones of ours, in order. */
function unknownSteps(steps: readonly string[]): readonly string[] {
  const known = Object.keys(MIGRATIONS);
  return steps.filter((step, at) => step !== known[at]);
}

async function isFree(folder: string): Promise<boolean> {
  return !existsSync(folder) || (await readdir(folder).catch(() => ['no folder'])).length === 0;
}

/** Permissions and times as they were: the times are versions. */
async function writeFiles(path: string, passphrase: string, folder: string): Promise<void> {
  const folders = new Map<string, number>();
  for await (const frame of framesOf(path, passphrase)) {
    if (frame.kind !== 'file') continue;
    const { path: inner, mode, mtimeMs, folderMtimeMs } = frame.file;
    const place = join(folder, inner);
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    await writeFile(place, frame.content, { mode, flag: 'wx' });
    await keepTime(place, mtimeMs);
    folders.set(dirname(place), folderMtimeMs);
  }
  for (const [place, mtimeMs] of folders) await keepTime(place, mtimeMs);
}

/** Another site.yaml for the restored files, with its time; what is wrong with it, or nothing. */
async function placeSite(
  path: string,
  folder: string,
  siteName: string,
): Promise<string | undefined> {
  const { mtimeMs } = await stat(path);
  await copyFile(path, join(folder, 'site.yaml'));
  await keepTime(join(folder, 'site.yaml'), mtimeMs);
  const { parsed, problems } = await readSiteFolder(folder);
  if (parsed === undefined) return `cannot be used: ${problems[0]?.message ?? 'it is no site'}`;
  const { name } = parsed.site.content;
  return name === siteName ? undefined : `is of the site ${name}, and the backup of ${siteName}`;
}

/** Into tables as they were when the rows were read: whatever program starts beside them brings them up to date. */
async function writeRows(
  path: string,
  passphrase: string,
  folder: string,
  { migrations }: NonNullable<BackupManifest['mark']>,
): Promise<Result<undefined, NotRestored>> {
  const { parsed } = await readSiteFolder(folder);
  const database = parsed?.site.content.database ?? { kind: 'embedded' };
  if (database.kind === 'files') {
    return err({ error: 'site.yaml names no database', next: SEE_TO_IT });
  }
  const opened = await openStateStore(database, folder, migrations.at(-1));
  if (!opened.ok) return err({ error: opened.error.message, next: opened.error.next });
  return filled(opened.value, rowsOf(path, passphrase));
}

const SEE_TO_IT = 'see to the database that site.yaml names, and try again';

async function filled(
  store: SqlStateStore,
  rows: AsyncIterable<ArchiveRows>,
): Promise<Result<undefined, NotRestored>> {
  const done = await store.restore(rows);
  await store.close();
  if (done.ok) return done;
  if (done.error.code === 'not-empty') {
    return err({
      error: 'the database is not empty: nothing was written into it',
      next: 'empty it, or name an empty one in a changed site.yaml (--site FILE); where it is the one to go on with, the files alone: --no-database',
    });
  }
  const { reason, isFull } = done.error;
  return err({
    error: `the database did not take it: ${reason}`,
    next: isFull ? 'make room on its disk, and try again' : SEE_TO_IT,
  });
}

async function* rowsOf(path: string, passphrase: string): AsyncGenerator<ArchiveRows> {
  for await (const frame of framesOf(path, passphrase)) if (frame.kind === 'rows') yield frame;
}

/** It was read to its end before: what is wrong now was changed in between. */
async function* framesOf(path: string, passphrase: string): AsyncGenerator<BackupFrame> {
  for await (const frame of readBackup(bytesOf(path), passphrase)) {
    if (!frame.ok) throw new Error(`the backup ${frame.error}`);
    yield frame.value;
  }
}

function bytesOf(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: READ_BYTES });
}

function checkedOutcome(path: string, whole: Whole): Outcome {
  const lines = [`${path} is whole`, ...factLines(whole)];
  return success(lines, { file: path, ...factsOf(whole) });
}

const AFTER_ALL =
  'read "Backup and restore" in docs/operations.md before you start it: what was done since is undone, severed partners included';
const AFTER_FILES =
  'the files alone are back: start it beside the database that site.yaml names, which is as it was';

function restoredOutcome(target: string, whole: Whole, next: string): Outcome {
  const lines = [`restored: ${target}`, ...factLines(whole), `next: ${next}`];
  return success(lines, { bundle: target, ...factsOf(whole) });
}

function factsOf({ manifest, ledger }: Whole) {
  const { site, node, program, createdAtMs, mark, journalWaitingBytes, tables, files } = manifest;
  const counts = Object.fromEntries(
    Object.entries(tables).map(([table, { rows }]) => [table, rows]),
  );
  return {
    ...{ site, node, program, createdAtMs, mark, journalWaitingBytes, ledger },
    tables: counts,
    files: files.length,
  };
}

function factLines({ manifest, ledger }: Whole): readonly string[] {
  const { site, node, program, createdAtMs, mark, files } = manifest;
  return [
    `gateway ${node} of ${site}, taken ${new Date(createdAtMs).toISOString()} by version ${program}`,
    `${files.length} files${mark === undefined ? ', no database' : `, revision ${mark.revision}, ${mark.eventSequence} changes`}`,
    ...(ledger === undefined
      ? []
      : [
          `ledger: ${ledger.records} records, ${ledger.checkpointSize === undefined ? 'nothing signed yet' : `the checkpoint of ${ledger.checkpointSize} fits them`}`,
        ]),
  ];
}

function failed(error: string, next: string): Restored {
  return { ok: false, error, next };
}
