import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { buildProgram } from '@sallyport/deploy/build-program.ts';
import { DMZ_PROXY } from '@sallyport/deploy/program.ts';
import { ROOT } from '../architecture/source-tree.ts';
import { environment } from '../peers/support/environment.ts';

const isInstalled = existsSync(join(ROOT, 'deploy/bundler/node_modules/.bin/esbuild'));
const isRequired = environment['SALLYPORT_TOOLS_REQUIRED'] === '1';
const skip =
  isInstalled || isRequired ? false : 'the bundler is not installed: run "npm run package"';

/** What somebody might add to the edge, and why it is not packed then. */
const SEEDED: readonly (readonly [name: string, source: string, refusal: RegExp])[] = [
  [
    'a third-party package',
    "import { parse } from 'yaml';\nconsole.log(parse('a: 1'));",
    /third-party package inside: node_modules\/yaml$/,
  ],
  [
    'a package that another one brings',
    "import 'fastify';",
    /third-party package inside: node_modules\/ajv;/,
  ],
  [
    'a module that is loaded when it runs',
    "try { await import('pg-native'); } catch { process.exitCode = 3; }",
    /loads at run time: pg-native$/,
  ],
];

describe('a program for the edge', { skip }, () => {
  for (const [name, source, refusal] of SEEDED) {
    it(`is not built with ${name}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'seeded-'));
      // Inside of the repository, for packages are found from there; where nobody looks for sources.
      const entry = join(ROOT, 'deploy/bundler', `seeded-${process.pid}.ts`);
      try {
        writeFileSync(entry, source);
        const program = { ...DMZ_PROXY, entry: relative(ROOT, entry) };
        assert.throws(() => buildProgram(ROOT, folder, program), refusal);
        assert.equal(readdirSync(folder).includes(program.name), false);
      } finally {
        rmSync(entry, { force: true });
        rmSync(folder, { recursive: true });
      }
    });
  }
});
