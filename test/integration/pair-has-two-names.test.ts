import assert from 'node:assert/strict';
import { it } from 'node:test';
import { freePort } from '../peers/support/free-port.ts';
import { startPair } from './support/pair.ts';
import { Line } from './support/pair-line.ts';
import {
  answerText,
  calleeText,
  inDialogText,
  requestText,
  SipText,
} from './support/pair-message.ts';

const CONTACT = 'Contact: <sip:bob@10.9.8.7:5070;transport=tls>';
const NORTH = 'acme.example:15071';

it('tells each partner the name of its own listener, in both directions at once', async (t) => {
  const northPort = await freePort('127.0.0.1');
  const north = {
    host: '127.0.0.1',
    port: northPort,
    advertise: { host: 'acme.example', port: 15_071 },
  };
  const pair = await startPair(t, { listen: [north] });
  const { site, inner } = pair;
  const south = `sip.acme.example:${site.publicPort}`;
  inner.answer = (request) =>
    request.method === 'ACK' ? undefined : answerText(request, '200 OK', [CONTACT]);

  const rows = [
    [site.publicPort, site.globex.identity, 'globex', south],
    [northPort, site.initech.identity, 'initech', NORTH],
  ] as const;
  const lines: Line[] = [];
  for (const [port, identity, id, name] of rows) {
    const line = await Line.connect(port, identity);
    lines.push(line);
    const text = requestText('INVITE', {
      from: `<sip:alice@${id}.example>`,
      // RFC 5923: our own requests may use the connection.
      sentBy: `edge.${id}.example;alias`,
      headers: [`Contact: <sip:alice@${id}.example:5061>`],
    });
    const success = await line.ask(text);
    assert.equal(success.status, 200);
    assert.match(success.header('Record-Route'), new RegExp(`@${name};transport=tls;lr>`));
    assert.match(success.header('Contact'), new RegExp(`@${name};transport=tls>`));
    line.send(inDialogText('ACK', new SipText(text), success, 1));
    await inner.request('ACK', success.callId);
    const bye = await line.ask(inDialogText('BYE', new SipText(text), success, 2));
    assert.equal(bye.status, 200, 'a request in a dialog that began under that name');
  }

  // Both dialogs' connections are open: what the inner server sends goes back on them, under their names.
  const outward = await inner.lineOf('gateway-1');
  for (const [at, [, , id, name]] of rows.entries()) {
    const line = lines[at];
    assert.ok(line);
    line.answer = (request) => answerText(request, '200 OK');
    const invite = inner.requests.find((one) => one.header('From').includes(id));
    assert.ok(invite !== undefined);
    outward.send(calleeText('UPDATE', invite, 3));
    outward.send(
      requestText('MESSAGE', {
        uri: `sip:alice@${id}.example`,
        from: '<sip:bob@acme.example>',
        sentBy: 'chat.acme.internal',
      }),
    );
    const answers = () => outward.messages.filter(({ status }) => status === 200);
    for (const method of ['UPDATE', 'MESSAGE']) {
      const { text } = await line.request(method);
      assert.match(text, new RegExp(`^Via: SIP/2\\.0/TLS ${name};branch=`, 'm'));
    }
    await outward.until(() => answers().length === 2 * (at + 1), 'the answers, by our own names');
  }
  for (const line of lines) line.end();
  await pair.stop();
});
