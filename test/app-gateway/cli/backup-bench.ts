import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import { type BackupFrame, encodeFrame } from '@sallyport/app-gateway/backup/backup-frame.ts';
import { readBackup } from '@sallyport/app-gateway/backup/read-backup.ts';
import {
  type BackupOptions,
  backupCommand,
} from '@sallyport/app-gateway/cli/backup/backup-command.ts';
import {
  type RestoreOptions,
  restoreCommand,
} from '@sallyport/app-gateway/cli/backup/restore-command.ts';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import type { Outcome } from '@sallyport/app-gateway/cli/outcome.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';
import { ledgerSigningKey } from '@sallyport/app-gateway/domain/ledger-keys.ts';
import { SealedFileWriter } from '@sallyport/certs/sealed-file.ts';
import { formatCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { formatNote, signNote } from '@sallyport/shared/audit/note.ts';
import { CommandBench } from '../commands/command-bench.ts';
import { NOON_MS, sourceOf, span } from '../ports/audit-records.ts';
import { unwrap } from '../ports/unwrap.ts';
import { surroundingsOf } from './test-surroundings.ts';

export const PASSPHRASE = 'four words of a sentence';

/** The same frames, as if the tables had had other steps. */
export function withSteps(
  frames: readonly BackupFrame[],
  change: (steps: readonly string[]) => readonly string[],
): readonly BackupFrame[] {
  return frames.map((frame): BackupFrame => {
    if (frame.kind !== 'manifest' || frame.manifest.mark === undefined) return frame;
    const { mark } = frame.manifest;
    const migrations = change(mark.migrations);
    return { ...frame, manifest: { ...frame.manifest, mark: { ...mark, migrations } } };
  });
}

/** A gateway's bundle with its socket, and a database behind it with some partners and records. */
export class BackupBench {
  readonly folder: string;
  readonly bench: CommandBench;

  private constructor(folder: string, bench: CommandBench) {
    this.folder = folder;
    this.bench = bench;
  }

  static async open(): Promise<BackupBench> {
    const folder = await mkdtemp(join(tmpdir(), 'backup-'));
    const site = join(folder, 'site');
    const made = await initCommand(
      site,
      { layout: 'dual-dmz', site: 'acme', domain: ['acme.example'] },
      Date.now,
    );
    assert.equal(made.exitCode, 0, made.text);
    const bundled = await bundleCommand(site, Date.now);
    assert.equal(bundled.exitCode, 0, bundled.text);
    await writeFile(join(folder, 'passphrase'), `${PASSPHRASE}\n`);
    const opened = new BackupBench(folder, await CommandBench.open());
    await opened.bench.people('ann');
    await mkdir(join(opened.bundle, 'run'), { recursive: true });
    assert.ok((await opened.bench.server.listen(join(opened.bundle, 'run/admin.sock'))).ok);
    return opened;
  }

  get bundle(): string {
    return join(this.folder, 'site/hosts/gateway-1');
  }

  get store(): SqlStateStore {
    return this.bench.context.store as SqlStateStore;
  }

  /** Records of one run, and a checkpoint of them that the site's own key signs. */
  async record(first: number, end: number): Promise<void> {
    unwrap(await this.store.ledger.append([span(sourceOf('edge-1'), first, end)], NOON_MS));
    const { size, root } = unwrap(await this.store.ledger.head());
    const text = formatCheckpoint({ origin: 'sallyport/acme', size, root, extensions: [] });
    const clusterKey = await readFile(join(this.bundle, 'cluster.key'), 'latin1');
    const key = ledgerSigningKey(Buffer.from(clusterKey.trim(), 'base64'));
    const note = { text, signatures: [signNote(text, 'sallyport/acme', key)] };
    unwrap(await this.store.ledger.addCheckpoint(size, formatNote(note), NOON_MS));
  }

  backup(out: string, options: BackupOptions = {}): Promise<Outcome> {
    return backupCommand(
      { bundle: this.bundle, out, passphraseFile: 'passphrase', ...options },
      surroundingsOf(this.folder, { nowMs: Date.now }),
    );
  }

  /** Restores with the passphrase of its backups. */
  restore(file: string, options: RestoreOptions): Promise<Outcome> {
    return restoreCommand(
      file,
      { passphraseFile: 'passphrase', ...options },
      surroundingsOf(this.folder, { nowMs: Date.now }),
    );
  }

  /** What stands in a backup. */
  async frames(file: string): Promise<BackupFrame[]> {
    const frames: BackupFrame[] = [];
    const bytes = await readFile(join(this.folder, file));
    for await (const frame of readBackup(Readable.from([bytes]), PASSPHRASE)) {
      frames.push(unwrap(frame));
    }
    return frames;
  }

  /** Writes a backup that its writer's passphrase seals, but not what a gateway wrote. */
  async forge(file: string, frames: readonly BackupFrame[]): Promise<void> {
    const pieces: Buffer[] = [];
    const writer = new SealedFileWriter(PASSPHRASE, async (bytes) => {
      pieces.push(bytes);
    });
    for (const frame of frames) await writer.add(encodeFrame(frame));
    await writer.end();
    await writeFile(join(this.folder, file), Buffer.concat(pieces));
  }

  async close(): Promise<void> {
    await this.bench.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
