import assert from 'node:assert/strict';
import { connect as connectTcp } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { health, type Pair, startPair, untilHealth } from './support/pair.ts';
import { assertDiscreet } from './support/pair-discretion.ts';
import { Line } from './support/pair-line.ts';
import { answerText, requestText, SipText } from './support/pair-message.ts';

/** In every user part, display name, body, and wherever else a peer's own words can stand. */
const WORDS = ['zelda', 'quixote', 'dulcinea', 'rosebud', 'mallory', 'xyzzy'];
const ZELDA = '"Dulcinea Zelda" <sip:zelda.quixote@globex.example>';
const INSIDE = '"Dulcinea of Acme" <sip:quixote@acme.example>';
const BODY = 'rosebud, my dear zelda';
/** What terminals and readers trip over: ESC, NUL, a bell, bidi overrides, a line separator, broken UTF-8. */
const NASTY = [
  '\x1b[2J',
  '\x00',
  '\x07',
  '\xe2\x80\xae',
  '\xe2\x81\xa6',
  '\xe2\x80\xa8',
  '\xff\xfe\xc3',
];

const named = { from: ZELDA, to: INSIDE, uri: 'sip:quixote@acme.example', body: BODY };
const LINES_PER_SECOND = 18;

/** Requests that pass, are refused, or cannot be understood. */
const REQUESTS: readonly (readonly [what: string, text: string])[] = [
  ['passes', requestText('MESSAGE', named)],
  ['unknown method', requestText('XYZZY', named)],
  ['method not agreed', requestText('PUBLISH', named)],
  ['foreign From', requestText('MESSAGE', { ...named, from: '<sip:mallory@rosebud.example>' })],
  ['unknown event', requestText('SUBSCRIBE', { ...named, headers: ['Event: xyzzy'] })],
  ['no event', requestText('SUBSCRIBE', named)],
  ['relay', requestText('MESSAGE', { ...named, uri: 'sip:zelda@rosebud.example' })],
  ['unknown scheme', requestText('MESSAGE', { ...named, uri: 'xyzzy:zelda@acme.example' })],
  ['bad URI', requestText('MESSAGE', { ...named, uri: 'sip:zelda@@acme.example' })],
  [
    'long URI',
    requestText('MESSAGE', { ...named, uri: `sip:zelda${'y'.repeat(3000)}@acme.example` }),
  ],
  ['hops end', requestText('MESSAGE', named).replace('Max-Forwards: 70', 'Max-Forwards: 0')],
  ['extension', requestText('MESSAGE', { ...named, headers: ['Proxy-Require: xyzzy'] })],
  ['unknown CANCEL', requestText('CANCEL', named)],
  ['stray ACK', requestText('ACK', named)],
  ['in no dialog', requestText('BYE', { ...named, to: `${INSIDE};tag=mallory` })],
  ['two From', requestText('MESSAGE', { ...named, headers: [`From: ${ZELDA};tag=2`] })],
  ['bad CSeq', requestText('MESSAGE', named).replace('CSeq: 1', 'CSeq: zelda')],
  ['bad version', requestText('MESSAGE', named).replace('SIP/2.0', 'SIP/3.0')],
  ['stray response', answerOf(requestText('MESSAGE', named))],
  ['password', requestText('MESSAGE', { ...named, uri: 'sip:zelda:xyzzy@acme.example' })],
  ['options', requestText('OPTIONS', { ...named, uri: 'sip:acme.example' })],
  [
    'parameters',
    requestText('MESSAGE', { ...named, headers: ['Subject: rosebud', 'Xyzzy: zelda'] }),
  ],
  ['two lengths', requestText('MESSAGE', { ...named, headers: ['Content-Length: 5'] })],
  ['no length', requestText('MESSAGE', named).replace(/Content-Length: \d+\r\n/, '')],
  [
    'large head',
    requestText('MESSAGE', { ...named, headers: [`Xyzzy: ${'zelda '.repeat(9000)}`] }),
  ],
  ['no SIP', 'zelda rosebud mallory\r\n\r\nxyzzy\r\n\r\n'],
  ['other protocol', 'GET /zelda?body=rosebud HTTP/1.1\r\nHost: xyzzy\r\n\r\n'],
];

function answerOf(text: string): string {
  return text.replace(/^.*$/m, 'SIP/2.0 200 Rosebud says zelda');
}

/** Where a peer's own text can stand, once with each thing that is hard on a log. */
function nastyRequests(): readonly string[] {
  return NASTY.flatMap((nasty) => [
    requestText('MESSAGE', { ...named, from: `"Zelda${nasty}" <sip:zelda@globex.example>` }),
    requestText('MESSAGE', { ...named, from: `<sip:zelda${nasty}@globex.example>` }),
    requestText('MESSAGE', { ...named, from: `<sip:zelda@rosebud${nasty}.example>` }),
    requestText('MESSAGE', { ...named, uri: `sip:zelda${nasty}@acme.example` }),
    requestText('MESSAGE', { ...named, callId: `rosebud${nasty}` }),
    requestText('MESSAGE', { ...named, headers: [`Subject: rosebud${nasty}`], body: nasty }),
    requestText('SUBSCRIBE', { ...named, headers: [`Event: xyzzy${nasty}`] }),
    requestText(`XYZZY${nasty}`, named),
  ]);
}

/** Each on a connection of its own; a good request behind it shows that it has been dealt with. */
async function partnerTraffic(pair: Pair): Promise<void> {
  const texts = [...REQUESTS.map(([, request]) => request), ...nastyRequests()];
  for (const [number, text] of texts.entries()) {
    if (number % LINES_PER_SECOND === 0) await nextSecond();
    const line = await pair.partner();
    line.send(text);
    const behind = requestText('MESSAGE', named);
    const { callId } = new SipText(behind);
    line.send(behind);
    const isAnswered = () => line.messages.some((one) => one.isFinal && one.callId === callId);
    await line.until(() => line.isClosed || isAnswered(), `end of ${JSON.stringify(text)}`);
    line.end();
  }
  const counters = Object.keys(await health(pair.site.proxyHealthPort, '/metrics'));
  const missed = counters.filter((name) => name.startsWith('log-suppressed:'));
  assert.deepEqual(missed, [], 'lines were left out, and nobody looked at them');
}

/** The proxy leaves out lines of an event that comes too often in one second; here each must be seen. */
function nextSecond(): Promise<void> {
  return delay(1001 - (Date.now() % 1000));
}

async function innerTraffic(pair: Pair): Promise<void> {
  const line = await pair.inner.lineOf('gateway-1');
  const wishes = { from: INSIDE, to: ZELDA, body: BODY };
  for (const uri of [
    'sip:zelda.quixote@globex.example',
    'sip:zelda@rosebud.example',
    'sip:zelda@initech.example',
    'sip:zelda@acme.example',
    'xyzzy:zelda',
  ]) {
    await line.ask(requestText('MESSAGE', { ...wishes, uri }));
  }
  line.send(requestText('MESSAGE', { ...wishes, uri: 'sip:zelda@@' }));
  line.send(answerOf(requestText('MESSAGE', wishes)));
  line.send('SIP/2.0 999 zelda\r\nrosebud\r\n\r\n');
}

/** People who are no partner, and say so in ways that a log could repeat. */
async function strangers(pair: Pair): Promise<void> {
  const valid = validForDays(Date.now(), 2);
  const authority = await createAuthority({ commonName: 'mallory \x1b[2J rosebud', ...valid });
  const identity = await issueDomainCertificate(authority, {
    domains: ['zelda.example'],
    hosts: ['mallory.example'],
    ...valid,
  });
  const { site } = pair;
  const ports = [site.publicPort, site.channelPort, site.gateways[0]?.innerPort ?? 0];
  for (const port of ports) {
    await ended(
      connect({
        port,
        host: '127.0.0.1',
        servername: 'zelda.rosebud.example',
        rejectUnauthorized: false,
        cert: identity.certificatePem,
        key: identity.privateKeyPem,
      }),
    );
    const raw = connectTcp(port, '127.0.0.1');
    raw.write('GET /zelda HTTP/1.1\r\nHost: rosebud\r\n\r\n');
    await ended(raw);
  }
  for (const port of [site.proxyHealthPort, site.gateways[0]?.healthPort ?? 0]) {
    await fetch(`http://127.0.0.1:${port}/zelda/rosebud`, { headers: { xyzzy: 'mallory' } });
  }
  await assert.rejects(Line.connect(1, undefined));
}

function ended(socket: ReturnType<typeof connectTcp>): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    socket.on('close', () => resolve());
    socket.setTimeout(3000, () => socket.destroy());
  });
}

/** What an inner server may say to a request, by how often it has been asked. */
function unruly(): (request: SipText) => string | undefined {
  let count = 0;
  const answers = [
    (request: SipText) => answerText(request, '200 Rosebud zelda', [], BODY),
    (request: SipText) => answerText(request, '302 Zelda', ['Contact: <sip:zelda@rosebud.inner>']),
    (request: SipText) => answerText(request, '404 no zelda', ['Warning: 399 xyzzy "mallory"']),
    (request: SipText) => answerText(request, '503 rosebud', ['Reason: xyzzy;text="zelda"']),
  ];
  return (request) =>
    request.method === 'ACK' ? undefined : answers[count++ % answers.length]?.(request);
}

it('no log names a user or quotes a message, whoever sends what, and every line is one JSON object', async (t) => {
  const pair = await startPair(t);
  await partnerTraffic(pair);
  await innerTraffic(pair);
  await strangers(pair);
  pair.inner.answer = unruly();
  pair.outer.answer = unruly();
  const line = await pair.partner();
  for (let count = 0; count < 8; count++) await line.ask(requestText('MESSAGE', named));
  await pair.gateways[0]?.line('proxy-log', (one) => one['proxyEvent'] === 'request-refused');
  pair.inner.answer = () => undefined;
  line.send(requestText('MESSAGE', named));
  await pair.gateways[0]?.kill();
  await line.message('503', ({ status }) => status === 503);
  line.end();
  await untilHealth(pair.site.proxyHealthPort, ({ status }) => status === 'down');
  const events = new Set(pair.proxy.lines.map(({ event }) => event));
  t.diagnostic(`events of the proxy: ${[...events].sort().join(' ')}`);
  for (const event of ['request-refused', 'connection-refused', 'channel-refused']) {
    assert.ok(events.has(event), `no ${event} in the log`);
  }
  await pair.stop(WORDS);
});

describe('the check of logs', () => {
  const written = (stdout: string, stderr = '') => [{ name: 'a program', stdout, stderr }];

  for (const [what, stdout, stderr] of [
    ['a user', '{"event":"x","to":"sip:Alice@globex.example"}\n', ''],
    ['a word of the test', '{"event":"x","text":"rosebud"}\n', ''],
    ['a line that is no object', '{"event":"x"}\nsome text\n', ''],
    ['an escape sequence', '{"event":"x\x1b[2J"}\n', ''],
    ['a bidirectional override', '{"event":"x\xe2\x80\xae"}\n', ''],
    ['standard error', '{"event":"x"}\n', 'Error: no\n'],
  ] as const) {
    it(`finds ${what}`, () => {
      assert.throws(() => assertDiscreet(written(stdout, stderr), ['rosebud']));
    });
  }

  it('lets facts pass', () => {
    assertDiscreet(written('{"event":"x","partner":"globex"}\n'), WORDS);
  });
});
