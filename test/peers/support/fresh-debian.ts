import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { ROOT } from '../../architecture/source-tree.ts';
import { environment } from './environment.ts';

const APT = { ...environment, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
/** Where the source of the packages lies. */
const PACKED = ['app-gateway', 'deploy', 'dmz-proxy', 'shared', 'package-lock.json'];
const KEPT_MS = 86_400_000;
const MAKE_ONCE = `folder=$1 sign=$2
shift 2
[ ! -e "$folder/$sign" ] || exit 0
rm -rf "$folder" "$folder.unfinished"
sh -ec "$@"
mv "$folder.unfinished" "$folder"`;

/** The smallest Debian there is, in a folder; made once and kept for later runs, so only to be copied. */
export function freshDebian(): string {
  const fresh = join(tmpdir(), `sallyport-debian-bookworm-${process.getuid?.()}`);
  makeOnce(fresh, 'etc/debian_version', 'debootstrap --variant=minbase bookworm "$1"');
  return fresh;
}

/** The same Debian with the init system that real hosts have, and what our packages declare; made once as well. */
export function debianWithSystemd(): string {
  const plain = freshDebian();
  const fresh = `${plain}-systemd`;
  const install = 'apt-get install -y --no-install-recommends systemd-sysv dbus libatomic1';
  makeOnce(fresh, 'lib/systemd/systemd', `cp -a "$2" "$1"; chroot "$1" ${install}`, plain);
  return fresh;
}

/**
 * Both packages, built as an operator does, in a folder of one's own.
 *
 * Who has just built them says where with SALLYPORT_PACKAGES. Else they are built once for the same source and the
 * same last change, for several tests want them.
 */
export function buildPackages(folder: string): void {
  cpSync(environment['SALLYPORT_PACKAGES'] ?? keptPackages(), folder, { recursive: true });
}

function keptPackages(): string {
  const kept = `sallyport-packages-${process.getuid?.()}-`;
  const built = join(tmpdir(), kept + digestOfSource());
  if (existsSync(built)) return built;
  for (const name of readdirSync(tmpdir())) {
    const path = join(tmpdir(), name);
    // Another checkout may be copying its own at this moment.
    const isOld = (): boolean => Date.now() - statSync(path).mtimeMs > KEPT_MS;
    if (name.startsWith(kept) && isOld()) rmSync(path, { recursive: true, force: true });
  }
  makeOnce(built, 'SHA256SUMS', 'bash "$2" --out "$1"', join(ROOT, 'deploy/package.sh'));
  return built;
}

/** What the packages are made of: every file that git knows or would take in, and when it was last committed. */
function digestOfSource(): string {
  const git = (...words: readonly string[]): string =>
    execFileSync('git', words, { cwd: ROOT, encoding: 'utf8', maxBuffer: 16_777_216 });
  const files = git('ls-files', '-z', '--cached', '--others', '--exclude-standard', ...PACKED);
  const digest = createHash('sha256').update(git('log', '-1', '--format=%ct'));
  for (const file of new Set(files.split('\0'))) {
    const path = join(ROOT, file);
    if (file !== '' && existsSync(path)) digest.update(file).update(readFileSync(path));
  }
  return digest.digest('hex');
}

/**
 * Makes a folder unless it has this file already. Of several that want it one makes it, and the others wait.
 *
 * The script is given a folder that takes its name when all is done: what was cut off is begun anew. The lock is its
 * own, not ours, and ends with it.
 */
function makeOnce(folder: string, sign: string, script: string, ...words: readonly string[]): void {
  if (existsSync(join(folder, sign))) return;
  const make = [script, 'sh', `${folder}.unfinished`, ...words];
  const whole = ['sh', '-ec', MAKE_ONCE, 'sh', folder, sign, ...make];
  execFileSync('flock', [`${folder}.lock`, ...whole], { stdio: 'ignore', env: APT });
}

/** Why a test that needs root is skipped, on the report and beside it. */
export function needsRoot(test: string): { skip: string } {
  console.error(`peers: ${test} needs root: SKIPPED`);
  return { skip: 'needs root' };
}
