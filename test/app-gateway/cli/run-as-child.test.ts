import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const MODULE = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/cli/run-as-child.ts'));

/** A program that says its process id, and ends with 7 when it is told to. */
const PROGRAM = `process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log(process.pid);`;
const RUNNER = `import(${JSON.stringify(MODULE)}).then(async (m) => { process.exitCode = await m.runAsChild(process.execPath, ['-e', process.argv[1]]); });`;
const CODE = ['-e', RUNNER];

async function firstLine(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  return chunk.toString('utf8').trim();
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('program run as a child', () => {
  it('gets our signals, and we end with its exit code', async () => {
    const runner = spawn(process.execPath, [...CODE, PROGRAM], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await firstLine(runner);
    runner.kill('SIGTERM');
    const [status] = (await once(runner, 'exit')) as [number | null];
    assert.equal(status, 7);
  });

  it('ends with its signal as a shell would say it', async () => {
    const program = "process.kill(process.pid, 'SIGKILL')";
    const runner = spawn(process.execPath, [...CODE, program], { stdio: 'ignore' });
    const [status] = (await once(runner, 'exit')) as [number | null];
    assert.equal(status, 137);
  });

  it('is told to end when our own parent is gone', async () => {
    // A shell between us and the program, as npx has it; it waits, so that it does not become the program.
    const words = [process.execPath, ...CODE, PROGRAM].map(
      (word) => `'${word.replaceAll("'", `'\\''`)}'`,
    );
    const shell = spawn('sh', ['-c', `${words.join(' ')} & wait`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const program = Number(await firstLine(shell));
    assert.equal(isAlive(program), true);
    const outputEnded = once(shell.stdout ?? shell, 'close');
    shell.kill('SIGKILL');
    // The pipe closes when the last process that holds it has ended.
    await outputEnded;
    assert.equal(isAlive(program), false);
  });
});
