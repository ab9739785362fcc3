import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Ingress } from '@sallyport/dmz-proxy/edge/ingress.ts';
import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import type { Gateways } from '@sallyport/dmz-proxy/flows/gateways.ts';
import type { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import { nodeTag } from '@sallyport/shared/channel/node-tag.ts';
import { request, responseTo } from '../../integration/support/sip-text.ts';
import { auditUnderTest, WITNESS } from '../audit/audit-fixture.ts';
import { config, IngressStage } from './ingress-stage.ts';
import { recordedFlow } from './recorded-flow.ts';

const ANSWER = Buffer.from('SIP/2.0 200 OK\r\n\r\n', 'latin1');

const inDialog = (method: string) =>
  request({ method }).replace('To: <sip:bob@acme.example>', '$&;tag=to1');

describe('the way in', () => {
  let stage: IngressStage;
  let gateways: Gateways;
  let counters: Counters;
  let ingress: Ingress;
  let aliases: Flow[];
  let tried: string[];
  let nowMs = 0;
  let audit: ReturnType<typeof auditUnderTest>;
  beforeEach(() => {
    nowMs = 0;
    audit = auditUnderTest();
    aliases = [];
    tried = [];
    stage = new IngressStage({
      audit,
      nowMs: () => nowMs,
      aliased: (flow) => aliases.push(flow),
      wouldRefuse: (_flow, rule) => tried.push(rule),
    });
    ({ gateways, counters, ingress } = stage);
  });
  const connect = (node: string) => stage.connect(node);
  const receive = (flow: Flow, text: string) => stage.receive(flow, text);

  it('a request goes to one gateway as it came, and is settled by its final response', () => {
    const { link, channel } = connect('gateway-1');
    const { flow, written } = recordedFlow();
    receive(flow, request({ body: 'hi' }));
    assert.deepEqual(
      channel.sip.map(({ flow: id, exchange, text }) => [id, exchange, text]),
      [[7, 1, request({ body: 'hi' })]],
    );
    assert.equal(flow.identity.partner.load.requestsInFlight, 1);
    ingress.answered(link, 1, false, ANSWER, 0, ANSWER.length);
    assert.equal(link.pending.size, 1);
    ingress.answered(link, 1, true, ANSWER, 0, ANSWER.length);
    ingress.answered(link, 1, true, ANSWER, 0, ANSWER.length);
    assert.equal(link.pending.size, 0);
    assert.equal(flow.identity.partner.load.requestsInFlight, 0);
    assert.deepEqual(written, []);
  });

  it('of a flow that ends, only what was begun comes to its end', () => {
    const { link, channel } = connect('gateway-1');
    const { flow, written } = recordedFlow();
    receive(flow, request({ method: 'INVITE' }));
    assert.equal(flow.requestsOwed, 1);
    Object.assign(flow, { isEnding: true });
    receive(flow, request({ branch: 'z9hG4bKnew' }));
    assert.match(written[0] ?? '', /^SIP\/2\.0 503 /);
    assert.equal(counters.read()['refused:identity-ended'], 1);
    receive(flow, request({ method: 'CANCEL' }));
    receive(flow, request({ method: 'ACK' }));
    assert.deepEqual(
      channel.sip.map(({ text }) => text.split(' ')[0]),
      ['INVITE', 'CANCEL', 'ACK'],
    );
    ingress.answered(link, 1, true, ANSWER, 0, ANSWER.length);
    ingress.answered(link, 2, true, ANSWER, 0, ANSWER.length);
    assert.equal(flow.requestsOwed, 0);
  });

  it('lets nothing new in while nothing can be put on record, and what is under way end', () => {
    const { link, channel } = connect('gateway-1');
    const { flow, written } = recordedFlow();
    receive(flow, request({ method: 'INVITE' }));
    audit.isClosed = true;
    receive(flow, request({ branch: 'z9hG4bKnew' }));
    assert.match(written[0] ?? '', /^SIP\/2\.0 503 .*Retry-After: /s);
    assert.equal(counters.read()['refused:audit-full'], 1);
    receive(flow, request({ method: 'CANCEL' }));
    receive(flow, request({ method: 'ACK' }));
    assert.equal(channel.sip.length, 3);
    ingress.answered(link, 1, true, ANSWER, 0, ANSWER.length);
    assert.equal(flow.requestsOwed, 1);
  });

  it('puts each request and its answer on record, by whomever it was answered', () => {
    const { link } = connect('gateway-1');
    const { flow } = recordedFlow();
    audit.under.stream.open(WITNESS.privateKey, 1_000_000);
    audit.under.taken();
    receive(flow, request());
    ingress.answered(link, 1, false, ANSWER, 0, ANSWER.length);
    ingress.answered(link, 1, true, ANSWER, 0, ANSWER.length);
    receive(flow, request({ method: 'REFER' }));
    receive(flow, request({ branch: 'z9hG4bKlost' }));
    ingress.gatewayLost(link);
    receive(flow, request({ method: 'ACK' }));
    receive(flow, responseTo(request({ branch: 'z9hG4bKtheirs' }), '200 OK'));
    assert.deepEqual(
      audit.under.taken().map(({ type, fields }) => [type, fields.requestSeq ?? fields.code ?? '']),
      [
        ['message-admitted', ''],
        ['message-answered', 1],
        ['message-refused', 'method-not-allowed'],
        ['message-admitted', ''],
        ['message-answered', 4],
        ['message-admitted', ''],
        ['message-refused', 'via-not-ours'],
      ],
    );
  });

  it('tells what a rule on trial would have refused, and lets it in', () => {
    const { channel } = connect('gateway-1');
    const { flow } = recordedFlow({ trial: { methods: ['INVITE'] } });
    receive(flow, request());
    receive(flow, request({ method: 'REFER' }));
    assert.deepEqual(tried, ['methods']);
    assert.equal(channel.sip.length, 1);
  });

  it('has as many wait for one gateway as a worker may, and room again once one is answered', () => {
    const limits = { ...config.limits, pendingRequestsMax: 2 };
    stage = new IngressStage({ nowMs: () => nowMs, config: () => ({ ...config, limits }) });
    const { link, channel } = stage.connect('gateway-1');
    const { flow, written } = recordedFlow();
    const ask = (callId: string) =>
      stage.receive(flow, request({ method: 'MESSAGE', callId, branch: `z9hG4bK${callId}` }));
    for (const callId of ['one', 'two', 'three']) ask(callId);
    assert.equal(channel.sip.length, 2);
    assert.match(written[0] ?? '', /^SIP\/2\.0 503 [^\r]+\r\n[\s\S]*Retry-After: 1\r\n/);
    assert.equal(stage.counters.read()['refused:pending-requests-max'], 1);
    const [first] = channel.sip;
    stage.ingress.answered(link, first?.exchange ?? 0, true, ANSWER, 0, ANSWER.length);
    ask('four');
    assert.equal(channel.sip.length, 3);
    assert.equal(written.length, 1);
  });

  it('an ACK has no exchange and is not waited for', () => {
    const { link, channel } = connect('gateway-1');
    receive(recordedFlow().flow, request({ method: 'ACK' }));
    assert.equal(channel.sip[0]?.exchange, 0);
    assert.equal(link.pending.size, 0);
  });

  it('without a gateway is closed: 503 with Retry-After', () => {
    const { flow, written } = recordedFlow();
    receive(flow, request());
    receive(flow, request({ method: 'OPTIONS', requestUri: 'sip:acme.example' }));
    assert.equal(written.length, 2);
    for (const text of written) assert.match(text, /^SIP\/2\.0 503 (?:.*\r\n)+Retry-After: 5\r\n/);
  });

  it('what a lost gateway has not answered is answered 503, an INVITE and a large one too', () => {
    const { link } = connect('gateway-1');
    const { flow, written } = recordedFlow();
    receive(
      flow,
      request({ method: 'INVITE', body: 'v=0', headers: [`X-Pad: ${'x'.repeat(1900)}`] }),
    );
    receive(flow, request({ callId: 'second' }));
    gateways.remove(link);
    ingress.gatewayLost(link);
    assert.match(
      written[0] ?? '',
      /^SIP\/2\.0 503 .*\r\nVia: .*\r\nFrom: .*\r\nTo: .*;tag=tag1\r\n/,
    );
    assert.match(written[1] ?? '', /Call-ID: second\r\nCSeq: 1 MESSAGE\r\nRetry-After: 5/);
    assert.equal(flow.identity.partner.load.requestsInFlight, 0);
  });

  it('a CANCEL follows its INVITE though the gateways have changed', () => {
    const first = connect('gateway-1');
    const { flow } = recordedFlow();
    for (let i = 0; i < 20; i++) {
      receive(flow, request({ method: 'INVITE', callId: `c${i}`, branch: `z9hG4bK${i}` }));
    }
    const second = connect('gateway-2');
    for (let i = 0; i < 20; i++) {
      receive(flow, request({ method: 'CANCEL', callId: `c${i}`, branch: `z9hG4bK${i}` }));
    }
    assert.equal(first.channel.sip.length, 40);
    assert.equal(second.channel.sip.length, 0);
  });

  it('a flow is not read while its channel has no credit', () => {
    const { link, channel } = connect('gateway-1');
    const { flow } = recordedFlow();
    channel.hasCredit = false;
    receive(flow, request());
    assert.equal(flow.blockedBy, 1);
    link.unblock(7);
    assert.equal(flow.blockedBy, 0);
  });

  it('a response goes to the gateway that its branch in our Via names, or nowhere', () => {
    const one = connect('gateway-1');
    const two = connect('gateway-2');
    const { flow } = recordedFlow();
    const response = (node: string, sentBy = 'sip.acme.example:5061') => {
      const branch = `z9hG4bK${nodeTag('acme', node)}.u.l`;
      const ours = `Via: SIP/2.0/TLS ${sentBy};branch=${branch}`;
      return responseTo(request(), '200 OK').replace(/^Via: .*$/m, ours);
    };
    receive(flow, response('gateway-2'));
    receive(flow, response('gateway-1', 'SIP.acme.example'));
    receive(flow, response('gateway-3'));
    receive(flow, response('gateway-1', 'sip.acme.example:5062'));
    receive(flow, response('gateway-1', 'other.example:5061'));
    receive(flow, responseTo(request(), '200 OK'));
    receive(flow, response('gateway-1').replace('CSeq: 1', 'CSeq: x'));
    assert.equal(two.channel.sip.length, 1);
    assert.equal(one.channel.sip.length, 1);
    const { 'response-dropped:via-not-ours': foreign, 'response-dropped:gateway-gone': gone } =
      counters.read();
    assert.deepEqual([foreign, gone], [3, 1]);
  });

  it('an ACK to a refusal goes where its INVITE went, while that gateway is there', () => {
    const first = connect('gateway-1');
    const { flow } = recordedFlow();
    const all = Array.from({ length: 20 }, (_, i) => ({
      callId: `c${i}`,
      branch: `z9hG4bK${i}`,
    }));
    for (const parts of all) receive(flow, request({ method: 'INVITE', ...parts }));
    for (const { exchange } of [...first.channel.sip]) {
      ingress.answered(first.link, exchange, true, ANSWER, 0, ANSWER.length);
    }
    const second = connect('gateway-2');
    for (const parts of all) receive(flow, request({ method: 'ACK', ...parts }));
    assert.equal(first.channel.sip.length, 40);
    gateways.remove(first.link);
    for (const parts of all) receive(flow, request({ method: 'ACK', ...parts }));
    assert.equal(first.channel.sip.length, 40);
    assert.equal(second.channel.sip.length, 20);
  });

  it('over the rate a request is refused; of an INVITE that was let in an ACK and a CANCEL pass, and no more', () => {
    const { channel } = connect('gateway-1');
    const { flow, written, vain } = recordedFlow({ messagesPerSecond: 1, messagesBurst: 1 });
    const receiveFresh = (method: string, branch = method) =>
      receive(flow, request({ method, branch }));
    receiveFresh('INVITE');
    for (const method of ['ACK', 'CANCEL', 'ACK']) receiveFresh(method);
    receiveFresh('CANCEL', 'other');
    receiveFresh('BYE');
    assert.deepEqual(
      channel.sip.map(({ text }) => text.split(' ', 1)[0]),
      ['INVITE', 'ACK', 'CANCEL'],
    );
    assert.deepEqual(
      written.map((text) => /^SIP\/2\.0 503 (?:.*\r\n)+Retry-After: 1\r\n/.test(text)),
      [true, true],
    );
    const { 'refused:rate-exceeded': refused, 'connections-held': held } = counters.read();
    assert.deepEqual([vain(), refused, held], [3, 3, 1]);
  });

  it('answers that no request of ours accounts for are messages like others', () => {
    const { channel } = connect('gateway-1');
    const { flow, vain } = recordedFlow({ messagesPerSecond: 1, messagesBurst: 1 });
    const via = `SIP/2.0/TLS sip.acme.example;branch=z9hG4bK${nodeTag('acme', 'gateway-1')}.x`;
    const answer = responseTo(request().replace(/Via: [^\r]*/, `Via: ${via}`), '180 Ringing');
    for (let at = 0; at < 3; at++) receive(flow, answer);
    assert.equal(channel.sip.length, 1);
    flow.identity.partner.load.requestSent();
    for (let at = 0; at < 10; at++) receive(flow, answer);
    assert.equal(channel.sip.length, 9);
    assert.equal(vain(), 4);
  });

  it('an ACK to a refusal of the edge itself goes nowhere', () => {
    const { channel } = connect('gateway-1');
    const { flow, written } = recordedFlow({ messagesPerSecond: 1, messagesBurst: 1 });
    receive(flow, request());
    receive(flow, request({ method: 'INVITE' }));
    const [to = ''] = /^To: .*$/m.exec(written[0] ?? '') ?? [];
    assert.match(to, /;tag=tag1$/);
    receive(flow, request({ method: 'ACK' }).replace(/^To: .*$/m, to));
    nowMs = 1000;
    receive(flow, inDialog('ACK'));
    assert.deepEqual(
      channel.sip.map(({ text }) => text.split(' ', 1)[0]),
      ['MESSAGE', 'ACK'],
    );
    const { 'acks-to-refusals': absorbed } = counters.read();
    assert.equal(absorbed, 1);
  });

  it('an ACK to what was answered for a lost gateway within a dialog goes to no other one: nobody there has said 2xx', () => {
    const first = connect('gateway-1');
    const { flow, written } = recordedFlow();
    receive(flow, inDialog('INVITE'));
    const second = connect('gateway-2');
    gateways.remove(first.link);
    ingress.gatewayLost(first.link);
    assert.match(written[0] ?? '', /^SIP\/2\.0 503 /);
    receive(flow, inDialog('ACK'));
    assert.deepEqual([first.channel.sip.length, second.channel.sip.length], [1, 0]);
    assert.equal(counters.read()['acks-to-refusals'], 1);
  });

  it('an ACK to a refused INVITE within a dialog goes nowhere either: the tag is the dialog’s, the branch is not', () => {
    const { channel } = connect('gateway-1');
    const { flow, written } = recordedFlow({ messagesPerSecond: 1, messagesBurst: 1 });
    const withBranch = (text: string, branch: string) =>
      text.replace(/;branch=[^;\r]*/, `;branch=${branch}`);
    receive(flow, withBranch(inDialog('INVITE'), 'z9hG4bKfirst'));
    receive(flow, withBranch(inDialog('INVITE'), 'z9hG4bKsecond'));
    assert.match(written[0] ?? '', /^SIP\/2\.0 503 /);
    receive(flow, withBranch(inDialog('ACK'), 'z9hG4bKsecond'));
    receive(flow, withBranch(inDialog('ACK'), 'z9hG4bKfirst'));
    assert.deepEqual(
      channel.sip.map(({ text }) => text.split(' ', 1)[0]),
      ['INVITE', 'ACK'],
    );
    assert.equal(counters.read()['acks-to-refusals'], 1);
  });

  const drained = [
    ['a new MESSAGE', request(), true],
    ['a new INVITE', request({ method: 'INVITE' }), true],
    ['a BYE', inDialog('BYE'), false],
    ['a re-INVITE', inDialog('INVITE'), false],
    ['a tag of the URI alone', request().replace('To: <sip:bob', 'To: <sip:bob;tag=x'), true],
    ['a CANCEL', request({ method: 'CANCEL' }), false],
    ['an ACK', request({ method: 'ACK' }), false],
  ] as const;
  for (const [what, text, isRefused] of drained) {
    it(`while draining ${what} is ${isRefused ? 'refused' : 'let through'}`, () => {
      const { channel } = connect('gateway-1');
      const { flow, written } = recordedFlow();
      ingress.drain();
      receive(flow, text);
      assert.equal(channel.sip.length, isRefused ? 0 : 1);
      assert.equal(written.length, isRefused ? 1 : 0);
      if (isRefused) assert.match(written[0] ?? '', /^SIP\/2\.0 503 (?:.*\r\n)+Retry-After: 5/);
    });
  }

  it('what nobody has spoken of for long is forgotten, and so is what lost flows asked, in one look', async (t) => {
    const { link } = connect('gateway-1');
    const { flow, written } = recordedFlow();
    receive(flow, request());
    nowMs = 500;
    receive(flow, request({ branch: 'z9hG4bK2' }));
    ingress.sweep(200);
    assert.equal(link.pending.size, 1);
    assert.equal(counters.read()['pending-expired'], 1);
    const other = recordedFlow().flow;
    receive(other, request({ branch: 'z9hG4bK3' }));
    const staying = recordedFlow().flow;
    receive(staying, request({ branch: 'z9hG4bK4' }));
    const look = t.mock.method(link.pending, 'takeOf');
    ingress.flowLost(flow);
    ingress.flowLost(other);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(look.mock.callCount(), 1);
    assert.equal(link.pending.size, 1);
    assert.deepEqual(
      [flow, other, staying].map(({ requestsOwed }) => requestsOwed),
      [0, 0, 1],
    );
    assert.equal(flow.identity.partner.load.requestsInFlight, 0);
    assert.deepEqual(written, []);
    ingress.flowLost(staying);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([link.pending.size, staying.requestsOwed], [0, 0], 'in a later turn, too');
  });

  it('a connection may be used backwards only if its first request says alias (RFC 5923 §4)', () => {
    connect('gateway-1');
    const plain = recordedFlow().flow;
    receive(plain, request());
    receive(plain, request().replace(';branch', ';alias;branch'));
    assert.deepEqual(aliases, []);
    const aliased = recordedFlow().flow;
    receive(aliased, request({ branch: 'z9hG4bK2' }).replace(';branch', ';alias;branch'));
    assert.deepEqual(aliases, [aliased]);
  });
});
