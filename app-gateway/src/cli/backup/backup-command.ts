import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PASSPHRASE_CHARS_MIN } from '@sallyport/certs/operator-key.ts';
import { SealedFileWriter } from '@sallyport/certs/sealed-file.ts';
import { parsedJson } from '@sallyport/shared/parsed-json.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { BackupCheck } from '../../backup/backup-check.ts';
import { type BackupFrame, encodeFrame } from '../../backup/backup-frame.ts';
import type { BackupManifest } from '../../backup/backup-manifest.ts';
import { ADMIN_SOCKET } from '../../commands/admin-protocol.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import {
  BACKUP_OVERTAKEN,
  type BackupPage,
  stateBackup,
} from '../../commands/state/state-backup.ts';
import { shellWord } from '../../ledger/render/shell-word.ts';
import { programVersion } from '../../program-version.ts';
import { listBundle, readBundleFile } from '../bundle/bundle-files.ts';
import { whileUnfinished } from '../files/unfinished.ts';
import { PASSPHRASE_TOO_SHORT } from '../keys/key-file.ts';
import { readSecret } from '../keys/terminal-secret.ts';
import { causeOf, failure, type Outcome, refusedOutcome, remedyOf, success } from '../outcome.ts';
import { AdminClient } from '../remote/admin-client.ts';
import { type GatewayChoice, gatewaySocket } from '../remote/gateway-socket.ts';
import type { Surroundings } from '../surroundings.ts';

export interface BackupOptions extends GatewayChoice {
  readonly out?: string;
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

/** What is copied, and how it is sealed. */
interface BackupSource {
  readonly bundle: string;
  readonly socket: string;
  readonly passphrase: string;
  /** Whoever reads JSON wants no progress. */
  readonly isJson: boolean;
}

const TRIES_MAX = 3;
const PROGRESS_MS = 1000;
const GATEWAY_FILE = 'gateway.json';

/** `sallyport backup`: all that a gateway has, in one file that a passphrase seals; never over another file. */
export async function backupCommand(
  options: BackupOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { folder } = surroundings;
  if (options.out === undefined) return failure('no file is named', 'name it: --out FILE');
  const { socket: other, ...choice } = options;
  const found = gatewaySocket(choice, surroundings);
  if (!found.ok) return refusedOutcome(found.error);
  // A socket stands in its bundle, unless another was named.
  const bundle = resolve(found.value.slice(0, -ADMIN_SOCKET.length));
  const socket = other === undefined ? found.value : resolve(folder, other);
  const passphrase = await newPassphrase(options.passphraseFile, surroundings);
  if (!passphrase.ok) return refusedOutcome(passphrase.error);
  const out = resolve(folder, options.out);
  if (existsSync(out)) return failure(`${out} is there already`, 'name another file');
  for (let tried = 1; ; tried++) {
    const source = { bundle, socket, passphrase: passphrase.value, isJson: options.json === true };
    const done = await whileUnfinished(`${out}.part`, () => writeBackup(out, source, surroundings));
    if (done.ok) return outcomeOf(out, done.value);
    // Changes are rare, and a page of the state is read in no time.
    if (done.error.code === BACKUP_OVERTAKEN && tried < TRIES_MAX) continue;
    return refusedOutcome(done.error);
  }
}

async function newPassphrase(
  file: string | undefined,
  surroundings: Surroundings,
): Promise<Result<string, CommandRefusal>> {
  const what = 'passphrase of the backup';
  const passphrase = await readSecret({ what, file, isNew: true }, surroundings);
  if (!passphrase.ok || [...passphrase.value].length >= PASSPHRASE_CHARS_MIN) return passphrase;
  return err(PASSPHRASE_TOO_SHORT);
}

/** Written beside and renamed: what stands under the name is whole. */
async function writeBackup(
  out: string,
  source: BackupSource,
  surroundings: Surroundings,
): Promise<Result<BackupManifest, CommandRefusal>> {
  const beside = `${out}.part`;
  let file: FileHandle | undefined;
  try {
    file = await open(beside, 'wx', 0o600);
    const done = await writeParts(file, source, surroundings);
    await file.datasync();
    await file.close();
    if (done.ok) await rename(beside, out);
    else await rm(beside, { force: true });
    return done;
  } catch (cause) {
    await file?.close().catch(() => undefined);
    if (file !== undefined) await rm(beside, { force: true });
    const next = remedyOf(cause, 'see to the folder, and try again');
    return err(refusal(`${beside}: ${causeOf(cause)}`, next));
  }
}

async function writeParts(
  file: FileHandle,
  { bundle, socket, passphrase, isJson }: BackupSource,
  { messages, nowMs }: Surroundings,
): Promise<Result<BackupManifest, CommandRefusal>> {
  const sealed = new SealedFileWriter(passphrase, async (bytes) => {
    await file.writeFile(bytes);
  });
  const check = new BackupCheck();
  const put = (frame: BackupFrame) => {
    check.take(frame);
    return sealed.add(encodeFrame(frame));
  };
  const createdAtMs = nowMs();
  let toldAt = createdAtMs;
  const files = await putFiles(bundle, put);
  if (!files.ok) return files;
  const database = await putRows(socket, put, (mark) => {
    if (isJson || messages.isTTY !== true || nowMs() - toldAt < PROGRESS_MS) return;
    toldAt = nowMs();
    const records = check.counted.tables['audit_entry']?.rows ?? 0;
    messages.write(`backup: ${records} of ${mark.size} records …\n`);
  });
  if (!database.ok) return database;
  const manifest: BackupManifest = {
    format: 'sallyport-backup',
    version: 1,
    ...files.value,
    program: programVersion(),
    createdAtMs,
    ...database.value,
    ...check.counted,
  };
  await sealed.add(encodeFrame({ kind: 'manifest', manifest }));
  await sealed.end();
  return ok(manifest);
}

/** The bundle; and of which gateway it is. */
async function putFiles(
  bundle: string,
  put: (frame: BackupFrame) => Promise<void>,
): Promise<Result<Pick<BackupManifest, 'site' | 'node'>, CommandRefusal>> {
  const paths = await listBundle(bundle);
  if (!paths.ok) return err(refusal(`${bundle}: ${paths.error}`, 'a bundle has plain files alone'));
  let identity: Pick<BackupManifest, 'site' | 'node'> | undefined;
  for (const path of paths.value) {
    const read = await readBundleFile(bundle, path);
    if (!read.ok) return err(refusal(read.error, 'give the command as the user of the gateway'));
    const { content } = read.value;
    if (path === GATEWAY_FILE) identity = identityIn(content);
    await put({ kind: 'file', ...read.value });
  }
  return identity === undefined
    ? err(refusal(`${GATEWAY_FILE}: is not understood`, 'write the bundle anew'))
    : ok(identity);
}

function identityIn(content: Buffer): Pick<BackupManifest, 'site' | 'node'> | undefined {
  const { site, node } = Object(parsedJson(content.toString('utf8'))) as Record<string, unknown>;
  return typeof site === 'string' && typeof node === 'string' ? { site, node } : undefined;
}

/** The database, as the running gateway gives it; a site without one has nothing more. */
async function putRows(
  socket: string,
  put: (frame: BackupFrame) => Promise<void>,
  told: (mark: BackupPage['mark']) => void,
): Promise<Result<Pick<BackupManifest, 'mark' | 'journalWaitingBytes'>, CommandRefusal>> {
  const client = new AdminClient(socket);
  const ask = async (parameters: object): Promise<Result<BackupPage, CommandRefusal>> => {
    const answer = await client.ask(stateBackup.words, { parameters: { ...parameters } });
    return answer.ok ? ok(answer.answer as BackupPage) : err(answer.error);
  };
  let page = await ask({});
  if (!page.ok) return page.error.code === 'partners-in-files' ? ok({}) : page;
  const { mark, journalWaitingBytes } = page.value;
  for (;;) {
    for (const { table, rows } of page.value.tables) await put({ kind: 'rows', table, rows });
    told(mark);
    const { next: place } = page.value;
    if (place === undefined) break;
    page = await ask({ mark, place });
    if (!page.ok) return page;
  }
  return ok({ mark, ...(journalWaitingBytes !== undefined && { journalWaitingBytes }) });
}

function outcomeOf(
  path: string,
  { files, tables, mark, journalWaitingBytes }: BackupManifest,
): Outcome {
  const rows = Object.values(tables).reduce((sum, table) => sum + table.rows, 0);
  const waiting = journalWaitingBytes ?? 0;
  const lines = [
    `written: ${path}`,
    `${files.length} files, ${rows} rows${mark === undefined ? ', no database' : `, ${mark.size} records of the ledger, revision ${mark.revision}`}`,
    ...(waiting > 0
      ? [`not in it: ${waiting} octets of records that are in the journal alone`]
      : []),
    `next: sallyport restore --check ${shellWord(path)}`,
  ];
  return success(lines, { file: path, files: files.length, rows, mark, journalWaitingBytes });
}

function refusal(message: string, next: string): CommandRefusal {
  return { code: 'backup-not-written', message, next };
}
