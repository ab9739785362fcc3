import { resolve } from 'node:path';
import process from 'node:process';
import { childEnvironment } from '../src/launch.ts';
import { programVersion } from '../src/program-version.ts';
import { packedLauncherArguments, roleIn } from '../src/single-file.ts';

// The whole program in one executable. All its processes are this file; the arguments say which one it is.

switch (roleIn(process.argv)) {
  case 'worker':
    await import('../src/worker.ts');
    break;
  case 'launcher':
    await import('../src/main.ts');
    break;
  case 'starter':
    start(process.argv.slice(2));
}

/** Becomes the launcher, as `sallyport-dmz-proxy.ts` does: the same process, with its rights and no more. */
function start([folder, ...rest]: readonly string[]): void {
  if (folder === '--version') {
    process.stdout.write(`sallyport-dmz-proxy ${programVersion()} (Node.js ${process.version})\n`);
  } else if (folder === undefined || folder.startsWith('-') || rest.length > 0) {
    process.stderr.write('usage: sallyport-dmz-proxy BUNDLE-FOLDER | --version\n');
    process.exitCode = 2;
  } else {
    const words = [process.execPath, ...packedLauncherArguments(resolve(folder))];
    const environment = childEnvironment(process.env, { ok: false, error: 'absent' });
    process.execve?.(process.execPath, words, environment);
  }
}
