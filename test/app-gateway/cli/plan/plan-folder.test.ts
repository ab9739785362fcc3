import assert from 'node:assert/strict';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import {
  MANIFEST_FILE,
  type PlannedFolder,
  readPlanFolder,
  writePlanFolder,
} from '@sallyport/app-gateway/cli/plan/plan-folder.ts';

const KEY = Buffer.alloc(32, 7);
const CONTENT: PlannedFolder = {
  site: 'acme',
  digestKey: KEY,
  folders: [{ path: 'hosts/a/partners', changedMs: 1_700_000_000_123 }],
  files: [
    { path: 'matrix.md', text: 'matrix\n' },
    { path: 'hosts/a/secret', text: 'password\n', isSecret: true },
    { path: 'hosts/a/site.yaml', text: 'name: acme\n', changedMs: 1_700_000_000_456 },
  ],
};

describe('the folder of a plan', () => {
  let scratch: string;
  let count = 0;
  let folder: string;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'plan-folder-'));
  });
  after(() => rm(scratch, { recursive: true }));
  beforeEach(() => {
    count += 1;
    folder = join(scratch, `deep/${count}`);
  });

  const read = () => readPlanFolder(folder, 'acme', KEY);

  it('is written whole, secrets for the owner alone, times kept', async () => {
    assert.equal(await writePlanFolder(folder, CONTENT), true);
    assert.equal((await stat(join(folder, 'hosts/a/secret'))).mode & 0o777, 0o600);
    assert.equal((await stat(join(folder, 'hosts/a/site.yaml'))).mtimeMs, 1_700_000_000_456);
    assert.equal((await stat(join(folder, 'hosts/a/partners'))).mtimeMs, 1_700_000_000_123);
    const texts = await read();
    assert.deepEqual(texts.ok && [...texts.value.keys()].sort(), [
      'hosts/a/secret',
      'hosts/a/site.yaml',
      'matrix.md',
    ]);
  });

  it('is not touched when nothing is different', async () => {
    await writePlanFolder(folder, CONTENT);
    const { ino } = await stat(folder);
    assert.equal(await writePlanFolder(folder, CONTENT), false);
    assert.equal((await stat(folder)).ino, ino);
  });

  it('is written again for another text, another time and a file that is gone', async () => {
    await writePlanFolder(folder, CONTENT);
    const [first, ...others] = CONTENT.files;
    assert.ok(first);
    const text = { ...CONTENT, files: [{ ...first, text: 'new\n' }, ...others] };
    assert.equal(await writePlanFolder(folder, text), true);
    assert.equal(await readFile(join(folder, 'matrix.md'), 'utf8'), 'new\n');
    assert.equal(await writePlanFolder(folder, { ...text, folders: [] }), true);
    await rm(join(folder, 'matrix.md'));
    assert.equal(await writePlanFolder(folder, { ...text, folders: [] }), true);
  });

  it('leaves nothing beside itself', async () => {
    await writePlanFolder(folder, CONTENT);
    await writePlanFolder(folder, { ...CONTENT, folders: [] });
    const beside = await readdir(join(scratch, 'deep'));
    assert.deepEqual(
      beside.filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('tells nobody the digest of a password that could be guessed', async () => {
    await writePlanFolder(folder, CONTENT);
    const { createHash } = await import('node:crypto');
    const plain = createHash('sha256').update('password\n').digest('hex');
    const manifest = await readFile(join(folder, MANIFEST_FILE), 'utf8');
    assert.ok(!manifest.includes(plain));
    assert.ok(manifest.includes(createHash('sha256').update('matrix\n').digest('hex')));
  });

  it('is free when it is not there, or empty', async () => {
    assert.deepEqual(await read(), { ok: true, value: new Map() });
    await mkdir(folder, { recursive: true });
    assert.deepEqual(await read(), { ok: true, value: new Map() });
  });

  const refused: readonly (readonly [
    what: string,
    change: () => Promise<unknown>,
    message: RegExp,
  ])[] = [
    [
      'a file of somebody else',
      () => writeFile(join(folder, 'hosts/a/mine'), 'x'),
      /hosts\/a\/mine/,
    ],
    ['a link', () => symlink('/etc/hostname', join(folder, 'link')), /link/],
    ['a file that was changed', () => writeFile(join(folder, 'matrix.md'), 'x'), /matrix\.md/],
    ['a secret that was changed', () => writeFile(join(folder, 'hosts/a/secret'), 'x'), /secret/],
    ['no manifest', () => rm(join(folder, MANIFEST_FILE)), /holds no plan/],
    ['a broken manifest', () => writeFile(join(folder, MANIFEST_FILE), '{'), /holds no plan/],
    [
      'a manifest of another kind',
      () => writeFile(join(folder, MANIFEST_FILE), '{}'),
      /holds no plan/,
    ],
  ];
  for (const [what, change, message] of refused) {
    it(`is left alone with ${what}`, async () => {
      await writePlanFolder(folder, CONTENT);
      await change();
      const result = await read();
      assert.ok(!result.ok);
      assert.match(result.error.message, message);
    });
  }

  it('is left alone when it is another site’s', async () => {
    await writePlanFolder(folder, { ...CONTENT, site: 'globex' });
    const result = await read();
    assert.match(result.ok ? '' : result.error.message, /another site, globex/);
  });

  it('comes back when a run was cut off between its two renames', async () => {
    await writePlanFolder(folder, CONTENT);
    await rename(folder, join(scratch, 'deep', `.${count}.old`));
    const texts = await read();
    assert.equal(texts.ok && texts.value.size, 3);
  });
});
