import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { ROOT } from '../../architecture/source-tree.ts';
import { environment } from './environment.ts';

const APT = { ...environment, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
/** Where the source of the packages lies. */
const PACKED = ['app-gateway', 'deploy', 'dmz-proxy', 'shared', 'package-lock.json'];
const KEPT_MS = 86_400_000;

/** The smallest Debian there is, in a folder; made once and kept for later runs, so only to be copied. */
export function freshDebian(): string {
  const fresh = keptFolder();
  if (!existsSync(join(fresh, 'etc/debian_version'))) {
    const unfinished = `${fresh}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    execFileSync('debootstrap', ['--variant=minbase', 'bookworm', unfinished], { stdio: 'ignore' });
    rmSync(fresh, { recursive: true, force: true });
    execFileSync('mv', [unfinished, fresh]);
  }
  return fresh;
}

/** The same Debian with the init system that real hosts have, and what our packages declare; made once as well. */
export function debianWithSystemd(): string {
  const fresh = `${keptFolder()}-systemd`;
  if (existsSync(join(fresh, 'lib/systemd/systemd'))) return fresh;
  const unfinished = `${fresh}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  execFileSync('cp', ['-a', freshDebian(), unfinished]);
  const words = ['install', '-y', '--no-install-recommends', 'systemd-sysv', 'dbus', 'libatomic1'];
  execFileSync('chroot', [unfinished, 'apt-get', ...words], { stdio: 'ignore', env: APT });
  rmSync(fresh, { recursive: true, force: true });
  renameSync(unfinished, fresh);
  return fresh;
}

/**
 * Both packages, built as an operator does, in a folder of one's own.
 *
 * Built once for the same source and the same last change, for several tests want them.
 */
export function buildPackages(folder: string): void {
  const kept = `sallyport-packages-${process.getuid?.()}-`;
  const built = join(tmpdir(), kept + digestOfSource());
  if (!existsSync(built)) {
    for (const name of readdirSync(tmpdir())) {
      const path = join(tmpdir(), name);
      // Another checkout may be copying its own at this moment.
      const isOld = (): boolean => Date.now() - statSync(path).mtimeMs > KEPT_MS;
      if (name.startsWith(kept) && isOld()) rmSync(path, { recursive: true, force: true });
    }
    const unfinished = `${built}.${process.pid}`;
    const words = [join(ROOT, 'deploy/package.sh'), '--out', unfinished];
    execFileSync('bash', words, { stdio: 'ignore' });
    renameSync(unfinished, built);
  }
  cpSync(built, folder, { recursive: true });
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

function keptFolder(): string {
  return join(tmpdir(), `sallyport-debian-bookworm-${process.getuid?.()}`);
}

/** Why a test that needs root is skipped, on the report and beside it. */
export function needsRoot(test: string): { skip: string } {
  console.error(`peers: ${test} needs root: SKIPPED`);
  return { skip: 'needs root' };
}
