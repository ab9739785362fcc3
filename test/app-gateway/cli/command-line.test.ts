import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { runCommandLine } from '@sallyport/app-gateway/cli/command-line.ts';
import { surroundingsOf } from './test-surroundings.ts';

/** Words of this test that name files. */
const FILES = /^(site|two|p|none|nowhere|new)(\/|$)/;

describe('sallyport command line', () => {
  let scratch: string;
  /** Words that are files are meant from the scratch folder; what is shown is without its name. */
  const run = async (...words: string[]) => {
    const answers = new PassThrough({ encoding: 'utf8' });
    const surroundings = surroundingsOf(scratch, { nowMs: Date.now });
    const placed = words.map((word) => (FILES.test(word) ? join(scratch, word) : word));
    const status = await runCommandLine(placed, surroundings, answers);
    const shown = (text: string | null) => (text ?? '').replaceAll(`${scratch}/`, '');
    return {
      status,
      stdout: shown(answers.read() as string | null),
      stderr: shown(surroundings.shown()),
    };
  };
  const json = (text: string) => JSON.parse(text) as Record<string, unknown>;

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'cli-'));
    const made = await run(
      'init',
      'site',
      '--layout',
      'dual-dmz',
      '--domain',
      'a.example',
      '--domain',
      'b.example',
    );
    assert.equal(made.status, 0, made.stderr);
  });
  after(() => rmSync(scratch, { recursive: true }));

  const rows: readonly (readonly [words: string[], status: number, out: RegExp, err: RegExp])[] = [
    [['check', 'site'], 0, /^site: no problems\n$/, /^$/],
    [['bundle', 'site'], 0, /dmz-proxy {4}edge-1 +site\/hosts\/edge-1\n/, /^$/],
    [['init', 'site', '--layout', 'dual-dmz'], 1, /^$/, /site is not empty\n {2}next: /],
    [['check', 'nowhere'], 1, /^$/, /nowhere holds no site\.yaml\n {2}next: /],
    [['bundle', 'nowhere'], 1, /^$/, /^error: nowhere holds no site\.yaml\n {2}next: /],
    [
      ['dmz-proxy', '--bundle', 'site'],
      1,
      /^$/,
      /site is no bundle for dmz-proxy: it has no proxy\.json/,
    ],
    [['app-gateway', '--bundle', 'site/hosts/edge-1'], 1, /^$/, /no bundle for app-gateway/],
    [['init', 'new', '--layout', 'cellar'], 2, /^$/, /Allowed choices are dual-dmz, single-dmz/],
    [['init', 'new'], 2, /^$/, /required option '--layout/],
    [['audit', 'verify'], 2, /^$/, /either argument 'FILE' or option '--live' is needed/],
    [['audit', 'verify', 'a.pack', '--live'], 2, /^$/, /either argument 'FILE' or/],
    [['doctor'], 2, /^$/, /'--bundle <DIR>', .* is missing\n\(sallyport doctor --help /],
    [['doctor', '--from-zone', 'dmz', '--report', 'a.json'], 2, /^$/, /are two things/],
    [['doctor', '--bundle', 'site'], 1, /^$/, /site is no bundle/],
    [['restore', 'a.backup'], 2, /^$/, /'--bundle <DIR>', an empty folder, or '--check'/],
    [['restore', 'a.backup', '--check'], 1, /^$/, /a\.backup cannot be read: no such file\n/],
    [['plan', 'site', '--out', 'p'], 1, /^$/, /network: is missing: a plan needs/],
    [['plan', 'site'], 2, /^$/, /required option '--out <DIR>'/],
    [['plan', '--preset', 'cellar', '--out', 'p'], 2, /^$/, /Allowed choices are standalone/],
    [['plan', '--preset', 'two-machine', '--out', 'two'], 0, /^acme: 3 zones, 5 hosts/, /^$/],
    [['partner', 'activate', 'p', '--passphrase-file', '-', '--frob'], 2, /^$/, /'--frob'/],
    // What was asked for goes to where answers go, whatever the exit code.
    [['plan', 'two/site', '--out', 'none', '--diff'], 1, /^firewall fw-1:$/m, /^$/],
    [['plan', 'two/site', '--out', 'two/plan', '--diff'], 0, /is up to date\n$/, /^$/],
    [
      ['plan', 'site', '--out', '-'],
      2,
      /^$/,
      /'--out <DIR>' argument '-' is invalid\. It names no/,
    ],
    [['audit', 'export', '--format', 'csv', '--out', '-'], 2, /^$/, /names no file; [^\n]*\.\/-\n/],
    [['partner', 'check', 'p', '--report', '-'], 2, /^$/, /names no file/],
    [['backup', '--out', '-', '--bundle', 'site'], 2, /^$/, /names no file/],
    [['audit', 'verify', 'p', '--checkpoint', '-'], 2, /^$/, /names no file/],
    [['chekc', 'site'], 2, /^$/, /unknown command 'chekc'\n\(Did you mean check\?\)/],
    [['check'], 2, /^$/, /missing required argument/],
    [['check', 'site', '--frob'], 2, /^$/, /unknown option '--frob'/],
    [['partner', 'verify', 'globex'], 2, /^$/, /\(sallyport partner verify --help shows it, with/],
    [['partner', 'chek'], 2, /^$/, /Did you mean check\?\)\n\(sallyport partner --help shows/],
    [['--help'], 0, /Usage: sallyport/, /^$/],
    [['--version'], 0, /^sallyport \d+\.\d+\.\d+ \(Node\.js v26\.[\d.]+\)\n$/, /^$/],
    [
      ['partner', 'verify', '--help'],
      0,
      /\nRing the partner on a number[\s\S]*\nFor example:\n {2}sallyport partner verify globex/,
      /^$/,
    ],
    [['check', 'site/site.yaml'], 0, /^site: no problems\n$/, /^$/],
    [
      ['init', 'new', '--layout', 'dual-dmz', '--domain', 'a b'],
      1,
      /^$/,
      /"a b" is no domain name/,
    ],
  ];
  for (const [words, status, out, error] of rows) {
    it(`${words.join(' ')} -> ${status}`, async () => {
      const done = await run(...words);
      assert.match(done.stdout, out);
      assert.match(done.stderr, error);
      assert.equal(done.status, status);
    });
  }

  it('answers in JSON, wherever --json stands', async () => {
    assert.deepEqual(json((await run('check', 'site', '--json')).stdout), {
      ok: true,
      problems: [],
    });
    assert.deepEqual(json((await run('--json', 'check', 'site')).stdout), {
      ok: true,
      problems: [],
    });
    const bundled = json((await run('bundle', 'site', '--json')).stdout);
    assert.deepEqual(bundled['hosts'], [
      { node: 'edge-1', role: 'proxy', folder: 'site/hosts/edge-1' },
      { node: 'gateway-1', role: 'gateway', folder: 'site/hosts/gateway-1' },
    ]);
  });

  it('fails in JSON as well', async () => {
    const failed = await run('check', 'nowhere', '--json');
    assert.equal(failed.status, 1);
    assert.equal(json(failed.stdout)['ok'], false);
    const misused = await run('check', '--json');
    assert.equal(misused.status, 2);
    assert.deepEqual(json(misused.stdout), {
      ok: false,
      error: {
        message: "missing required argument 'DIR'",
        next: 'sallyport check --help shows it, with examples',
      },
    });
    const unknown = json((await run('chek', '--json')).stdout)['error'] as { next: string };
    assert.equal(unknown.next, 'sallyport --help shows every command');
  });

  it('reports each problem with file, line and setting, and fails', async () => {
    writeFileSync(
      join(scratch, 'site/partners/initech.yaml'),
      'id: initech\ndomains: [a.example]\n',
    );
    const checked = await run('check', 'site', '--json');
    assert.equal(checked.status, 1);
    // The problems are what was asked for; where a bundle was, they are in its way.
    const [said, hindered] = [await run('check', 'site'), await run('bundle', 'site')];
    assert.match(
      said.stdout,
      /initech\.yaml:1:1: error: methods.*\n[\s\S]*site: 2 errors, 0 warnings\n$/,
    );
    assert.deepEqual([said.stderr, said.status], ['', 1]);
    assert.deepEqual([hindered.stdout, hindered.stderr], ['', said.stdout]);
    const { problems } = json(checked.stdout) as { problems: { path: string; line: number }[] };
    assert.deepEqual(
      problems.map(({ path, line }) => `${line} ${path}`),
      ['1 methods', '1 anchors'],
    );
    rmSync(join(scratch, 'site/partners/initech.yaml'));
  });
});
