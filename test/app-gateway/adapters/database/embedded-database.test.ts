import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { openEmbeddedStore } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { AT_MS, plainPartner, programEvent } from '../../ports/state-records.ts';

const OPENS_AND_COMMITS = `
import { openEmbeddedStore } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
const store = await openEmbeddedStore(process.argv[1]);
const event = { atMs: 1, author: { kind: 'program', node: 'n' }, kind: 'imported', subject: 's', detail: {} };
const done = await store.value.commit(0, { events: [event] }, ${AT_MS});
process.stdout.write(JSON.stringify(done));
setInterval(() => undefined, 1000);
`;

describe('the embedded database in a folder', () => {
  let parent: string;
  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'state-'));
  });
  after(() => rm(parent, { recursive: true }));

  it('belongs to one process, outlives one that is killed, and is for its owner alone', async () => {
    const folder = join(parent, 'state');
    const child = spawn(
      process.execPath,
      ['--input-type=module-typescript', '-e', OPENS_AND_COMMITS, folder],
      { stdio: ['ignore', 'pipe', 'inherit'], cwd: import.meta.dirname },
    );
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    assert.deepEqual(JSON.parse(String(said)), { ok: true, value: AT_MS });
    const taken = await openEmbeddedStore(folder);
    assert.equal(!taken.ok && taken.error.code, 'database-in-use');
    assert.match(taken.ok ? '' : taken.error.message, new RegExp(`process ${child.pid}`));
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;

    const store = await openEmbeddedStore(folder);
    assert.ok(store.ok, JSON.stringify(store));
    const state = await store.value.load();
    assert.equal(state.ok && state.value.revision, AT_MS);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    const change = { partners: [plainPartner('acme')], events: [programEvent('x')] } as const;
    assert.ok((await store.value.commit(AT_MS, change, AT_MS)).ok);
    await store.value.close();
    await store.value.close();
    const late = await store.value.load();
    assert.equal(!late.ok && late.error.code, 'unavailable');

    const again = await openEmbeddedStore(folder);
    assert.ok(again.ok);
    const kept = await again.value.load();
    assert.deepEqual(kept.ok && kept.value.partners, [plainPartner('acme')]);
    await again.value.close();
  });

  it('says so when the folder cannot be one', async () => {
    const file = join(parent, 'file');
    await writeFile(file, '');
    const store = await openEmbeddedStore(file);
    assert.equal(!store.ok && store.error.code, 'database-not-opened');
    assert.match(store.ok ? '' : store.error.message, /EEXIST|ENOTDIR/);
  });
});
