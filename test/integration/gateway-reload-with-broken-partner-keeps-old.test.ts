import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { FLAG_FINAL, FrameType } from '@sallyport/shared/channel/frame.ts';
import {
  fromInside,
  fromPartner,
  header,
  responseTo,
  startLine,
} from '../app-gateway/domain/core/core-stage.ts';
import { GatewayStage } from './support/gateway-stage.ts';

describe('a reload', { timeout: 30_000 }, () => {
  let stage: GatewayStage;
  before(async () => {
    stage = await GatewayStage.open();
  });
  after(() => stage.close());

  it('with a broken partner file keeps the old site; a repaired one reaches the proxies', async () => {
    const file = stage.file('partners/globex.yaml');
    const good = await readFile(file, 'utf8');
    await writeFile(file, good.replace('methods:', 'metods:'));
    stage.signal('SIGHUP');
    const refused = await stage.logged('site-refused');
    assert.equal(refused['file'], 'partners/globex.yaml');
    stage.fromPartner(1, fromPartner('MESSAGE'));
    const { request, speaker } = await stage.inner.asked();
    speaker.send(responseTo(request, 200));
    const answer = await stage.frame(FrameType.sip);
    assert.equal(answer.flags, FLAG_FINAL);
    assert.equal(stage.frames.filter(({ type }) => type === FrameType.snapshot).length, 0);

    await writeFile(file, good.replace('methods: [MESSAGE, ', 'methods: ['));
    stage.signal('SIGHUP');
    const snapshot = await stage.frame(FrameType.snapshot);
    const content = JSON.parse(snapshot.text.slice(64)) as { partners: { methods: string[] }[] };
    assert.deepEqual(content.partners[0]?.methods, ['INVITE', 'BYE', 'OPTIONS']);
    stage.speaker?.send(fromInside('MESSAGE'));
    const refusal = (await stage.speaker?.next()) ?? '';
    assert.equal(startLine(refusal), 'SIP/2.0 405 Method Not Allowed');
    assert.equal(header(refusal, 'Allow'), 'INVITE, BYE, OPTIONS, ACK, CANCEL');
  });

  it('that is refused cuts off all the same whom the site file names', async () => {
    const [file, partner] = [stage.file('site.yaml'), stage.file('partners/globex.yaml')];
    const good = await readFile(partner, 'utf8');
    await writeFile(partner, good.replace('methods:', 'metods:'));
    await writeFile(file, `${await readFile(file, 'utf8')}severedPartners: [globex]\n`);
    stage.signal('SIGHUP');
    const refused = await stage.logged('site-refused');
    assert.equal(refused['file'], 'partners/globex.yaml');
    const snapshot = await stage.frame(FrameType.snapshot);
    const content = JSON.parse(snapshot.text.slice(64)) as Record<string, unknown>;
    assert.deepEqual([content['partners'], content['severed']], [[], ['globex']]);
  });

  it('that is refused says so of a name for which nobody is cut off', async () => {
    const file = stage.file('site.yaml');
    const site = await readFile(file, 'utf8');
    await writeFile(file, `${site.replace('[globex]', '[globex, glbex]')}revokedNodes: [edge-l]\n`);
    stage.signal('SIGHUP');
    const doubts = [await stage.logged('site-warning'), await stage.logged('site-warning')];
    assert.deepEqual(
      doubts.map(({ path, message }) => [path, message]),
      [
        ['severedPartners', 'no partner in force is called glbex: nobody is cut off by this'],
        ['revokedNodes', 'no host in force is called edge-l: nothing is shut out by this'],
      ],
    );
  });
});
