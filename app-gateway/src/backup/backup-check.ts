import { createHash, createPublicKey, type Hash, hash } from 'node:crypto';
import { ledgerOrigin, ledgerSigningKey } from '../domain/ledger-keys.ts';
import type { BackupFrame } from './backup-frame.ts';
import type { BackupManifest } from './backup-manifest.ts';
import { LedgerCheck, type LedgerFound } from './ledger-check.ts';

/** What a backup turned out to be. */
export interface BackupChecked {
  /** Undefined: there is none, and so the backup is no whole one. */
  readonly manifest: BackupManifest | undefined;
  /** Undefined: there is no database in it. */
  readonly ledger: LedgerFound | undefined;
  /** Empty: everything is there, and as it was. */
  readonly problems: readonly string[];
}

/** Rows of a table as they are counted. */
interface Counted {
  rows: number;
  readonly sha256: Hash;
}

const CLUSTER_KEY = 'cluster.key';
const CLUSTER_KEY_OCTETS = 32;
const PROBLEMS_MAX = 50;

/** Counts what a backup holds as it is written, and checks it as it is read: both must come to the same. */
export class BackupCheck {
  readonly #tables = new Map<string, Counted>();
  readonly #files: BackupManifest['files'] = [];
  readonly #ledger = new LedgerCheck();
  readonly #problems: string[] = [];
  #clusterKey: Buffer | undefined;
  #manifest: BackupManifest | undefined;

  take(frame: BackupFrame): void {
    if (this.#manifest !== undefined) this.#wrong('something comes behind the end');
    switch (frame.kind) {
      case 'file': {
        const { file, content } = frame;
        if (file.path === CLUSTER_KEY) {
          this.#clusterKey = Buffer.from(content.toString('latin1').trim(), 'base64');
        }
        const bytes = content.length;
        this.#files.push({ ...file, bytes, sha256: hash('sha256', content) });
        return;
      }
      case 'rows':
        return this.#takeRows(frame.table, frame.rows);
      case 'manifest':
        this.#manifest = frame.manifest;
    }
  }

  /** What the manifest has to say of all that came so far. */
  get counted(): Pick<BackupManifest, 'tables' | 'files'> {
    const tables = [...this.#tables].map(([table, { rows, sha256 }]) => {
      return [table, { rows, sha256: sha256.copy().digest('hex') }] as const;
    });
    return { tables: Object.fromEntries(tables), files: [...this.#files] };
  }

  finish(): BackupChecked {
    const manifest = this.#manifest;
    if (manifest === undefined) {
      this.#wrong('it has no end: it was not written to the end');
      return { manifest, ledger: undefined, problems: this.#problems };
    }
    this.#compareTables(manifest);
    this.#compareFiles(manifest);
    const ledger = manifest.mark && this.#finishLedger(manifest, manifest.mark);
    return { manifest, ledger, problems: this.#problems };
  }

  #takeRows(table: string, rows: readonly string[]): void {
    const counted = this.#tables.get(table) ?? { rows: 0, sha256: createHash('sha256') };
    this.#tables.set(table, counted);
    for (const row of rows) {
      counted.rows++;
      counted.sha256.update(`${row}\n`);
    }
    try {
      this.#ledger.take(table, rows);
    } catch {
      // Rows are sealed as the database gave them: what JSON says by throwing is a fault of ours.
      this.#wrong(`${table}: rows are not understood`);
    }
  }

  #compareTables({ tables }: BackupManifest): void {
    const found = this.counted.tables;
    for (const table of new Set([...Object.keys(tables), ...Object.keys(found)])) {
      const wanted = tables[table]?.rows ?? 0;
      const rows = found[table]?.rows ?? 0;
      if (rows !== wanted) this.#wrong(`${table}: ${rows} rows, and ${wanted} were written`);
      else if (found[table]?.sha256 !== tables[table]?.sha256) {
        this.#wrong(`${table}: rows are not those that were written`);
      }
    }
  }

  #compareFiles({ files }: BackupManifest): void {
    const wanted = new Map(files.map((file) => [file.path, JSON.stringify(file)]));
    for (const file of this.#files) {
      if (wanted.get(file.path) !== JSON.stringify(file)) this.#wrong(`${file.path}: is another`);
      wanted.delete(file.path);
    }
    for (const path of wanted.keys()) this.#wrong(`${path}: is missing`);
  }

  #finishLedger(
    { site }: BackupManifest,
    mark: NonNullable<BackupManifest['mark']>,
  ): LedgerFound | undefined {
    if (this.#clusterKey?.length !== CLUSTER_KEY_OCTETS) {
      this.#wrong(`${CLUSTER_KEY}: is missing, so that nothing signed can be verified`);
      return undefined;
    }
    const publicKey = createPublicKey(ledgerSigningKey(this.#clusterKey));
    const { problems, found } = this.#ledger.finish(mark, ledgerOrigin(site), publicKey);
    for (const problem of problems) this.#wrong(problem);
    return found;
  }

  #wrong(problem: string): void {
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(problem);
  }
}
