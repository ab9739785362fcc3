import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { GatewayStage } from './support/gateway-stage.ts';

describe('a gateway whose site is less than it demands', { timeout: 60_000 }, () => {
  let stage: GatewayStage;
  let yaml: string;
  before(async () => {
    stage = await GatewayStage.open('files');
    yaml = await readFile(stage.file('site.yaml'), 'utf8');
  });
  after(() => stage.close());

  it('keeps what is in force at a reload, and says why', async () => {
    await appendFile(stage.file('site.yaml'), 'requirePosture: medium\n');
    stage.signal('SIGHUP');
    const refused = await stage.logged('site-refused');
    assert.match(String(refused['message']), /medium is demanded, and this is low: /);
    assert.equal(
      stage.log.some(({ event }) => event === 'reloaded'),
      false,
    );
    assert.equal(
      stage.frames.some(({ type }) => type === FrameType.snapshot),
      false,
    );
  });

  it('takes over a site that demands what it has, and tells the proxies', async () => {
    await writeFile(stage.file('site.yaml'), `${yaml}requirePosture: low\n`);
    stage.signal('SIGHUP');
    await stage.logged('reloaded');
    const snapshot = await stage.frame(FrameType.snapshot);
    assert.match(snapshot.text, /"requirePosture":"low"/);
  });

  it('does not start', async () => {
    await writeFile(stage.file('site.yaml'), `${yaml}requirePosture: high\n`);
    await stage.restart(stage.file(''));
    assert.equal(await stage.exitCode(), 1);
    const refused = await stage.logged('site-refused');
    assert.match(String(refused['message']), /high is demanded/);
  });
});
