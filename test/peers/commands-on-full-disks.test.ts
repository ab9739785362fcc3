import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { runCommandLine } from '@sallyport/app-gateway/cli/command-line.ts';
import { BackupBench } from '../app-gateway/cli/backup-bench.ts';
import { surroundingsOf } from '../app-gateway/cli/test-surroundings.ts';
import { needsMounts, SmallDisk } from './support/small-disk.ts';

const { skip } = needsMounts();
const DISK_MIB = 8;

/** All files below a folder, so that what a command left behind is seen. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

describe('commands that write onto a full disk', { skip, timeout: 120_000 }, () => {
  let bench: BackupBench;
  let disk: SmallDisk;
  before(async () => {
    bench = await BackupBench.open();
    const partner = { partner: 'globex', domain: ['globex.example'], method: ['MESSAGE'] };
    await bench.bench.done(['partner', 'add'], partner, 'ann');
    disk = SmallDisk.mount(DISK_MIB);
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
  ];
  const pass = () => ['--new-passphrase-file', join(bench.folder, 'passphrase')];
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
