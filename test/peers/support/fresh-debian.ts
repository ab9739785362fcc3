import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { ROOT } from '../../architecture/source-tree.ts';

/** The smallest Debian there is, in a folder; made once and kept for later runs, so only to be copied. */
export function freshDebian(): string {
  const fresh = join(tmpdir(), `sallyport-debian-bookworm-${process.getuid?.()}`);
  if (!existsSync(join(fresh, 'etc/debian_version'))) {
    const unfinished = `${fresh}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    execFileSync('debootstrap', ['--variant=minbase', 'bookworm', unfinished], { stdio: 'ignore' });
    rmSync(fresh, { recursive: true, force: true });
    execFileSync('mv', [unfinished, fresh]);
  }
  return fresh;
}

/** Builds both packages, as an operator does, into a folder. */
export function buildPackages(folder: string): void {
  execFileSync('bash', [join(ROOT, 'deploy/package.sh'), '--out', folder], { stdio: 'ignore' });
}

/** Why a test that needs root is skipped, on the report and beside it. */
export function needsRoot(test: string): { skip: string } {
  console.error(`peers: ${test} needs root: SKIPPED`);
  return { skip: 'needs root' };
}
