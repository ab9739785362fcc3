#!/usr/bin/env node
import { resolve } from 'node:path';
import process from 'node:process';
import { ENROLMENT_USAGE, isEnrolment, parseEnrolment } from '../src/keys/enrolment-words.ts';
import { awaitedFolder } from '../src/launcher/await-words.ts';
import { compiledCode } from '../src/launcher/compiled-code.ts';
import { childEnvironment, codeFolders, launcherArguments } from '../src/launcher/launch.ts';
import { permissionModelIn } from '../src/launcher/permission-model.ts';

// Becomes the launcher, with exactly the rights it needs: Node has no way to give them up later, and a parent
// that stayed would only stand between the launcher and the service manager. What it imports, every start pays.

const words = process.argv.slice(2);
const awaited = awaitedFolder(words);
if (awaited !== undefined) {
  const { awaitStart } = await import('../src/launcher/await-start.ts');
  await awaitStart(resolve(awaited), process.env['MAINPID']);
} else if (isEnrolment(words)) await runEnrolment();
else becomeLauncher(resolve(words[0] ?? '.'));

/** No listener and no child: it needs no process of its own. */
async function runEnrolment(): Promise<void> {
  const enrolment = parseEnrolment(words);
  if (enrolment === undefined) {
    process.stderr.write(`usage: ${ENROLMENT_USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  const { enrol, tell } = await import('../src/keys/enrolment.ts');
  tell(enrol(enrolment, Date.now()));
}

function becomeLauncher(folder: string): void {
  const code = codeFolders();
  const launcher = launcherArguments(code, folder, permissionModelIn(folder));
  const environment = childEnvironment(process.env, compiledCode(code.proxy));
  process.execve?.(process.execPath, [process.execPath, ...launcher], environment);
}
