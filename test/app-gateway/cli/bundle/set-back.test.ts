import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setBackProblems } from '@sallyport/app-gateway/cli/bundle/set-back.ts';
import { SITE_YAML } from '../../site-fixture.ts';

const THEN_MS = Date.UTC(2026, 10, 23);

describe('a site that was put back', () => {
  let bundle: string;
  before(async () => {
    bundle = await mkdtemp(join(tmpdir(), 'set-back-'));
    await writeFile(join(bundle, 'site.yaml'), SITE_YAML);
    await utimes(join(bundle, 'site.yaml'), THEN_MS / 1000, THEN_MS / 1000);
  });
  after(() => rm(bundle, { recursive: true }));
  const told = async (version: number) =>
    (await setBackProblems(bundle, { version })).map(({ severity, message }) => [
      severity,
      message.replace(bundle, 'BUNDLE').replace(/ in BUNDLE.*/, ''),
    ]);

  it('is told of with both times when it is older than the bundle, by a millisecond', async () => {
    assert.deepEqual(await told(THEN_MS - 1), [
      [
        'warning',
        'was put back: the newest change of it and of the files that it names is of 2026-11-22T23:59:59.999Z, and of 2026-11-23T00:00:00.000Z',
      ],
    ]);
  });

  it('is not, when it is as old, or newer', async () => {
    assert.deepEqual(await told(THEN_MS), []);
    assert.deepEqual(await told(THEN_MS + 1), []);
  });

  it('is not, where there is no bundle yet', async () => {
    assert.deepEqual(await setBackProblems(join(bundle, 'none'), { version: 0 }), []);
  });

  it('is older than a partner’s folder, whose time tells that one was removed', async () => {
    await mkdir(join(bundle, 'partners'));
    await utimes(join(bundle, 'partners'), THEN_MS / 1000 + 5, THEN_MS / 1000 + 5);
    assert.equal((await told(THEN_MS + 4999)).length, 1);
    assert.equal((await told(THEN_MS + 5000)).length, 0);
  });
});
