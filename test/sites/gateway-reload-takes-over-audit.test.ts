import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { openEmbeddedStore } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { AdminClient } from '@sallyport/app-gateway/cli/remote/admin-client.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { channelRequest } from '@sallyport/shared/x509/channel-request.ts';
import { fromPartner, responseTo } from '../app-gateway/domain/core/core-stage.ts';
import { admitted, sourceOf, span } from '../app-gateway/ports/audit-records.ts';
import { changed, reloadWith } from '../integration/support/gateway-reload.ts';
import { GatewayStage } from '../integration/support/gateway-stage.ts';
import { until } from '../peers/support/wait.ts';

// As gateway-reload-takes-over-each-setting, of what needs a database.

const DAY_MS = 86_400_000;

describe('a setting of audit that a reload takes over at gateways', { timeout: 120_000 }, () => {
  let stage: GatewayStage;
  let yaml = '';
  before(async () => {
    stage = await GatewayStage.open('embedded');
    yaml = await readFile(stage.file('site.yaml'), 'utf8');
  });
  after(() => stage.close());

  /** Call-IDs of messages whose bodies are on record. */
  async function recorded(): Promise<readonly string[]> {
    const client = new AdminClient(stage.file('run/admin.sock'));
    const found = await client.ask(['audit', 'search'], {
      parameters: { type: ['body-recorded'] },
    });
    assert.ok(found.ok, JSON.stringify(found));
    const { entries } = found.answer as { entries: { fields: { callId: string } }[] };
    return entries.map(({ fields }) => fields.callId);
  }

  async function message(callId: string): Promise<void> {
    stage.fromPartner(1, fromPartner('MESSAGE', { callId, body: 'words' }));
    const { request, speaker } = await stage.inner.asked();
    speaker.send(responseTo(request, 200));
    await stage.frame(FrameType.sip);
  }

  it('audit.bodies: what a new rule demands is kept, from then on and until it goes', async () => {
    const key = rawPublicKey(generateKeyPairSync('x25519').privateKey).toString('base64');
    const bodies = `{ auditors: [{ name: anna, key: "${key}" }], rules: [{ name: all, partner: globex }] }`;
    await message('before');
    await reloadWith(stage, 'site.yaml', `${yaml}audit: { bodies: ${bodies} }\n`);
    await message('kept');
    await reloadWith(stage, 'site.yaml', yaml);
    await message('after');
    // Records are moved into the ledger in order, a moment after they were made.
    await until('a body on record', 10_000, async () => (await recorded()).length > 0 || undefined);
    assert.deepEqual(await recorded(), ['kept']);
  });

  it('channel.certificateDays: the next certificate that a host gets lives so long', async () => {
    const daysOf = async (exchange: number): Promise<number> => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const made = channelRequest(privateKey, { site: 'acme', role: 'proxy', node: 'edge-1' });
      assert.ok(made.ok);
      const request = made.value.pem.replace(/-----.*-----|\n/g, '');
      stage.proxy?.sendJson(FrameType.certificateRequest, 0, exchange, { request });
      const { text } = await stage.frame(FrameType.certificateIssued);
      // It is put into the state first, which is a reload of its own.
      await stage.logged('reloaded');
      const { validFromDate, validToDate } = new X509Certificate(
        (JSON.parse(text) as { chain: string }).chain,
      );
      return (validToDate.getTime() - validFromDate.getTime()) / DAY_MS;
    };
    assert.equal(Math.round(await daysOf(1)), 7);
    await reloadWith(
      stage,
      'site.yaml',
      changed(yaml, 'channel: {', 'channel: { certificateDays: 30,'),
    );
    assert.equal(Math.round(await daysOf(2)), 30);
    await reloadWith(stage, 'site.yaml', yaml);
    assert.equal(Math.round(await daysOf(3)), 7);
  });

  it('audit.proxyBytesPerSecond: a proxy that brings more is slowed', async () => {
    const record = admitted(0);
    const records = Array.from({ length: Math.floor(60_000 / record.length) }, (_, seq) =>
      admitted(seq),
    );
    const payload = Buffer.concat([Buffer.from('0000000000000009', 'hex'), ...records]);
    // What comes again is counted as what comes once, and nobody has to keep it.
    const bringMebibytes = async (mebibytes: number): Promise<void> => {
      for (let left = mebibytes * 1_048_576; left > 0; left -= payload.length) {
        assert.equal(stage.proxy?.sendParts(FrameType.auditRecords, 0, payload), true);
        await stage.frame(FrameType.auditAck);
      }
    };
    // Ten seconds' worth at once may come.
    await bringMebibytes(11);
    await reloadWith(stage, 'site.yaml', `${yaml}audit: { proxyBytesPerSecond: 1048576 }\n`);
    assert.equal(
      stage.log.some(({ event }) => event === 'audit-proxy-slowed'),
      false,
    );
    void bringMebibytes(11);
    assert.equal((await stage.logged('audit-proxy-slowed'))['proxy'], 'edge-1');
    await reloadWith(stage, 'site.yaml', yaml);
  });

  it('audit.retentionDays: days that are due now are dropped, and no others', async () => {
    await stage.stop();
    // A ledger that begins some days ago: no record comes before the day of the one before it.
    for (const name of ['state', 'run/audit']) await rm(stage.file(name), { recursive: true });
    const opened = await openEmbeddedStore(stage.file('state'));
    assert.ok(opened.ok);
    const nowMs = Date.now();
    for (const [at, daysAgo] of [12, 6].entries()) {
      const old = span(sourceOf('edge-0', BigInt(at + 1)), 0, 3);
      assert.ok((await opened.value.ledger.append([old], nowMs - daysAgo * DAY_MS)).ok);
    }
    await opened.value.close();
    // It has read this ledger before: one that has not drops nothing on its first day.
    await mkdir(stage.file('run/audit'), { recursive: true });
    const read = { readTo: 0, lastLeaf: '', told: [] };
    await writeFile(stage.file('run/audit/days'), JSON.stringify(read), { mode: 0o600 });
    stage.start(stage.file(''));
    await stage.logged('ready');
    const dayOf = (daysAgo: number) =>
      new Date(nowMs - daysAgo * DAY_MS).toISOString().slice(0, 10);
    await reloadWith(stage, 'site.yaml', `${yaml}audit: { retentionDays: 9 }\n`);
    assert.equal((await stage.logged('audit-day-dropped'))['day'], dayOf(12));
    await reloadWith(stage, 'site.yaml', `${yaml}audit: { retentionDays: 3 }\n`);
    assert.equal((await stage.logged('audit-day-dropped'))['day'], dayOf(6));
    await reloadWith(stage, 'site.yaml', yaml);
  });

  it('audit.enabled waits for a start: the reload is refused', async () => {
    await writeFile(stage.file('site.yaml'), `${yaml}audit: { enabled: false }\n`);
    stage.signal('SIGHUP');
    assert.match(String((await stage.logged('reload-refused'))['reason']), /read at the start/);
  });
});
