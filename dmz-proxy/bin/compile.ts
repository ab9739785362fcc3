#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { compiledCode, compiledFolder } from '../src/launcher/compiled-code.ts';
import { codeFolders } from '../src/launcher/launch.ts';

// compile.ts [UID]: compiles the program once, when it is installed, so that its processes start without
// stripping types and parsing. Run by whoever owns the code; UID is the user that the service runs as.

const own = String(process.getuid?.() ?? '');
const uid = process.argv[2] ?? own;
const { proxy } = codeFolders();
const folder = compiledFolder(proxy);
rmSync(folder, { recursive: true, force: true });
process.umask(0o022);
// Without a bundle launcher and worker load all their code, find nothing to do and end; so does the command that is half said.
const programs = [['src/main.ts'], ['src/worker.ts'], ['bin/sallyport-dmz-proxy.ts', 'request']];
for (const [program = '', ...words] of programs) {
  const { NODE_OPTIONS: _dropped, ...rest } = process.env;
  const env = { ...rest, NODE_COMPILE_CACHE: folder };
  spawnSync(process.execPath, [join(proxy, program), ...words], { env, stdio: 'ignore' });
}
const compiled = compiledCode(proxy);
if (compiled.ok) handOver();
else process.exitCode = 1;
process.stdout.write(`${compiled.ok ? 'compiled into' : `${compiled.error}:`} ${folder}\n`);

/** Node looks in a folder with the reader's user id at its end, and writes files for their owner alone. */
function handOver(): void {
  for (const name of readdirSync(folder)) {
    const made = join(folder, name);
    for (const file of readdirSync(made)) chmodSync(join(made, file), 0o644);
    if (name.endsWith(`-${own}`)) renameSync(made, made.slice(0, -own.length) + uid);
  }
}
