import { resolve } from 'node:path';
import process from 'node:process';
import { programVersion } from '../src/health/program-version.ts';
import { isEnrolment, parseEnrolment } from '../src/keys/enrolment-words.ts';
import { awaitedFolder, isHelp, PROGRAM_USAGE } from '../src/launcher/await-words.ts';
import { childEnvironment } from '../src/launcher/launch.ts';
import {
  packedEnrolment,
  packedEnrolmentArguments,
  packedLauncherArguments,
  packedWaiterArguments,
  roleIn,
} from '../src/launcher/single-file.ts';

// The whole program in one executable. All its processes are this file; the arguments say which one it is.

switch (roleIn(process.argv)) {
  case 'worker':
    await import('../src/worker.ts');
    break;
  case 'launcher':
    await import('../src/main.ts');
    break;
  case 'enroller': {
    const { enrol, tell } = await import('../src/keys/enrolment.ts');
    const told = packedEnrolment(process.argv);
    if (told !== undefined) tell(enrol(told, Date.now()));
    break;
  }
  case 'waiter': {
    const { awaitStart } = await import('../src/launcher/await-start.ts');
    await awaitStart(process.argv[2] ?? '', process.env['MAINPID']);
    break;
  }
  case 'starter':
    start(process.argv.slice(2));
}

/** Becomes what was asked for, as `sallyport-dmz-proxy.ts` does: the same process, with its rights and no more. */
function start(words: readonly string[]): void {
  const [folder, ...rest] = words;
  const awaited = awaitedFolder(words);
  if (awaited !== undefined) {
    become(packedWaiterArguments(resolve(awaited)));
  } else if (folder === '--version') {
    process.stdout.write(`sallyport-dmz-proxy ${programVersion()} (Node.js ${process.version})\n`);
  } else if (isHelp(words)) {
    process.stdout.write(PROGRAM_USAGE);
  } else if (isEnrolment(words)) {
    const enrolment = parseEnrolment(words);
    if (enrolment === undefined) refuse();
    else become(packedEnrolmentArguments(enrolment));
  } else if (folder === undefined || folder.startsWith('-') || rest.length > 0) {
    refuse();
  } else {
    become(packedLauncherArguments(resolve(folder)));
  }
}

function become(words: readonly string[]): void {
  const environment = childEnvironment(process.env, { ok: false, error: 'absent' });
  process.execve?.(process.execPath, [process.execPath, ...words], environment);
}

function refuse(): void {
  process.stderr.write(PROGRAM_USAGE);
  process.exitCode = 2;
}
