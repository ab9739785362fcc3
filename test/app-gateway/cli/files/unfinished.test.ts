import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { whileUnfinished } from '@sallyport/app-gateway/cli/files/unfinished.ts';

const MODULE = import.meta.resolve('@sallyport/app-gateway/cli/files/unfinished.ts');

describe('what is half made', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'unfinished-'));
  after(() => rmSync(scratch, { recursive: true }));

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`is taken away by ${signal}, which ends the process as ever`, async () => {
      const draft = join(scratch, signal);
      const program = `
        import { mkdirSync, writeFileSync } from 'node:fs';
        import { whileUnfinished } from ${JSON.stringify(MODULE)};
        mkdirSync(${JSON.stringify(draft)});
        writeFileSync(${JSON.stringify(join(draft, 'root.key'))}, 'x');
        setInterval(() => undefined, 1000);
        await whileUnfinished(${JSON.stringify(draft)}, () => {
          process.stdout.write('begun');
          return new Promise(() => undefined);
        });`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
      await new Promise((resolve) => child.stdout.once('data', resolve));
      assert.ok(existsSync(draft));
      child.kill(signal);
      const ended = await new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
      assert.equal(ended, signal);
      assert.equal(existsSync(draft), false);
    });
  }

  it('leaves signals alone once it is done, whatever came of it', async () => {
    const before = process.listenerCount('SIGINT');
    assert.equal(await whileUnfinished('a', () => Promise.resolve(7)), 7);
    await assert.rejects(
      whileUnfinished('b', () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(process.listenerCount('SIGINT'), before);
  });
});
