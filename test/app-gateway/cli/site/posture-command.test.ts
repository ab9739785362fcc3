import assert from 'node:assert/strict';
import { appendFile, chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import type { Outcome } from '@sallyport/app-gateway/cli/outcome.ts';
import { checkCommand } from '@sallyport/app-gateway/cli/site/check-command.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';
import { postureCommand } from '@sallyport/app-gateway/cli/site/posture-command.ts';

describe('posture of a folder', () => {
  let parent: string;
  let folder: string;
  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'posture-'));
    folder = join(parent, 'site');
    const made = await initCommand(
      folder,
      { layout: 'dual-dmz', domain: ['acme.example'] },
      Date.now,
    );
    assert.equal(made.exitCode, 0, made.text);
  });
  after(() => rm(parent, { recursive: true, force: true }));

  const posture = (require?: string): Promise<Outcome> =>
    postureCommand(folder, require, Date.now());
  const levelOf = ({ json }: Outcome) => (json['answer'] as { readonly level: string }).level;

  it('of a new site is medium: older partners that name no server may connect', async () => {
    const done = await posture();
    assert.equal(done.exitCode, 0);
    assert.match(done.text, /posture medium/);
    assert.match(done.text, /missingServerName/);
    assert.equal(levelOf(done), 'medium');
  });

  it('ends with 1 where more is asked for, and not where it is enough', async () => {
    assert.equal((await posture('medium')).exitCode, 0);
    assert.equal((await posture('high')).exitCode, 1);
  });

  it('refuses a level that is none, and a folder without a site', async () => {
    const wrong = await posture('highest');
    assert.match(wrong.text, /highest is no level/);
    assert.equal(wrong.exitCode, 1);
    assert.equal((await postureCommand(parent, undefined, Date.now())).exitCode, 1);
  });

  it('sees a key that everybody can read', async () => {
    const key = join(folder, 'identities/main.key');
    await chmod(key, 0o644);
    const done = await posture('medium');
    await chmod(key, 0o600);
    assert.equal(done.exitCode, 1);
    assert.match(done.text, /identities\/main\.key/);
    assert.equal(levelOf(done), 'low');
  });

  it('is shown for a site that demands more than it is; check and bundle refuse it and say why', async () => {
    await appendFile(join(folder, 'site.yaml'), 'requirePosture: high\n');
    const shown = await posture();
    assert.equal(shown.exitCode, 1);
    assert.match(shown.text, /high is demanded: this is not enough/);
    for (const refused of [
      await checkCommand(folder, Date.now),
      await bundleCommand(folder, Date.now),
    ]) {
      assert.equal(refused.exitCode, 1);
      assert.match(refused.text, /requirePosture: high is demanded.*missingServerName/);
    }
  });
});
