import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { billOfMaterials, type LockedPackage } from './bill-of-materials.ts';
import { type BuiltProgram, buildProgram } from './build-program.ts';
import { packDebian } from './debian-package.ts';
import { DMZ_PROXY, GATEWAY, type Program } from './program.ts';
import { programPackage } from './program-package.ts';

/*
 * npm run package [-- --out DIR]: both programs as single executables, Debian packages of them, their bills of
 * materials, and the checksums of it all, in dist/.
 */

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' } as const;

interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

const { out } = parseArgs({
  options: { out: { type: 'string', default: join(ROOT, 'dist') } },
}).values;
const architecture = ARCHITECTURES[process.arch as keyof typeof ARCHITECTURES];
if (process.platform !== 'linux' || architecture === undefined) {
  throw new Error(
    `packages are for Linux on x64 and arm64, not ${process.platform} ${process.arch}`,
  );
}
const folder = resolve(out);
const madeAt = timeOfSource();
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
mkdirSync(folder, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'sallyport-package-'));
try {
  const files = [DMZ_PROXY, GATEWAY].flatMap((program) => pack(program));
  const sums = files.map((file) => `${sha256(join(folder, file))}  ${file}\n`);
  writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''));
  process.stdout.write(sums.join(''));
} finally {
  rmSync(work, { recursive: true });
}

/** The package of one program and its bill of materials, by name. */
function pack(program: Program): readonly string[] {
  const built = buildProgram(ROOT, work, program);
  const version = versionOf(program);
  const bill = `${JSON.stringify(bom(program, built, version), undefined, 2)}\n`;
  const sbom = `${program.name}_${version}.cdx.json`;
  writeFileSync(join(folder, sbom), bill);
  const source = { root: ROOT, program, built, version, madeAt, billOfMaterials: bill };
  const debian = programPackage({ ...source, architecture: architecture ?? 'amd64' });
  return [packDebian(debian, folder, madeAt), sbom];
}

function bom(program: Program, built: BuiltProgram, version: string): object {
  const bundler = JSON.parse(
    readFileSync(join(ROOT, 'deploy/bundler/node_modules/esbuild/package.json'), 'utf8'),
  ) as { version: string };
  const packages = built.foreign.packages.map((place) => {
    const locked = lock.packages[place];
    if (locked === undefined) throw new Error(`${place} is not in the lock file: run npm ci`);
    return [place, locked] as const;
  });
  return billOfMaterials({
    name: program.name,
    version,
    licence: 'Apache-2.0',
    packages: new Map(packages),
    nodeVersions: process.versions,
    bundler: { name: 'esbuild', version: bundler.version },
    madeAt,
  });
}

function versionOf(program: Program): string {
  const [workspace] = program.entry.split('/');
  const manifest = readFileSync(join(ROOT, workspace ?? '', 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** When the source was last changed; two builds of the same source give the same packages. */
function timeOfSource(): Date {
  // biome-ignore lint/style/noProcessEnv: the composition root of the build
  const given = process.env['SOURCE_DATE_EPOCH'];
  const seconds = given ?? execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT });
  return new Date(Number(String(seconds).trim()) * 1000);
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
