import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { withSums } from '@sallyport/app-gateway/cli/bundle/bundle-sums.ts';
import { ROOT } from '../architecture/source-tree.ts';
import { environment } from '../peers/support/environment.ts';

const PROXY = { NAME: 'sallyport-dmz-proxy', SETTINGS: 'proxy.json', STATE: 'spool' };
const GATEWAY = { NAME: 'sallyport-gateway', SETTINGS: 'gateway.json', STATE: 'state run' };
const OLD_MS = 1_700_000_000_000;

/** What only root may do is left out: here anybody is. */
const STUBS: readonly (readonly [program: string, text: string])[] = [
  ['id', 'echo 0'],
  ['chown', ':'],
  ['install', 'for last; do :; done; mkdir -p "$last"'],
];

describe('the script that puts a bundle in its place', () => {
  let root = '';
  const path = (name: string) => join(root, name);
  const etc = (name: string) => path(`etc/${name}`);
  const text = (name: string) => readFileSync(path(name), 'utf8');

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'install-bundle-'));
    mkdirSync(path('bin'));
    for (const [program, body] of STUBS) stub(program, body);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function stub(program: string, body: string): void {
    writeFileSync(path(`bin/${program}`), `#!/bin/sh\n${body}\n`);
    chmodSync(path(`bin/${program}`), 0o755);
  }

  function run(words: readonly string[], { NAME, SETTINGS, STATE } = PROXY) {
    const script = readFileSync(join(ROOT, 'deploy/debian/install-bundle'), 'utf8')
      .replaceAll('@NAME@', NAME)
      .replaceAll('@USER@', 'nobody')
      .replaceAll('@UNIT@', 'unit')
      .replaceAll('@SETTINGS@', SETTINGS)
      .replaceAll('@STATE@', STATE)
      .replaceAll('/etc/sallyport', path('etc'))
      .replaceAll('/var/lib/sallyport', path('var'));
    const { status, stdout, stderr } = spawnSync('sh', ['-s', '--', ...words], {
      input: script,
      encoding: 'utf8',
      env: { PATH: `${path('bin')}:${environment['PATH']}` },
    });
    return { status, stdout, stderr };
  }

  function installed(words: readonly string[], program = PROXY): string {
    const { status, stdout, stderr } = run(words, program);
    assert.equal(status, 0, stderr);
    return stdout;
  }

  /** A bundle as `plan` writes it; `mark` tells one from another. */
  function bundle(folder: string, mark: string, more: Record<string, string> = {}): string {
    const settings = {
      site: 'acme',
      node: 'edge-1',
      mark,
      channel: { gateways: [{ node: 'g-1' }] },
    };
    const texts: Record<string, string> = {
      'proxy.json': `${JSON.stringify(settings, undefined, 2)}\n`,
      'channel-ca.crt': 'root\n',
      'witness.key': `${mark}\n`,
      ...more,
    };
    const files = Object.entries(texts).map(([name, content]) => ({ path: name, text: content }));
    rmSync(path(folder), { recursive: true, force: true });
    for (const file of withSums(files)) {
      mkdirSync(join(path(folder), file.path, '..'), { recursive: true });
      writeFileSync(join(path(folder), file.path), file.text);
      utimesSync(join(path(folder), file.path), OLD_MS / 1000, OLD_MS / 1000);
    }
    return path(folder);
  }

  /** Names, contents and links of everything that is installed. */
  function everything(): readonly string[] {
    return readdirSync(path(''), { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter(({ parentPath }) => /\/(?:etc|var)(?:\/|$)/.test(parentPath.slice(root.length)))
      .map((entry) => {
        const name = join(entry.parentPath, entry.name);
        if (entry.isSymbolicLink()) return `${name} -> ${readlinkSync(name)}`;
        return entry.isFile() ? `${name}: ${readFileSync(name, 'utf8')}` : name;
      })
      .sort();
  }

  it('tells whoever replaces the bundle of a running program that it runs with the one before', () => {
    stub('systemctl', '[ "$1" = is-active ] && [ "$3" = unit@edge-1 ]');
    const running = installed(['edge-1', bundle('in', 'one')]);
    assert.match(
      running,
      /is in place; the program still runs with the one before: systemctl reload unit@edge-1/,
    );
    stub('systemctl', 'exit 3');
    assert.match(installed(['edge-1', bundle('in', 'two')]), /is in place; start it with/);
  });

  it('puts it there with its times, for root and the service’s group, and its state elsewhere', () => {
    const said = installed(['edge-1', bundle('in', 'one')]);
    assert.match(said, /is in place; start it with: systemctl enable --now unit@edge-1/);
    assert.equal(statSync(etc('edge-1/proxy.json')).mtimeMs, OLD_MS);
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
