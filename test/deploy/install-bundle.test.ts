import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { withSums } from '@sallyport/app-gateway/cli/bundle/bundle-sums.ts';
import { BUNDLE_MS, bundleHost, GATEWAY } from './bundle-host.ts';

describe('the script that puts a bundle in its place', () => {
  const { path, etc, text, everything, stub, run, installed, bundle } = bundleHost();

  it('tells whoever replaces the bundle of a running program that it runs with the one before', () => {
    stub('systemctl', '[ "$1" = is-active ] && [ "$3" = unit@edge-1 ]');
    const running = installed(['edge-1', bundle('in', 'one')]);
    assert.match(
      running,
      /is in place; the program still runs with the one before: systemctl reload unit@edge-1/,
    );
    stub('systemctl', 'exit 3');
    writeFileSync(etc('edge-1/channel.key'), 'own');
    assert.match(installed(['edge-1', bundle('in', 'two')]), /is in place; start it with/);
  });

  it('says how a node comes by its key before it can be started', () => {
    const first = installed(['edge-1', bundle('in', 'one')]);
    const request = `makes-its-key --bundle ${etc('edge-1')} > edge-1.csr`;
    assert.ok(first.includes(`needs a key of its own before it can start: ${request}\n`), first);
    assert.doesNotMatch(first, /systemctl/);
    const withKey = bundle('in', 'two', { 'channel.key': 'K', 'channel.crt': 'C' });
    assert.match(
      installed(['edge-1', withKey]),
      /start it with: systemctl enable --now unit@edge-1/,
    );
  });

  it('puts it there with its times, for root and the service’s group, and its state elsewhere', () => {
    installed(['edge-1', bundle('in', 'one')]);
    assert.equal(statSync(etc('edge-1/proxy.json')).mtimeMs, BUNDLE_MS);
    assert.equal(statSync(etc('edge-1/witness.key')).mode & 0o777, 0o640);
    assert.equal(statSync(etc('edge-1')).mode & 0o777, 0o750);
    assert.equal(readlinkSync(etc('edge-1/spool')), path('var/edge-1/spool'));
    assert.ok(!existsSync(etc('edge-1.former')));
  });

  it('keeps the key that the host made, its certificate, one that waits, and the spool', () => {
    installed(['edge-1', bundle('in', 'one')]);
    const own = ['channel.key', 'channel.crt', 'channel-request.key'];
    for (const name of own) writeFileSync(etc(`edge-1/${name}`), `own ${name}`);
    writeFileSync(path('var/edge-1/spool/snapshot-version'), '7');
    installed(['edge-1', bundle('in', 'two')]);
    for (const name of own) assert.equal(text(`etc/edge-1/${name}`), `own ${name}`);
    assert.equal(text('etc/edge-1/witness.key'), 'two\n');
    assert.equal(text('etc/edge-1/spool/snapshot-version'), '7');
  });

  it('takes the key of a bundle that brings one, and no half of a pair', () => {
    installed(['edge-1', bundle('in', 'one')]);
    for (const name of ['channel.key', 'channel.crt', 'channel-request.key']) {
      writeFileSync(etc(`edge-1/${name}`), 'own');
    }
    installed(['edge-1', bundle('in', 'two', { 'channel.key': 'K', 'channel.crt': 'C' })]);
    assert.equal(text('etc/edge-1/channel.key'), 'K');
    assert.equal(text('etc/edge-1/channel.crt'), 'C');
    assert.ok(!existsSync(etc('edge-1/channel-request.key')));
  });

  it('brings the former bundle back, with the keys of today and the same state', () => {
    installed(['edge-1', bundle('in', 'one')]);
    assert.match(installed(['edge-1', bundle('in', 'two')]), /--back edge-1 puts it back/);
    writeFileSync(etc('edge-1/channel.key'), 'own');
    writeFileSync(path('var/edge-1/spool/x'), 'kept');
    assert.match(installed(['--back', 'edge-1']), /is as it was before/);
    assert.equal(text('etc/edge-1/witness.key'), 'one\n');
    assert.equal(text('etc/edge-1/channel.key'), 'own');
    assert.equal(text('etc/edge-1/spool/x'), 'kept');
    assert.equal(text('etc/edge-1.former/witness.key'), 'two\n');
    installed(['--back', 'edge-1']);
    assert.equal(text('etc/edge-1/witness.key'), 'two\n');
  });

  it('brings back a bundle with keys of its own as it was', () => {
    installed(['edge-1', bundle('in', 'one', { 'channel.key': 'K1', 'channel.crt': 'C1' })]);
    installed(['edge-1', bundle('in', 'two', { 'channel.key': 'K2', 'channel.crt': 'C2' })]);
    installed(['--back', 'edge-1']);
    assert.equal(text('etc/edge-1/channel.key'), 'K1');
    assert.equal(text('etc/edge-1/channel.crt'), 'C1');
  });

  it('says at a gateway what makes proxies take the older configuration', () => {
    const gateway = (mark: string) => {
      const settings = { site: 'acme', node: 'g-1', mark };
      const made = [
        { path: 'gateway.json', text: `${JSON.stringify(settings, undefined, 2)}\n` },
        { path: 'channel-ca.crt', text: 'root\n' },
        { path: 'site.yaml', text: mark },
        { path: 'partners/globex.yaml', text: mark },
      ];
      rmSync(path('in'), { recursive: true, force: true });
      mkdirSync(path('in/partners'), { recursive: true });
      for (const file of withSums(made)) writeFileSync(path(`in/${file.path}`), file.text);
      return path('in');
    };
    installed(['g-1', gateway('one')], GATEWAY);
    writeFileSync(path('var/g-1/state/db'), 'kept');
    installed(['g-1', gateway('two')], GATEWAY);
    assert.match(
      installed(['--back', 'g-1'], GATEWAY),
      /touch -d \d{4}-\d\d-\d\dT[\d:]+Z .*site\.yaml/,
    );
    assert.equal(text('etc/g-1/partners/globex.yaml'), 'one');
    assert.equal(text('etc/g-1/state/db'), 'kept');
  });

  it('says how it is given to whoever asks, and that is no failure', () => {
    for (const asked of ['--help', '-h'])
      assert.match(installed([asked]), /^usage: \S+-bundle NODE/);
  });

  const REFUSED: readonly (readonly [string, RegExp, (folder: string) => readonly string[]])[] = [
    ['no node', /usage/, (folder) => [folder]],
    ['a name that is none', /is no name of a node/, (folder) => ['../x', folder]],
    ['another node', /of another node than edge-2: edge-1/, (folder) => ['edge-2', folder]],
    [
      'a node that the bundle only names',
      /of another node than g-1: edge-1/,
      (folder) => ['g-1', folder],
    ],
    ['a folder that is no bundle', /has no proxy\.json/, (folder) => ['edge-1', `${folder}/x`]],
    [
      'another site',
      /is of the site other, and .* of acme/,
      (folder) => {
        const settings = readFileSync(`${folder}/proxy.json`, 'utf8').replace('acme', 'other');
        writeFileSync(`${folder}/proxy.json`, settings);
        return ['edge-1', folder];
      },
    ],
    [
      'a file that was cut short',
      /witness\.key: FAILED/,
      (folder) => {
        truncateSync(`${folder}/witness.key`, 2);
        return ['edge-1', folder];
      },
    ],
    [
      'a file that is missing',
      /channel-ca\.crt/,
      (folder) => {
        rmSync(`${folder}/channel-ca.crt`);
        return ['edge-1', folder];
      },
    ],
    [
      'a file of an earlier copy',
      /has 4 files where it should have 3/,
      (folder) => {
        writeFileSync(`${folder}/left-over`, '');
        return ['edge-1', folder];
      },
    ],
    [
      'a list of files that is missing',
      /has no SHA256SUMS/,
      (folder) => {
        rmSync(`${folder}/SHA256SUMS`);
        return ['edge-1', folder];
      },
    ],
    [
      'a list of files that is empty',
      /is not whole/,
      (folder) => {
        truncateSync(`${folder}/SHA256SUMS`, 0);
        return ['edge-1', folder];
      },
    ],
    [
      'a link',
      /neither file nor folder/,
      (folder) => {
        symlinkSync('/etc/passwd', `${folder}/link`);
        return ['edge-1', folder];
      },
    ],
  ];
  for (const [what, why, prepare] of REFUSED) {
    it(`refuses ${what}, and changes nothing`, () => {
      installed(['edge-1', bundle('in', 'one')]);
      installed(['edge-1', bundle('in', 'two')]);
      const before = everything();
      const { status, stderr } = run(prepare(bundle('in', 'three')));
      assert.notEqual(status, 0);
      assert.match(stderr, why);
      assert.deepEqual(everything(), before);
    });
  }

  it('changes nothing where the disk takes no copy', () => {
    installed(['edge-1', bundle('in', 'one')]);
    const before = everything();
    stub('cp', 'exit 1');
    assert.notEqual(run(['edge-1', bundle('in', 'two')]).status, 0);
    assert.deepEqual(everything(), before);
  });

  it('puts back what was there when the last step fails', () => {
    installed(['edge-1', bundle('in', 'one')]);
    stub('mv', 'case $1 in *.new) exit 1 ;; esac; exec /bin/mv "$@"');
    const { status, stderr } = run(['edge-1', bundle('in', 'two')]);
    assert.notEqual(status, 0);
    assert.match(stderr, /stays as it was/);
    assert.equal(text('etc/edge-1/witness.key'), 'one\n');
  });

  it('mends at the next run what a loss of power left between two steps', () => {
    installed(['edge-1', bundle('in', 'one')]);
    writeFileSync(etc('edge-1/channel.key'), 'own');
    cpSync(bundle('in', 'two'), etc('edge-1.new'), { recursive: true });
    const moved = spawnSync('mv', [etc('edge-1'), etc('edge-1.former')]);
    assert.equal(moved.status, 0);
    installed(['edge-1', path('in')]);
    assert.equal(text('etc/edge-1/channel.key'), 'own');
    assert.equal(text('etc/edge-1/witness.key'), 'two\n');
    assert.equal(text('etc/edge-1.former/witness.key'), 'one\n');
  });

  it('has nothing to bring back where nothing was before', () => {
    installed(['edge-1', bundle('in', 'one')]);
    const before = everything();
    const { status, stderr } = run(['--back', 'edge-1']);
    assert.equal(status, 1);
    assert.match(stderr, /no former bundle of edge-1/);
    assert.deepEqual(everything(), before);
  });

  it('leaves the place of another program alone', () => {
    installed(['edge-1', bundle('in', 'one')]);
    const { status, stderr } = run(['edge-1', path('in')], GATEWAY);
    assert.equal(status, 1);
    assert.match(stderr, /is not of sallyport-gateway/);
  });

  it('says when the root of the channels is another one', () => {
    installed(['edge-1', bundle('in', 'one')]);
    const folder = bundle('in', 'two', { 'channel-ca.crt': 'another root\n' });
    assert.match(run(['edge-1', folder]).stderr, /needs a new channel certificate/);
  });
});
