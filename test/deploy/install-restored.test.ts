import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { bundleHost, GATEWAY } from './bundle-host.ts';

describe('the script that puts a restored gateway in its place', () => {
  const { path, etc, text, everything, stub, run, installed, bundle } = bundleHost();

  /** What `sallyport restore` wrote: a bundle as it was in its place, and the database that it had. */
  function restored(mark: string, more: Record<string, string> = {}): string {
    const settings = { site: 'acme', node: 'g-1', mark };
    const gateway = {
      'gateway.json': `${JSON.stringify(settings, undefined, 2)}\n`,
      'site.yaml': mark,
      ...more,
    };
    const folder = bundle('back', mark, gateway);
    rmSync(join(folder, 'proxy.json'));
    const sums = readFileSync(join(folder, 'SHA256SUMS'), 'utf8').replace(/.*proxy\.json\n/, '');
    writeFileSync(join(folder, 'SHA256SUMS'), sums);
    mkdirSync(join(folder, 'state/data'), { recursive: true });
    writeFileSync(join(folder, 'state/data/rows'), mark);
    return folder;
  }

  it('puts what was restored in its place with its database, and what was there aside', () => {
    const keys = { 'channel.key': 'K', 'channel.crt': 'C' };
    installed(['g-1', restored('lost', keys)], GATEWAY);
    writeFileSync(path('var/g-1/state/rows'), 'lost');
    mkdirSync(path('var/g-1/run/audit'));
    const said = installed(['--restored', 'g-1', restored('saved', keys)], GATEWAY);
    assert.match(said, /as it was backed up; read "After a restore"/);
    assert.match(said, /What the node had before is in .*var\/g-1\.former/);
    assert.equal(text('etc/g-1/site.yaml'), 'saved');
    assert.equal(text('etc/g-1/state/data/rows'), 'saved');
    assert.equal(statSync(etc('g-1/state/data/rows')).mode & 0o077, 0);
    assert.deepEqual(readdirSync(path('var/g-1/run')), []);
    assert.equal(text('var/g-1.former/state/rows'), 'lost');
    assert.equal(text('etc/g-1.former/site.yaml'), 'lost');
  });

  it('puts what was restored on a host that had nothing', () => {
    installed(['--restored', 'g-1', restored('saved')], GATEWAY);
    assert.equal(text('etc/g-1/state/data/rows'), 'saved');
    assert.equal(readlinkSync(etc('g-1/run')), path('var/g-1/run'));
  });

  it('takes the key that the lost host had made, though no list of files names it', () => {
    const folder = restored('saved');
    for (const name of ['channel.key', 'channel.crt']) writeFileSync(join(folder, name), 'made');
    installed(['--restored', 'g-1', folder], GATEWAY);
    assert.equal(text('etc/g-1/channel.key'), 'made');
    assert.equal(text('etc/g-1/channel.crt'), 'made');
  });

  it('leaves the state where it is when a restored folder has none', () => {
    installed(['g-1', restored('lost')], GATEWAY);
    writeFileSync(path('var/g-1/run/kept'), '');
    const folder = restored('saved');
    rmSync(join(folder, 'state'), { recursive: true });
    installed(['--restored', 'g-1', folder], GATEWAY);
    assert.ok(existsSync(path('var/g-1/run/kept')));
    assert.equal(text('etc/g-1/site.yaml'), 'saved');
  });

  for (const state of ['active', 'activating', 'reloading', 'deactivating']) {
    it(`puts nothing restored below a node that is ${state}`, () => {
      installed(['g-1', restored('lost')], GATEWAY);
      const before = everything();
      stub('systemctl', `echo ${state}`);
      const { status, stderr } = run(['--restored', 'g-1', restored('saved')], GATEWAY);
      assert.equal(status, 1);
      assert.match(stderr, /g-1 runs: systemctl stop unit@g-1/);
      assert.deepEqual(everything(), before);
    });
  }

  it('takes what people had changed before it was backed up, and says so', () => {
    const folder = restored('saved');
    writeFileSync(join(folder, 'site.yaml'), 'changed by hand');
    const { status, stderr } = run(['--restored', 'g-1', folder], GATEWAY);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /no longer as it had been made: site\.yaml: FAILED/);
    assert.equal(text('etc/g-1/site.yaml'), 'changed by hand');
  });

  it('puts the state back where the bundle cannot be put in its place', () => {
    installed(['g-1', restored('lost')], GATEWAY);
    writeFileSync(path('var/g-1/state/rows'), 'lost');
    stub('mv', 'case $1 in *var/g-1.new) exit 1 ;; esac; exec /bin/mv "$@"');
    const { status, stderr } = run(['--restored', 'g-1', restored('saved')], GATEWAY);
    assert.equal(status, 1);
    assert.match(stderr, /var\/g-1 stays as it was/);
    assert.equal(text('var/g-1/state/rows'), 'lost');
    assert.equal(text('etc/g-1/site.yaml'), 'lost');
  });

  it('removes no earlier state: what was lost may be the only copy of it', () => {
    installed(['g-1', restored('lost')], GATEWAY);
    installed(['--restored', 'g-1', restored('saved')], GATEWAY);
    const before = everything();
    const { status, stderr } = run(['--restored', 'g-1', restored('other')], GATEWAY);
    assert.equal(status, 1);
    assert.match(stderr, /g-1\.former is there from an earlier time: move it away/);
    assert.deepEqual(everything(), before);
  });
});
