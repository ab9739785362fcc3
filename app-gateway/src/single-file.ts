import { basename } from 'node:path';
import process from 'node:process';
import { programVersion } from './program-version.ts';

// The whole program in one executable. Called `sallyport` it is the command line, by any other name the gateway.

const [, calledAs = '', folder, ...rest] = process.argv;
if (basename(calledAs) === 'sallyport') await import('./cli/main.ts');
else if (folder === '--version') {
  process.stdout.write(`sallyport-gateway ${programVersion()} (Node.js ${process.version})\n`);
} else if (folder === undefined || folder.startsWith('-') || rest.length > 0) {
  process.stderr.write('usage: sallyport-gateway BUNDLE-FOLDER | --version\n');
  process.exitCode = 2;
} else await import('./main.ts');
