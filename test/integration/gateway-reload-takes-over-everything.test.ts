import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { dialled, type Speaker } from '../app-gateway/adapters/community/inner-server.ts';
import {
  fromInside,
  fromPartner,
  responseTo,
  startLine,
} from '../app-gateway/domain/core/core-stage.ts';
import { freePort } from '../peers/support/free-port.ts';
import { GatewayStage } from './support/gateway-stage.ts';

const HOST = '127.0.0.1';
const TOO_LONG = 'x'.repeat(200);

function narrowed(yaml: string): string {
  return yaml.replace(/requestUriBytesMax: .*/, 'requestUriBytesMax: 128');
}

describe('a reload of a running gateway', { timeout: 20_000 }, () => {
  let stage: GatewayStage;
  let early: Speaker;
  let original = '';
  before(async () => {
    stage = await GatewayStage.open();
    original = await readFile(stage.file('site.yaml'), 'utf8');
    early = await dialled(stage.ready.innerPort, stage.shown);
  });
  after(async () => {
    early.socket.destroy();
    await stage.close();
  });

  /** Has the gateway read its files again; returns what it says to them. */
  async function reload(event: 'reloaded' | 'reload-refused', yaml = original) {
    await writeFile(stage.file('site.yaml'), yaml);
    stage.signal('SIGHUP');
    return await stage.logged(event);
  }

  /** A message that passes from the partner to the inner server and is answered. */
  async function passes(user = 'bob'): Promise<void> {
    stage.fromPartner(1, fromPartner('MESSAGE', { uri: `sip:${user}@acme.example` }));
    const { request, speaker } = await stage.inner.asked();
    speaker.send(responseTo(request, 200));
    assert.match((await stage.frame(FrameType.sip)).text, /^SIP\/2\.0 200 /);
  }

  /** The answer to a message for a company that nobody knows. */
  async function answerOf(speaker: Speaker): Promise<string> {
    speaker.send(fromInside('MESSAGE', { uri: 'sip:x@nobody.example' }));
    return startLine(await speaker.next());
  }

  it('takes new size limits for what inner servers and proxies send', async () => {
    await passes(TOO_LONG);
    await reload('reloaded', narrowed(original));
    stage.speaker?.send(fromInside('MESSAGE', { uri: `sip:${TOO_LONG}@globex.example` }));
    assert.equal(
      startLine((await stage.speaker?.next()) ?? ''),
      'SIP/2.0 414 Request-URI Too Long',
    );
    stage.fromPartner(2, fromPartner('MESSAGE', { uri: `sip:${TOO_LONG}@acme.example` }));
    assert.match((await stage.frame(FrameType.sip)).text, /^SIP\/2\.0 414 /);
    await reload('reloaded');
    await passes(TOO_LONG);
  });

  it('shows a new certificate to inner servers that dial, and keeps those that did', async () => {
    const read = (name: string) => readFile(join(stage.folder, 'site', name), 'utf8');
    const issued = await issueLeaf(
      {
        certificatePem: await read('ca/community-ca.crt'),
        privateKeyPem: await read('ca/community-ca.key'),
      },
      {
        commonName: 'renewed',
        dnsNames: ['gateway.acme.internal'],
        usages: ['serverAuth', 'clientAuth'],
        ...validForDays(Date.now(), 30),
      },
    );
    await writeFile(stage.file('communities/gateway.crt'), issued.certificatePem);
    await writeFile(stage.file('communities/gateway.key'), issued.privateKeyPem);
    await reload('reloaded');
    const late = await dialled(stage.ready.innerPort, stage.shown);
    const { fingerprint256 } = new X509Certificate(issued.certificatePem);
    assert.equal(late.shown?.fingerprint256, fingerprint256);
    assert.notEqual(early.shown?.fingerprint256, fingerprint256);
    late.socket.destroy();
    assert.equal(early.isClosed, false);
    await passes();
  });

  it('moves its inner port, and keeps the connections through the old one', async () => {
    const port = await freePort(HOST);
    await reload('reloaded', original.replace(/(inner: .*port: )0/, `$1${port}`));
    await assert.rejects(dialled(stage.ready.innerPort, stage.shown), { code: 'ECONNREFUSED' });
    const late = await dialled(port, stage.shown);
    for (const speaker of [late, early]) {
      assert.equal(await answerOf(speaker), 'SIP/2.0 403 Forbidden');
    }
    late.socket.destroy();
    await passes();
  });

  it('refuses it all when a port is taken, and says so', async () => {
    const holder = createServer().listen(0, HOST);
    const port = await new Promise<number>((resolve) => {
      holder.once('listening', () => resolve((holder.address() as { port: number }).port));
    });
    const yaml = original.replace(/(health: .*port: )0/, `$1${port}`);
    assert.notEqual(yaml, original);
    const refused = await reload('reload-refused', narrowed(yaml));
    assert.match(String(refused['reason']), /EADDRINUSE/);
    holder.close();
    await passes(TOO_LONG);
  });

  it('takes over new channel files without a word to the channel, and refuses broken ones', async () => {
    const good = await readFile(stage.file('channel.key'), 'utf8');
    await writeFile(
      stage.file('channel.key'),
      await readFile(stage.file('communities/gateway.key')),
    );
    const refused = await reload('reload-refused');
    assert.match(String(refused['reason']), /channel\.key: error: does not belong to channel\.crt/);
    await writeFile(stage.file('channel.key'), good);
    const before = await readFile(stage.file('channel.crt'), 'utf8');
    const bundled = await bundleCommand(join(stage.folder, 'site'), Date.now);
    assert.equal(bundled.exitCode, 0, bundled.text);
    assert.notEqual(await readFile(stage.file('channel.crt'), 'utf8'), before);
    await reload('reloaded');
    await passes();
    assert.equal(stage.log.filter(({ event }) => event === 'channel-closed').length, 0);
  });

  it('tells what is doubtful in a site that it takes', async () => {
    await reload(
      'reloaded',
      original.replace(/(health: \{ host: )127\.0\.0\.1(, port: 8081)/, '$10.0.0.0$2'),
    );
    const warning = stage.log.find(({ path }) => path === 'proxies[0].health');
    assert.deepEqual([warning?.event, warning?.['file']], ['site-warning', 'site.yaml']);
    assert.match(String(warning?.['message']), /answers on every address/);
  });

  it('says what it has not taken over, until the old value is back', async () => {
    const journal = 'audit: { retentionDays: 30, journalBytesMax: 536870912 }';
    await reload('reloaded', `${original}\n${journal}\n`);
    const waiting = await stage.logged('restart-needed');
    assert.equal(waiting['settings'], 'audit.journalBytesMax');
    await reload('reloaded');
    await reload('reloaded');
    assert.equal(
      stage.log.some(({ event }) => event === 'restart-needed'),
      false,
    );
  });

  it('refuses another name of the site', async () => {
    const refused = await reload('reload-refused', original.replace(/^name: .*/m, 'name: other'));
    assert.match(String(refused['reason']), /name of a site/);
  });
});
