import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { type ConnectionOptions, connect } from 'node:tls';
import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import { clockSetBy } from '../integration/support/clock-ahead.ts';
import { type Pair, startPair } from '../integration/support/pair.ts';
import { readLedger } from '../integration/support/pair-ledger.ts';
import { Line } from '../integration/support/pair-line.ts';
import { answerText, requestText } from '../integration/support/pair-message.ts';
import { EMBEDDED } from '../integration/support/pair-site.ts';
import { freePort } from '../peers/support/free-port.ts';
import { until } from '../peers/support/wait.ts';

const FROM_US = { from: '<sip:bob@acme.example>', sentBy: 'chat.acme.internal' };
const REPORTED_MS = 20_000;
/** Of version 2: a caller at 2001:db8::9, port 40000. */
const HEADER = Buffer.concat([
  Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
  Buffer.from([0x21, 0x21, 0, 36]),
  Buffer.from('20010db800000000000000000000000920010db80000000000000000000000019c4013c5', 'hex'),
]);

async function partnerAt(
  { site }: Pair,
  [host, port]: readonly [string, number],
  options: ConnectionOptions = {},
  firstBytes = Buffer.alloc(0),
): Promise<Line> {
  const raw = connectTcp(port, host);
  await once(raw, 'connect');
  raw.write(firstBytes);
  const { certificatePem, privateKeyPem } = site.globex.identity;
  const socket = connect({
    ...{ socket: raw, servername: 'acme.example', rejectUnauthorized: false },
    ...{ cert: certificatePem, key: privateKeyPem, ...options },
  });
  await once(socket, 'secureConnect');
  return new Line(socket);
}

async function recordsOf(t: TestContext, pair: Pair) {
  await pair.proxy.stop();
  await pair.gateways[0]?.stop();
  const { told, chains } = await readLedger(join(pair.site.folder, 'hosts/gateway-1'));
  for (const [source, { faults }] of chains) assert.deepEqual(faults, [], source);
  t.diagnostic(`${told.length} records`);
  return (type: string): readonly AuditRecord['fields'][] =>
    told.filter(({ record }) => record.type === type).map(({ record }) => record.fields);
}

it('whoever comes and goes is on record with both ends, listener, balancer and what was agreed', async (t) => {
  const [six, balanced] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
  const behind = { host: '127.0.0.1', port: balanced, proxyProtocolFrom: ['127.0.0.1/32'] };
  const pair = await startPair(t, {
    database: EMBEDDED,
    listen: [{ host: '::1', port: six }, behind],
  });
  const { inner, outer, site } = pair;
  outer.answer = (request) => answerText(request, '200 OK');
  const usual = ['127.0.0.1', site.publicPort] as const;
  const came = [
    ['by TLS 1.3', usual, {}],
    ['with another group', usual, { ecdhCurve: 'P-384' }],
    ['by TLS 1.2', usual, { maxVersion: 'TLSv1.2', ecdhCurve: 'X25519:P-256' }],
    ['by IPv6', ['::1', six], {}],
    ['through a balancer', ['127.0.0.1', balanced], {}, HEADER],
  ] as const;
  for (const [how, at, options, firstBytes] of came) {
    const line = await partnerAt(pair, at, options, firstBytes);
    assert.equal((await line.ask(requestText('MESSAGE'))).status, 200, how);
    line.end();
  }
  const stranger = connect({ port: site.publicPort, rejectUnauthorized: false });
  stranger.on('error', () => undefined);
  await once(stranger, 'close');
  const outward = await inner.lineOf('gateway-1');
  const sent = await outward.ask(
    requestText('MESSAGE', { ...FROM_US, uri: 'sip:alice@globex.example' }),
  );
  assert.equal(sent.status, 200);
  const uri = 'sip:alice@nowhere.example';
  await outward.ask(requestText('MESSAGE', { ...FROM_US, uri, callId: 'nowhere' }));

  const of = await recordsOf(t, pair);
  const opened = of('connection-opened');
  const [v4, v6, v4Behind] = [
    `127.0.0.1:${site.publicPort}`,
    `[::1]:${six}`,
    `127.0.0.1:${balanced}`,
  ];
  assert.deepEqual(
    opened.map((one) => [one.tlsVersion, one.group, one.source, one.balancer, one.listener]),
    [
      ['TLSv1.3', 'X25519MLKEM768', '127.0.0.1', undefined, v4],
      ['TLSv1.3', 'secp384r1', '127.0.0.1', undefined, v4],
      ['TLSv1.2', 'X25519', '127.0.0.1', undefined, v4],
      ['TLSv1.3', 'X25519MLKEM768', '::1', undefined, v6],
      ['TLSv1.3', 'X25519MLKEM768', '2001:db8::9', '127.0.0.1', v4Behind],
      ['TLSv1.3', 'X25519MLKEM768', '127.0.0.1', undefined, undefined],
    ],
  );
  const closed = of('connection-closed');
  assert.equal(closed.length, opened.length);
  for (const one of closed) {
    const { durationMs, bytesReceived, bytesSent, messagesReceived, messagesSent, code, ...ends } =
      one;
    assert.partialDeepStrictEqual(
      opened.find(({ connection }) => connection === one.connection),
      ends,
    );
    assert.equal(ends.transport, 'TLS');
    assert.ok(ends.destination !== undefined && ends.destinationPort !== undefined);
  }
  assert.deepEqual(
    of('connection-refused').map(({ code, listener }) => [code, listener]),
    [['peer-certificate-missing', v4]],
  );
  assert.deepEqual(
    of('policy-decision').map(({ rule, requestUri, callId }) => [rule, requestUri, callId]),
    [['partner-unknown', uri, 'nowhere']],
  );
  await pair.stop(['nowhere']);
});

it('a channel is on record at both its ends alike, and how long it was there', async (t) => {
  const pair = await startPair(t, { database: EMBEDDED });
  const of = await recordsOf(t, pair);
  const opened = of('channel-opened');
  assert.deepEqual(opened.map(({ peerNode }) => peerNode).toSorted(), ['edge-1', 'gateway-1']);
  const atGateway = opened.find(({ peerNode }) => peerNode === 'edge-1');
  const atProxy = opened.find(({ peerNode }) => peerNode === 'gateway-1');
  assert.deepEqual([atGateway?.direction, atProxy?.direction], ['outbound', 'inbound']);
  assert.equal(atGateway?.destinationPort, pair.site.channelPort);
  for (const name of ['source', 'sourcePort', 'destination', 'destinationPort'] as const) {
    assert.ok(atGateway?.[name] !== undefined, name);
    assert.equal(atGateway[name], atProxy?.[name], name);
  }
  for (const one of opened) {
    assert.deepEqual([one.tlsVersion, one.group], ['TLSv1.3', 'X25519MLKEM768']);
    assert.equal(one.certificate?.length, 32);
    assert.equal(one.publicKey?.length, 32);
  }
  const closed = of('channel-closed').filter(({ peerNode }) => peerNode === 'edge-1');
  assert.ok(closed.length > 0 && closed.every(({ durationMs = 0n }) => durationMs > 0n));
  await pair.stop();
});

it('a gateway says that its clock was set, before what it says next', async (t) => {
  const stepMs = 3_600_000;
  const pair = await startPair(t, { database: EMBEDDED, gatewayOptions: clockSetBy(stepMs) });
  const [gateway] = pair.gateways;
  gateway?.child.kill('SIGUSR2');
  await gateway?.line('clock-set');
  const outward = await pair.inner.lineOf('gateway-1');
  const beforeMs = Date.now();
  await outward.ask(requestText('MESSAGE', { ...FROM_US, uri: 'sip:alice@nowhere.example' }));
  const { told } = await stopped(pair);
  const at = told.findIndex(({ record }) => record.type === 'clock-stepped');
  const step = told[at];
  assert.equal(step?.entry.source.node, 'gateway-1');
  const expectedMs = Number(step.record.fields.expectedMs);
  assert.ok(Math.abs(expectedMs - beforeMs) < 60_000, String(expectedMs - beforeMs));
  assert.ok(Math.abs(step.record.timeMs - expectedMs - stepMs) < 1000);
  const decision = told.findIndex(({ record }) => record.type === 'policy-decision');
  assert.ok(decision > at);
  await pair.stop();
});

it('a monitor reads what a proxy keeps of audit as what there is now', async (t) => {
  const pair = await startPair(t, { database: EMBEDDED });
  const url = `http://127.0.0.1:${pair.site.gateways[0]?.healthPort}/metrics`;
  const text = await until('report of the worker', REPORTED_MS, async () => {
    const told = await (await fetch(url, { headers: { connection: 'close' } })).text();
    return told.includes('sallyport_proxy_flows{') ? told : undefined;
  });
  for (const gauge of ['audit_memory_bytes', 'audit_spool_bytes', 'certificate_seconds_left']) {
    assert.match(text, new RegExp(`# TYPE sallyport_proxy_${gauge} gauge\n`));
    assert.match(text, new RegExp(`sallyport_proxy_${gauge}{proxy="edge-1",worker="0"} \\d+\n`));
  }
  assert.doesNotMatch(text, /event="(?:audit|certificate)[A-Z]/);
  await pair.stop();
});

async function stopped(pair: Pair) {
  await pair.proxy.stop();
  await pair.gateways[0]?.stop();
  return await readLedger(join(pair.site.folder, 'hosts/gateway-1'));
}
