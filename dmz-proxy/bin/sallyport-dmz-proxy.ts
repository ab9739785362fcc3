import { resolve } from 'node:path';
import process from 'node:process';
import { programVersion } from '../src/health/program-version.ts';
import { isEnrolment, parseEnrolment } from '../src/keys/enrolment-words.ts';
import { awaitedFolder, isHelp, PROGRAM_USAGE } from '../src/launcher/await-words.ts';

// What the command does besides becoming the launcher: with its user's rights, in a process that ends.

const words = process.argv.slice(2);
const awaited = awaitedFolder(words);
const enrolment = isEnrolment(words) ? parseEnrolment(words) : undefined;
if (awaited !== undefined) {
  const { awaitStart } = await import('../src/launcher/await-start.ts');
  await awaitStart(resolve(awaited), process.env['MAINPID']);
} else if (enrolment !== undefined) {
  const { enrol, tell } = await import('../src/keys/enrolment.ts');
  tell(enrol(enrolment, Date.now()));
} else if (words[0] === '--version') {
  process.stdout.write(`sallyport-dmz-proxy ${programVersion()} (Node.js ${process.version})\n`);
} else if (isHelp(words)) {
  process.stdout.write(PROGRAM_USAGE);
} else {
  process.stderr.write(PROGRAM_USAGE);
  process.exitCode = 2;
}
