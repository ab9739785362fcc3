import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FileDraft } from '@sallyport/app-gateway/cli/files/file-draft.ts';

const MODULE = import.meta.resolve('@sallyport/app-gateway/cli/files/file-draft.ts');

describe('a file under another name until it is whole', () => {
  let folder: string;
  let target: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-draft-'));
    target = join(folder, 'pack');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('gets its name when all of it is written', () => {
    const draft = FileDraft.ofNew(target, 0o600);
    draft.write('one,');
    draft.write(Buffer.from('two'));
    assert.match(readdirSync(folder).join(), /^pack\.[0-9a-f]{8}\.part$/);
    draft.publish();
    assert.deepEqual(readdirSync(folder), ['pack']);
    assert.equal(readFileSync(target, 'utf8'), 'one,two');
    assert.equal(statSync(target).mode & 0o777, 0o600);
  });

  it('is taken away, more than once too', () => {
    const draft = FileDraft.ofNew(target, 0o600);
    draft.write('half');
    draft.drop();
    draft.drop();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('takes the place of nothing, whenever that came', () => {
    writeFileSync(target, 'mine');
    assert.throws(() => FileDraft.ofNew(target, 0o600), { code: 'EEXIST' });
    rmSync(target);
    const draft = FileDraft.ofNew(target, 0o600);
    writeFileSync(target, 'mine');
    assert.throws(() => draft.publish(), { code: 'EEXIST' });
    draft.drop();
    assert.deepEqual(readdirSync(folder), ['pack']);
    assert.equal(readFileSync(target, 'utf8'), 'mine');
  });

  it('has no name after the process was killed, and is in nobody’s way', async () => {
    const program = `
      import { FileDraft } from ${JSON.stringify(MODULE)};
      const draft = FileDraft.ofNew(${JSON.stringify(target)}, 0o600);
      draft.write('half');
      setInterval(() => undefined, 1000);
      process.stdout.write('begun');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    assert.equal(readdirSync(folder).includes('pack'), false);
    const draft = FileDraft.ofNew(target, 0o600);
    draft.write('whole');
    draft.publish();
    assert.equal(readFileSync(target, 'utf8'), 'whole');
  });
});
