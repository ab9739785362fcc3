import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SourceFile, sourceFiles } from './source-tree.ts';
import { type Loaded, loadedWith } from './static-imports.ts';

const COMMAND_LINE = 'app-gateway/src/cli/main.ts';
/** A command more needs no file more: its description goes to those of its group. */
const FILES_MAX = 40;

/** What no command may wait for unless it needs it; whatever is not named here is words, options and help. */
const HEAVY: readonly RegExp[] = [
  /^certs\//,
  /^dmz-proxy\//,
  /^app-gateway\/src\/(?:adapters|backup|doctor|interworking|plan|ports|posture)\//,
  /^app-gateway\/src\/ledger\/(?!export-format\.ts$|render\/json-line\.ts$)/,
  /^app-gateway\/src\/domain\/(?!exchange\/sighting\/latest-use\.ts$)/,
  /^app-gateway\/src\/config\/(?!site-layout\.ts$)/,
  /^app-gateway\/src\/commands\/\w+\/(?!\w+(?:-\w+)?-descriptions\.ts$)/,
  /^app-gateway\/src\/commands\/(?:all-commands|parameter-schema|step-shapes)\.ts$/,
  /^app-gateway\/src\/cli\/(?:bundle|doctor|keys|manual|remote)\//,
  /^app-gateway\/src\/cli\/[\w-]+-command\.ts$(?<!described-command\.ts)(?<!typed-command\.ts)/,
];
const PACKAGES = ['commander'];

/** What of it is too much, each with the file that asks for it. */
function tooMuch({ files, foreign }: Loaded): readonly string[] {
  const heavy = [...files].filter(([path]) => HEAVY.some((each) => each.test(path)));
  const packages = [...foreign].filter(
    ([name]) => !name.startsWith('node:') && !PACKAGES.includes(name),
  );
  return [...heavy, ...packages].map(([what, by]) => `${by} loads ${what} at every start`);
}

describe('the command line, before it knows which command is meant', () => {
  const tree = ['app-gateway', 'certs', 'shared'].flatMap((folder) => sourceFiles(folder));

  it('loads words, options and help, and nothing that a command does', () => {
    assert.deepEqual(tooMuch(loadedWith(COMMAND_LINE, tree)), []);
  });

  it('loads few files', () => {
    const { files } = loadedWith(COMMAND_LINE, tree);
    assert.ok(files.size <= FILES_MAX, [...files.keys()].join('\n'));
    // Too few would be a scan that sees nothing.
    assert.ok(files.has('app-gateway/src/commands/command-table.ts'));
  });

  const seeded: readonly (readonly [path: string, line: string])[] = [
    ['app-gateway/src/commands/command-table.ts', "import { z } from 'zod';"],
    ['app-gateway/src/cli/site-commands.ts', "import { parse } from 'yaml';"],
    ['app-gateway/src/cli/gateway-commands.ts', "import forge from 'node-forge';"],
    ['app-gateway/src/cli/outcome.ts', "import { Pool } from 'pg';"],
    ['app-gateway/src/cli/outcome.ts', "import '@electric-sql/pglite';"],
    [COMMAND_LINE, "export { initCommand } from './site/init-command.ts';"],
    ['app-gateway/src/cli/site-commands.ts', "import {\n  runCommand,\n} from './run-command.ts';"],
    [
      'app-gateway/src/commands/partner/partner-descriptions.ts',
      "import { partnerAdd } from './partner-add.ts';",
    ],
    ['app-gateway/src/cli/local-commands.ts', "import { x } from '../ledger/appender.ts';"],
    [
      'app-gateway/src/cli/local-commands.ts',
      "import { doctorCommand } from './doctor/doctor-command.ts';",
    ],
    [
      'app-gateway/src/cli/command-options.ts',
      "import { siteSchema } from '../config/site-schema.ts';",
    ],
  ];
  for (const [path, line] of seeded) {
    it(`would be seen to load more by ${path}: ${line}`, () => {
      assert.notDeepEqual(tooMuch(loadedWith(COMMAND_LINE, withLine(tree, path, line))), []);
    });
  }

  const allowed: readonly string[] = [
    "import type { z } from 'zod';",
    "// import { z } from 'zod';",
    "async function later() {\n  await import('zod');\n}",
  ];
  for (const line of allowed) {
    it(`may say ${line}`, () => {
      assert.deepEqual(tooMuch(loadedWith(COMMAND_LINE, withLine(tree, COMMAND_LINE, line))), []);
    });
  }
});

describe('a program of ours', () => {
  for (const entry of [
    'dmz-proxy/src/worker.ts',
    'dmz-proxy/src/main.ts',
    'app-gateway/src/gateway/run-gateway.ts',
  ]) {
    const tree = ['app-gateway', 'certs', 'dmz-proxy', 'shared'].flatMap((name) =>
      sourceFiles(name),
    );

    it(`does not load a client for the web with Node's HTTP: ${entry}`, () => {
      const { files, foreign } = loadedWith(entry, tree);
      assert.equal(foreign.get('node:http'), undefined, 'imports node:http');
      assert.ok(files.size > 10 && foreign.has('node:process'));
    });
  }
});

/** The tree as it would be with a line more at the top of one file. */
function withLine(tree: readonly SourceFile[], path: string, line: string): readonly SourceFile[] {
  assert.ok(
    tree.some((file) => file.path === path),
    path,
  );
  return tree.map((file) => (file.path === path ? { path, text: `${line}\n${file.text}` } : file));
}
