import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { openStateStore } from '@sallyport/app-gateway/adapters/database/open-state-store.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import { unwrap } from '../app-gateway/ports/unwrap.ts';
import { startPair, untilHealth } from '../integration/support/pair.ts';
import { readLedger } from '../integration/support/pair-ledger.ts';
import { answerText, requestText } from '../integration/support/pair-message.ts';
import { EMBEDDED } from '../integration/support/pair-site.ts';

const MESSAGES = 40;
/** Asked of the proxy itself. */
const TO_THE_EDGE = { uri: 'sip:sip.acme.example', to: '<sip:sip.acme.example>' };
const WITH_LEDGER = { database: EMBEDDED };

it('puts every message, connection and channel on record, sealed, signed and witnessed', async (t) => {
  const pair = await startPair(t, WITH_LEDGER);
  const bundle = join(pair.site.folder, 'hosts/gateway-1');
  const partner = await pair.partner();
  for (let number = 0; number < MESSAGES; number++) {
    const answer = await partner.ask(requestText('MESSAGE', { callId: `call-${number}` }));
    assert.equal(answer.status, 200);
  }
  assert.equal((await partner.ask(requestText('REGISTER', { callId: 'refused' }))).isFinal, true);
  await pair.proxy.stop();
  await pair.gateways[0]?.stop();
  const { told, chains, signed } = await readLedger(bundle);
  const of = (type: string) => told.filter(({ record }) => record.type === type);
  const callIds = of('message-admitted').map(({ record }) => record.fields.callId);
  assert.deepEqual(
    callIds.filter((callId) => callId?.startsWith('call-')),
    Array.from({ length: MESSAGES }, (_, number) => `call-${number}`),
  );
  const admitted = new Set(of('message-admitted').map(({ entry }) => entry.seq));
  const answers = of('message-answered').map(({ record }) => record.fields.requestSeq ?? -1);
  assert.ok(answers.filter((seq) => admitted.has(seq)).length >= MESSAGES);
  assert.equal(of('message-refused')[0]?.record.fields.callId, 'refused');
  for (const type of ['ledger-opened', 'connection-opened', 'channel-opened', 'partner-changed']) {
    assert.ok(of(type).length > 0, type);
  }
  assert.equal(chains.size, 2);
  for (const [source, chain] of chains) {
    assert.deepEqual(chain, { faults: [], unsealed: 0 }, source);
  }
  assert.equal(signed.size, told.length);
  await pair.stop(['call-3']);
});

it('has the answer to a request whose connection ended, and that went over another one', async (t) => {
  const pair = await startPair(t, WITH_LEDGER);
  const bundle = join(pair.site.folder, 'hosts/gateway-1');
  pair.inner.answer = () => undefined;
  const [asking, staying] = [await pair.partner(), await pair.partner()];
  assert.equal((await staying.ask(requestText('OPTIONS', TO_THE_EDGE))).status, 200);
  asking.send(requestText('MESSAGE', { callId: 'moves' }));
  const asked = await pair.inner.request('MESSAGE', 'moves');
  const { healthPort = 0 } = pair.site.gateways[0] ?? {};
  const { flows = 0 } = await untilHealth(healthPort, () => true);
  asking.end();
  await untilHealth(healthPort, (facts) => facts.flows === flows - 1);
  pair.inner.reply(asked, answerText(asked, '486 Busy Here'));
  const answer = await staying.message('486', ({ callId }) => callId === 'moves');
  assert.equal(answer.status, 486);
  await pair.proxy.stop();
  await pair.gateways[0]?.stop();
  const { told } = await readLedger(bundle);
  const ofCall = told.filter(({ record }) => record.fields.callId === 'moves');
  assert.deepEqual(
    ofCall.map(({ record: { type, fields } }) => [type, fields.status]),
    [
      ['message-admitted', undefined],
      ['message-sent', 486],
    ],
  );
  await pair.stop();
});

it('has the word of the proxy’s host under its checkpoints', async (t) => {
  const pair = await startPair(t, WITH_LEDGER);
  const bundle = join(pair.site.folder, 'hosts/gateway-1');
  const partner = await pair.partner();
  await partner.ask(requestText('MESSAGE'));
  const { healthPort = 0 } = pair.site.gateways[0] ?? {};
  await untilHealth(healthPort, (facts) => 'audit' in facts && facts.audit === 'ok');
  // A checkpoint every two seconds; nothing else tells from outside that it was cosigned.
  await new Promise((done) => setTimeout(done, 5000));
  await pair.gateways[0]?.kill();
  const { signed } = await readLedger(bundle);
  assert.deepEqual(signed.witnesses, ['edge-1']);
  await pair.stop();
});

it('has a legal hold again that stands by its records, after it was taken out of the database', async (t) => {
  const pair = await startPair(t, WITH_LEDGER);
  const bundle = join(pair.site.folder, 'hosts/gateway-1');
  const known = join(bundle, 'run/audit/days');
  await pair.gateways[0]?.stop();
  const before = unwrap(await openStateStore({ kind: 'embedded' }, bundle));
  const hold = { hold: 'case-7', author: 'ann', firstDay: '2026-01-01', lastDay: '2026-01-31' };
  const records = encodeRecord({ type: 'hold-set', timeMs: 1, seq: 0, fields: hold });
  const source = { node: 'gateway-2', worker: 0, epoch: 7n };
  unwrap(await before.ledger.append([{ source, records }], Date.now()));
  await before.close();
  rmSync(known);
  await pair.restart(0);
  while (!existsSync(known)) await new Promise((done) => setTimeout(done, 20));
  await pair.gateways[0]?.stop();
  const after = unwrap(await openStateStore({ kind: 'embedded' }, bundle));
  const holds = unwrap(await after.ledger.holds());
  await after.close();
  assert.deepEqual(
    holds.map(({ name, firstDay, lastDay, setBy }) => [name, firstDay, lastDay, setBy]),
    [['case-7', '2026-01-01', '2026-01-31', 'ann']],
  );
  await pair.stop();
});

it('loses nothing and repeats nothing when the gateway is killed again and again', async (t) => {
  const pair = await startPair(t, WITH_LEDGER);
  const bundle = join(pair.site.folder, 'hosts/gateway-1');
  const answered: string[] = [];
  for (let round = 0; round < 5; round++) {
    const partner = await pair.partner();
    for (let number = 0; number < 20; number++) {
      const callId = `round-${round}-${number}`;
      const answer = await partner.ask(requestText('MESSAGE', { callId }));
      if (answer.status === 200) answered.push(callId);
    }
    await pair.gateways[0]?.kill();
    await pair.restart(0);
  }
  await pair.proxy.stop();
  await pair.gateways[0]?.stop();
  const { told, chains } = await readLedger(bundle);
  const admitted = told.filter(({ record }) => record.type === 'message-admitted');
  const callIds = admitted.map(({ record }) => record.fields.callId);
  assert.equal(answered.length, 100);
  assert.deepEqual(
    callIds.filter((callId) => callId?.startsWith('round-')),
    answered,
  );
  for (const [source, { faults }] of chains) assert.deepEqual(faults, [], source);
  await pair.stop();
});
