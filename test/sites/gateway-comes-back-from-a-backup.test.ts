import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { backupCommand } from '@sallyport/app-gateway/cli/backup/backup-command.ts';
import { restoreCommand } from '@sallyport/app-gateway/cli/backup/restore-command.ts';
import { AdminClient } from '@sallyport/app-gateway/cli/remote/admin-client.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { surroundingsOf } from '../app-gateway/cli/test-surroundings.ts';
import { GatewayStage } from '../integration/support/gateway-stage.ts';

interface History {
  readonly events: readonly { readonly sequence: number; readonly subject: string }[];
}

describe('a gateway that is put back from a backup', { timeout: 120_000 }, () => {
  let stage: GatewayStage;
  let restored: string;
  before(async () => {
    stage = await GatewayStage.open('embedded');
    restored = join(stage.folder, 'restored');
    await writeFile(join(stage.folder, 'passphrase'), 'four words of a sentence\n');
    await stage.logged('admin-ready');
  });
  after(() => stage.close());

  const around = () => surroundingsOf(stage.folder, { nowMs: Date.now });
  const passphraseFile = 'passphrase';
  const history = async (bundle: string): Promise<History> => {
    const client = new AdminClient(join(bundle, 'run/admin.sock'));
    const answer = await client.ask(['events', 'list'], { parameters: {} });
    assert.ok(answer.ok, JSON.stringify(answer));
    return answer.answer as History;
  };
  let before_: History;

  it('is copied while it runs, and the copy is whole', async () => {
    before_ = await history(stage.file(''));
    assert.ok(before_.events.some(({ subject }) => subject === 'partner/globex'));
    const done = await backupCommand(
      { bundle: stage.file(''), out: 'gateway.backup', passphraseFile },
      around(),
    );
    assert.equal(done.exitCode, 0, done.text);
    const checked = await restoreCommand(
      'gateway.backup',
      { check: true, passphraseFile },
      around(),
    );
    assert.equal(checked.exitCode, 0, checked.text);
  });

  it('starts in another folder, with the same partners, the same history and the same snapshot', async () => {
    const done = await restoreCommand(
      'gateway.backup',
      { bundle: restored, passphraseFile },
      around(),
    );
    assert.equal(done.exitCode, 0, done.text);
    stage.frames.splice(0);
    await stage.restart(restored);
    await stage.logged('ready');
    await stage.logged('admin-ready');
    const { events } = await history(restored);
    const known = new Map(events.map((event) => [event.sequence, event]));
    for (const event of before_.events) assert.deepEqual(known.get(event.sequence), event);
    const snapshot = await stage.frame(FrameType.snapshot);
    const { partners } = JSON.parse(snapshot.text.slice(64)) as { partners: { id: string }[] };
    assert.deepEqual(
      partners.map(({ id }) => id),
      ['globex'],
    );
    assert.equal(
      stage.log.some(({ event }) => event === 'audit-not-opened'),
      false,
    );
  });
});
