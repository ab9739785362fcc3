import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import { withSums } from '@sallyport/app-gateway/cli/bundle/bundle-sums.ts';
import { ROOT } from '../architecture/source-tree.ts';
import { environment } from '../peers/support/environment.ts';

const PROXY = { NAME: 'sallyport-dmz-proxy', SETTINGS: 'proxy.json', STATE: 'spool' };
export const GATEWAY = { NAME: 'sallyport-gateway', SETTINGS: 'gateway.json', STATE: 'state run' };
/** When its bundles were made. */
export const BUNDLE_MS = 1_700_000_000_000;

/** What only root may do is left out: here anybody is. */
const STUBS: readonly (readonly [program: string, text: string])[] = [
  ['id', 'echo 0'],
  ['chown', ':'],
  ['install', 'for last; do :; done; mkdir -p "$last"'],
];

/** A host in a folder, on which the script of the packages puts bundles in their place; one for each test. */
export function bundleHost() {
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
      .replaceAll('@REQUEST@', 'makes-its-key')
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
      utimesSync(join(path(folder), file.path), BUNDLE_MS / 1000, BUNDLE_MS / 1000);
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

  return { path, etc, text, everything, stub, run, installed, bundle };
}
