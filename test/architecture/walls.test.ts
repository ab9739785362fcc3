import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { environment } from '../peers/support/environment.ts';
import { ROOT } from './source-tree.ts';

const BIOME = join(ROOT, 'tools/node_modules/.bin/biome');
const IMPORTS = 'lint/style/noRestrictedImports';
const GLOBALS = 'lint/style/noRestrictedGlobals';

/** A violation planted in a copy of the tree, and the rule that must see it; none for what is allowed. */
const rows: readonly (readonly [path: string, text: string, rule: string | undefined])[] = [
  ['shared/src/sip/seed-a.ts', "import 'node:fs';", IMPORTS],
  ['shared/src/sip/seed-b.ts', "import 'fs';", IMPORTS],
  ['shared/src/sip/seed-c.ts', "import '../io/json-log.ts';", IMPORTS],
  ['shared/src/sip/seed-d.ts', 'export const now = Date.now();', GLOBALS],
  ['shared/src/sip/seed-e.ts', 'export const timer = setTimeout(String, 1);', GLOBALS],
  ['shared/src/sip/seed-f.ts', 'export const id = process.pid;', GLOBALS],
  ['shared/src/sip/seed-g.ts', "import 'node:crypto';", undefined],
  ['shared/src/net/seed-a.ts', "import 'node:dns';", IMPORTS],
  ['shared/src/channel/seed-a.ts', "import 'node:tls';", IMPORTS],
  ['shared/src/channel/seed-b.ts', 'export const now = Date.now();', GLOBALS],
  ['shared/src/x509/seed-a.ts', "import 'node:net';", IMPORTS],
  ['shared/src/x509/seed-b.ts', "import 'node:crypto';", undefined],
  ['shared/src/audit/seed-a.ts', "import 'node:fs';", IMPORTS],
  ['shared/src/audit/seed-b.ts', "import '../channel/frame.ts';", IMPORTS],
  ['shared/src/audit/seed-c.ts', 'export const now = Date.now();', GLOBALS],
  ['shared/src/audit/seed-d.ts', "import 'node:crypto';", undefined],
  ['shared/src/io/seed-a.ts', "import 'node:tls';", undefined],
  ['shared/src/io/seed-b.ts', "import 'node:fs';", IMPORTS],
  ['shared/src/io/seed-c.ts', "import 'zod';", IMPORTS],
  ['dmz-proxy/src/seed-a.ts', "import '@sallyport/app-gateway/config/site.ts';", IMPORTS],
  ['dmz-proxy/src/seed-b.ts', "import '@sallyport/certs/leaf.ts';", IMPORTS],
  ['dmz-proxy/src/seed-c.ts', "import 'winston';", IMPORTS],
  ['dmz-proxy/src/seed-d.ts', "import 'node:worker_threads';", IMPORTS],
  ['dmz-proxy/src/seed-e.ts', "export const x = await import('pg');", IMPORTS],
  ['dmz-proxy/src/seed-f.ts', "import '../../app-gateway/src/config/site.ts';", IMPORTS],
  ['dmz-proxy/src/seed-g.ts', "import '@sallyport/shared/result.ts';", undefined],
  ['certs/src/seed-a.ts', "import '@sallyport/app-gateway/config/site.ts';", IMPORTS],
  ['certs/src/seed-b.ts', "import '@sallyport/dmz-proxy/launcher/launch.ts';", IMPORTS],
  ['app-gateway/src/domain/seed-a.ts', "import '../adapters/files/site-folder.ts';", IMPORTS],
  ['app-gateway/src/domain/seed-b.ts', "import '@sallyport/certs/leaf.ts';", IMPORTS],
  [
    'app-gateway/src/adapters/seed-a.ts',
    "import '@sallyport/dmz-proxy/launcher/launch.ts';",
    IMPORTS,
  ],
  ['app-gateway/src/adapters/seed-b.ts', "import '../cli/outcome.ts';", IMPORTS],
  ['app-gateway/src/commands/seed-a.ts', "import '../adapters/files/site-folder.ts';", IMPORTS],
  ['app-gateway/src/commands/seed-b.ts', "import 'kysely';", IMPORTS],
  ['app-gateway/src/commands/seed-c.ts', "import '@sallyport/certs/leaf.ts';", undefined],
  ['app-gateway/src/domain/seed-c.ts', "import 'kysely';", IMPORTS],
  ['app-gateway/src/cli/seed-a.ts', "import '@sallyport/dmz-proxy/launcher/launch.ts';", IMPORTS],
  ['app-gateway/src/cli/seed-b.ts', "import '@sallyport/certs/leaf.ts';", undefined],
  ['app-gateway/src/seed-a.ts', "import '@sallyport/dmz-proxy/launcher/launch.ts';", IMPORTS],
  ['app-gateway/src/seed-b.ts', "import 'left-pad';", 'lint/correctness/noUndeclaredDependencies'],
  ['app-gateway/src/seed-c.ts', 'export const x = Math.random();', 'plugin'],
  ['app-gateway/src/seed-d.ts', "console.log('x');", 'lint/suspicious/noConsole'],
  ['app-gateway/src/seed-e.ts', 'export const x = process.env;', 'lint/style/noProcessEnv'],
  ['app-gateway/src/seed-f.ts', 'export default 1;', 'lint/style/noDefaultExport'],
  ['app-gateway/src/seed-g.ts', 'export const x: any = 1;', 'lint/suspicious/noExplicitAny'],
];

interface Report {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly path?: unknown };
  }[];
}

const isInstalled = existsSync(BIOME);
const isRequired = environment['SALLYPORT_TOOLS_REQUIRED'] === '1';
const skip =
  isInstalled || isRequired
    ? false
    : 'Biome is not installed: run "npm run tools" to test the walls';

describe('import walls', { skip }, () => {
  let copy: string;
  let found: ReadonlyMap<string, readonly string[]>;

  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'walls-'));
    for (const file of [
      'biome.json',
      'package.json',
      'tools/no-math-random.grit',
      'tools/package.json',
    ]) {
      plant(file);
    }
    for (const workspace of ['shared', 'certs', 'dmz-proxy', 'app-gateway']) {
      plant(`${workspace}/package.json`);
    }
    for (const [path, text] of rows) write(path, `${text}\n`);
    found = lint();
  });
  after(() => rmSync(copy, { recursive: true }));

  function plant(file: string): void {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file));
  }

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), text);
  }

  function lint(): ReadonlyMap<string, readonly string[]> {
    const done = spawnSync(BIOME, ['lint', '--reporter=json', '--max-diagnostics=none', '.'], {
      cwd: copy,
      encoding: 'utf8',
    });
    const report = JSON.parse(done.stdout) as Report;
    const rules = new Map<string, string[]>();
    for (const { category, location } of report.diagnostics) {
      const path = pathOf(location.path);
      rules.set(path, [...(rules.get(path) ?? []), category]);
    }
    return rules;
  }

  for (const [path, text, rule] of rows) {
    it(`${rule === undefined ? 'allows' : 'stops'} ${text} in ${path}`, () => {
      const rules = (found.get(path) ?? []).filter(
        (name) => rule !== undefined || name === IMPORTS || name === GLOBALS,
      );
      if (rule === undefined) assert.deepEqual(rules, []);
      else assert.ok(rules.includes(rule), `seen: ${rules.join(', ') || 'nothing'}`);
    });
  }
});

/** Biome has reported a path as text and as an object over its versions. */
function pathOf(path: unknown): string {
  if (typeof path === 'string') return path;
  const file = path !== null && typeof path === 'object' && 'file' in path ? path.file : '';
  return String(file);
}
