import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import {
  type BundleReport,
  bundleProblems,
  type ForeignModules,
  foreignModules,
} from './bundled-modules.ts';
import type { Program } from './program.ts';

/** What building one program has left. */
export interface BuiltProgram {
  readonly executable: string;
  /** Files that must stand beside it. */
  readonly beside: readonly string[];
  readonly foreign: ForeignModules;
}

/**
 * CommonJS packages in a bundle ask for Node's modules by `require`, which a module does not have.
 *
 * This one gives them Node's and nothing else: no file is ever loaded by name.
 */
const REQUIRE = `const require = (name) => {
  const found = process.getBuiltinModule(name);
  if (found) return found;
  throw Object.assign(new Error(name + ' is not in this program'), { code: 'MODULE_NOT_FOUND' });
};`;

/**
 * Where the program lies, which is what modules in it go by to find files beside them.
 *
 * In an executable `import.meta.url` is there at some times and not at others: it was seen to go while a program started.
 */
const ADDRESS = 'programAddress';
const ADDRESS_KNOWN = `const ${ADDRESS} = process.getBuiltinModule('node:url').pathToFileURL(process.execPath).href;`;

/** Builds one program into a folder; throws with every reason why it may not be packed. */
export function buildProgram(root: string, folder: string, program: Program): BuiltProgram {
  mkdirSync(folder, { recursive: true });
  const bundle = `${program.name}.mjs`;
  const report = runBundler(root, program, join(folder, bundle));
  const foreign = foreignModules(report);
  const problems = bundleProblems(foreign, program);
  if (problems.length > 0) throw new Error(`${program.name}: ${problems.join('; ')}`);
  buildExecutable(folder, program, bundle);
  const beside = program.beside.map((path) => {
    const copy = join(folder, basename(path));
    copyFileSync(join(root, path), copy);
    return copy;
  });
  return { executable: join(folder, program.name), beside, foreign };
}

function runBundler(root: string, program: Program, output: string): BundleReport {
  const metafile = `${output}.json`;
  const words = [
    program.entry,
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--target=node26',
    '--log-level=warning',
    `--outfile=${output}`,
    `--metafile=${metafile}`,
    `--define:import.meta.url=${ADDRESS}`,
    `--banner:js=${[ADDRESS_KNOWN, ...(program.packages === 'none' ? [] : [REQUIRE])].join('\n')}`,
    ...program.outside.map((name) => `--external:${name}`),
  ];
  execFileSync(join(root, 'deploy/bundler/node_modules/.bin/esbuild'), words, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return JSON.parse(readFileSync(metafile, 'utf8')) as BundleReport;
}

/**
 * What Node is told while it compiles: one fixed seed, so that the same source gives the same bytes.
 *
 * It is the seed of this one process; programs choose their own when they run.
 */
const REPEATABLE = '--random-seed=1';

/** Node's own way to put a program into a copy of itself; names are relative, for they end up inside. */
function buildExecutable(folder: string, program: Program, bundle: string): void {
  const configuration = `${program.name}.sea.json`;
  writeFileSync(
    join(folder, configuration),
    JSON.stringify({
      main: bundle,
      mainFormat: 'module',
      output: program.name,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      execArgv: program.inbornArguments,
      execArgvExtension: 'cli',
    }),
  );
  execFileSync(process.execPath, [REPEATABLE, '--build-sea', configuration], {
    cwd: folder,
    stdio: 'ignore',
  });
}
