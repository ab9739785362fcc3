import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { runCommandLine } from '@sallyport/app-gateway/cli/command-line.ts';
import { answerRequest } from '@sallyport/certs/answer-request.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { BackupBench } from '../app-gateway/cli/backup-bench.ts';
import { surroundingsOf } from '../app-gateway/cli/test-surroundings.ts';
import { AuditBench } from '../app-gateway/commands/audit/audit-bench.ts';
import { type CommandBench, sent } from '../app-gateway/commands/command-bench.ts';
import { needsMounts, SmallDisk } from './support/small-disk.ts';

const { skip } = needsMounts();
/** Room for a database of its own. */
const DISK_MIB = 128;
/** More than a row's first files, less than the row. */
const SOME_BYTES = 3_000_000;
/** More than an empty database, less than one with our tables. */
const DATABASE_BYTES = 40_200_000;

/** All files below a folder, so that what a command left behind is seen. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

/** What a file of so many bytes takes on such a disk. */
function pages(bytes: number): number {
  return Math.ceil(bytes / 4096) * 4096;
}

/** A key of ours with a certificate: an offer needs one. */
async function ownCertificate(bench: CommandBench): Promise<void> {
  const days = validForDays(Date.now(), 30);
  const authority = await createAuthority({ commonName: 'federation CA', ...days });
  const { key, requestPem } = await bench.done<{ key: string; requestPem: string }>(
    ['cert', 'request'],
    { identity: 'main' },
    'ann',
  );
  const issued = await answerRequest(authority, requestPem, days);
  assert.ok(issued.ok);
  const file = sent('main.pem', issued.value);
  const anchors = sent('root.pem', authority.certificatePem);
  await bench.done(['cert', 'install'], { identity: 'main', key, file, anchors }, 'ann');
}

describe('commands that write onto a full disk', { skip, timeout: 120_000 }, () => {
  let bench: BackupBench;
  let disk: SmallDisk;
  before(async () => {
    bench = await BackupBench.open();
    const partner = { partner: 'globex', domain: ['globex.example'], method: ['MESSAGE'] };
    await bench.bench.done(['partner', 'add'], partner, 'ann');
    await bench.record(0, 40);
    const audited = await AuditBench.open();
    const ledger = { reader: audited.site.ledger, keys: audited.site.publicKeys };
    Object.assign(bench.bench.context, { ledger });
    await audited.close();
    const key = ['operator', 'key', 'ben', '--new-key', join(bench.folder, 'ben.key'), ...pass()];
    assert.equal((await sallyport(key)).code, 0);
    const base64 = readFileSync(join(bench.folder, 'ben.pub')).toString('base64');
    const ben = { operator: 'ben', role: 'operator', publicKey: { name: 'ben.pub', base64 } };
    await bench.bench.done(['operator', 'add'], ben, 'ann');
    bench.bench.nowMs = Date.now();
    await ownCertificate(bench.bench);
    disk = SmallDisk.mount(DISK_MIB);
    const backup = await bench.backup(join(bench.folder, 'backup'));
    assert.equal(backup.exitCode, 0, backup.text);
    const made = await sallyport(['init', site(), '--preset', 'dual-dmz']);
    assert.equal(made.code, 0, made.said);
  });
  after(async () => {
    disk.unmount();
    await bench.close();
  });

  const onDisk = (name: string) => join(disk.folder, name);
  async function sallyport(words: readonly string[]): Promise<{ code: number; said: string }> {
    let said = '';
    const take = () =>
      new Writable({
        write(chunk: Buffer, _, done) {
          said += chunk.toString();
          done();
        },
      });
    const surroundings = surroundingsOf(bench.folder, { nowMs: Date.now, messages: take() });
    return { code: await runCommandLine(words, surroundings, take()), said };
  }

  const site = () => join(bench.folder, 'preset');
  const ofBundle = () => ['--bundle', bench.bundle];
  //  command, and its words
  const table: readonly (readonly [string, () => readonly string[]])[] = [
    ['init', () => ['init', onDisk('site'), '--preset', 'dual-dmz']],
    ['plan', () => ['plan', site(), '--out', onDisk('plan')]],
    ['plan --preset', () => ['plan', '--preset', 'single-dmz', '--out', onDisk('example')]],
    ['bundle', () => ['bundle', onDisk('site')]],
    ['node request', () => ['node', 'request', '--bundle', bench.bundle, '--out', disk.folder]],
    ['operator key', () => ['operator', 'key', 'zoe', '--new-key', onDisk('zoe.key'), ...pass()]],
    ['backup', () => ['backup', '--out', onDisk('backup'), ...ofBundle(), ...passphraseFile()]],
    ['export', () => ['export', '--out', onDisk('export'), ...ofBundle()]],
    ['restore', () => ['restore', taken(), '--bundle', onDisk('restored'), ...passphraseFile()]],
    ...(['pack', 'jsonl', 'csv'] as const).map(
      (format) =>
        [
          `audit export --format ${format}`,
          () => ['audit', 'export', '--format', format, '--out', onDisk(format), ...ofBundle()],
        ] as const,
    ),
    ['audit report', () => [...report(), '--out', onDisk('report.html'), ...ofBundle()]],
    ['audit keys', () => ['audit', 'keys', '--out', onDisk('keys'), ...ofBundle()]],
    [
      'partner offer',
      () => ['partner', 'offer', 'globex', '--out', disk.folder, ...ofBundle(), ...asOperator()],
    ],
  ];
  const pass = () => ['--new-passphrase-file', join(bench.folder, 'passphrase')];
  const report = () => ['audit', 'report', '--partner', 'globex', '--month', '2026-06'];
  const taken = () => join(bench.folder, 'backup');
  const asOperator = () => ['--operator-key', join(bench.folder, 'ben.key'), ...passphraseFile()];
  const passphraseFile = () => ['--passphrase-file', join(bench.folder, 'passphrase')];

  for (const [name, words] of table) {
    it(`${name}: says that it is full, leaves nothing, and is done when there is room`, async () => {
      const earlier = filesIn(disk.folder);
      disk.fill();
      const full = await sallyport(words());
      disk.free();
      assert.equal(full.code, 1, full.said);
      assert.match(full.said, /no space left on the disk/);
      assert.match(full.said, /next: make room there, and give the command once more/);
      assert.doesNotMatch(full.said, /permission/);
      assert.deepEqual(filesIn(disk.folder), earlier);
      const done = await sallyport(words());
      assert.equal(done.code, 0, done.said);
    });
  }

  it('restore, with room for the files and none for the database: says so, leaves nothing', async () => {
    const earlier = filesIn(disk.folder);
    for (const leavingBytes of [SOME_BYTES, DATABASE_BYTES]) {
      disk.fill(leavingBytes);
      const full = await sallyport([
        ...['restore', taken(), '--bundle', onDisk('again')],
        ...passphraseFile(),
      ]);
      disk.free();
      assert.equal(full.code, 1, full.said);
      assert.ok(full.said.includes(`${onDisk('again')} is not restored: `), full.said);
      assert.match(full.said, /no space left on .*\n {2}next: make room (?:there|on its disk)/i);
      assert.deepEqual(filesIn(disk.folder), earlier);
    }
  });

  it('doctor --report: says that it is full, and leaves no proof without its signature', async () => {
    const plan = join(bench.folder, 'planned');
    assert.equal((await sallyport(['plan', site(), '--out', plan])).code, 0);
    const words = ['doctor', '--report', 'none.json', '--against', join(plan, 'matrix.json')];
    const proof = ['--out', onDisk('proof.html'), '--operator-key', join(bench.folder, 'ben.key')];
    const report = () => sallyport([...words, ...proof, ...passphraseFile()]);
    // Nothing is proven by no result; the page says that and is written.
    const written = () => filesIn(disk.folder).filter((file) => file.includes('proof'));
    await report();
    const pageBytes = statSync(onDisk('proof.html')).size;
    for (const file of written()) rmSync(file);
    // Nothing fits; the page does and its signature does not.
    for (const leavingBytes of [0, pages(pageBytes)]) {
      disk.fill(leavingBytes);
      const full = await report();
      disk.free();
      assert.equal(full.code, 1, full.said);
      assert.ok(
        full.said.includes(`cannot write ${onDisk('proof.html')}: no space left`),
        full.said,
      );
      assert.match(full.said, /next: make room there/);
      assert.deepEqual(written(), []);
    }
    assert.match((await report()).said, /NOT PROVEN/);
    assert.deepEqual(written(), [onDisk('proof.html'), onDisk('proof.html.sig')]);
  });

  it('a plan whose site lies there: names the site’s folder, and keeps what it knows of former hosts', async () => {
    const former = onDisk('site/keys/former-witnesses.json');
    const known = `${JSON.stringify({ 'edge-0': { key: Buffer.alloc(32, 7).toString('base64'), since: '2026-01-02' } })}\n`;
    writeFileSync(former, known);
    disk.fill();
    const out = join(bench.folder, 'plan-elsewhere');
    const full = await sallyport(['plan', onDisk('site'), '--out', out]);
    disk.free();
    assert.equal(full.code, 1, full.said);
    assert.ok(full.said.includes(`${onDisk('site')}: no space left`), full.said);
    assert.equal(readFileSync(former, 'utf8'), known);
    assert.equal(existsSync(out), false);
  });
});
