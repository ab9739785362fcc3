import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { freePort } from '../peers/support/free-port.ts';
import { startPair } from './support/pair.ts';
import { readLedger } from './support/pair-ledger.ts';
import { Line } from './support/pair-line.ts';
import { answerText, inDialogText, requestText, SipText } from './support/pair-message.ts';
import { EMBEDDED, METHODS } from './support/pair-site.ts';

const CONTACT = 'Contact: <sip:bob@10.9.8.7:5070;transport=tls>';
const NAME = 'sip.acme.example:5060';

const UMBRELLA = {
  id: 'umbrella',
  domains: ['umbrella.example'],
  trustSets: [],
  plainTcp: true,
  sourceNetworks: ['127.0.0.0/8'],
  methods: METHODS,
};

it('a partner without TLS calls and is called over its own connection, and the ledger says how', async (t) => {
  const port = await freePort('127.0.0.1');
  const advertise = { host: 'sip.acme.example', port: 5060 };
  const listen = [{ host: '127.0.0.1', port, transport: 'tcp', advertise }];
  const pair = await startPair(t, { listen, partners: [UMBRELLA], database: EMBEDDED });
  const { inner, site } = pair;
  inner.answer = (request) =>
    request.method === 'ACK' ? undefined : answerText(request, '200 OK', [CONTACT]);
  const line = await Line.connectPlain(port);
  const text = requestText('INVITE', {
    from: '<sip:alice@umbrella.example>',
    headers: ['Contact: <sip:alice@203.0.113.9;transport=tcp>'],
    callId: 'plain',
  }).replace('SIP/2.0/TLS edge.globex', 'SIP/2.0/TCP edge.umbrella');
  const success = await line.ask(text);
  assert.equal(success.status, 200);
  assert.match(
    success.header('Record-Route'),
    /^<sip:[^@]*@sip\.acme\.example:5060;transport=tcp;lr>$/,
  );
  assert.match(success.header('Contact'), /^<sip:[^@]*@sip\.acme\.example:5060;transport=tcp>$/);
  const later = (method: string, cseq: number) =>
    inDialogText(method, new SipText(text), success, cseq).replace('/TLS ', '/TCP ');
  line.send(later('ACK', 1));
  await inner.request('ACK', success.callId);
  assert.equal((await line.ask(later('BYE', 2))).status, 200);

  line.answer = (request) => answerText(request, '200 OK');
  const outward = await inner.lineOf('gateway-1');
  const ask = (uri: string) =>
    outward.ask(
      requestText('MESSAGE', { uri, from: '<sip:bob@acme.example>', sentBy: 'chat.acme.internal' }),
    );
  assert.equal((await ask('sip:alice@umbrella.example')).status, 200);
  const received = await line.request('MESSAGE');
  assert.match(received.header('Via'), new RegExp(`^SIP/2\\.0/TCP ${NAME};branch=`));
  const refused = await ask('sips:alice@umbrella.example');
  assert.equal(refused.status, 480);
  assert.match(refused.header('Warning'), /^380 /);

  // Whoever it says it is: on this connection it is umbrella.
  const spoofed = await line.ask(requestText('MESSAGE', { from: '<sip:alice@globex.example>' }));
  assert.equal(spoofed.status, 403);
  line.end();

  await pair.proxy.stop();
  await pair.gateways[0]?.stop();
  const { told } = await readLedger(join(site.folder, 'hosts/gateway-1'));
  const fieldsOf = (type: string) =>
    told
      .filter(({ record }) => record.type === type && record.fields.partner === 'umbrella')
      .map(({ record }) => record.fields);
  const [opened] = fieldsOf('connection-opened');
  assert.deepEqual(
    [opened?.transport, opened?.direction, opened?.source, opened?.tlsVersion, opened?.certificate],
    ['TCP', 'inbound', '127.0.0.1', undefined, undefined],
  );
  assert.equal(fieldsOf('message-refused')[0]?.code, 'from-domain-not-covered');
  assert.ok(fieldsOf('message-admitted').some(({ callId }) => callId === 'plain'));
  for (const type of ['message-admitted', 'message-refused', 'message-sent', 'response-received']) {
    for (const { transport } of fieldsOf(type)) assert.equal(transport, 'TCP', type);
  }
  assert.equal(fieldsOf('message-sent').length, 1);
  await pair.stop();
});
