import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openEmbeddedStore } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { GatewayStage } from '../integration/support/gateway-stage.ts';

describe('a gateway with its own database', { timeout: 60_000 }, () => {
  let stage: GatewayStage;
  before(async () => {
    stage = await GatewayStage.open('embedded');
  });
  after(() => stage.close());

  it('says that it starts, and with what, before anything else', () => {
    const [first] = stage.log;
    const said = [first?.event, first?.['level'], first?.['site'], first?.['node']];
    assert.deepEqual(said, ['starting', 'info', 'acme', 'gateway-1']);
    assert.equal(String(first?.['bundle']), stage.file(''));
    assert.match(String(first?.['version']), /^\d+\.\d+\.\d+/);
  });

  it('takes the bundle in once; a partner’s file that is changed later is not looked at', async () => {
    const file = stage.file('partners/globex.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('methods:', 'metods:'));
    stage.signal('SIGHUP');
    const snapshot = await stage.frame(FrameType.snapshot);
    const { partners } = JSON.parse(snapshot.text.slice(64)) as {
      partners: { id: string; methods: string[] }[];
    };
    assert.deepEqual(
      partners.map(({ id, methods }) => [id, methods]),
      [['globex', ['MESSAGE', 'INVITE', 'BYE', 'OPTIONS']]],
    );
  });

  it('keeps its folder to itself, and no private key in the open there', async () => {
    const folder = stage.file('state');
    const taken = await openEmbeddedStore(folder);
    assert.equal(!taken.ok && taken.error.code, 'database-in-use');
    const data = join(folder, 'data');
    const names = await readdir(data, { recursive: true, withFileTypes: true });
    for (const entry of names.filter((one) => one.isFile())) {
      const bytes = await readFile(join(entry.parentPath, entry.name), 'latin1');
      assert.ok(!bytes.includes('PRIVATE KEY'), entry.name);
    }
  });
});
