import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { Flow, FlowEvents } from '@sallyport/dmz-proxy/flows/flow.ts';
import { PartnerClient } from '../../integration/support/partner-client.ts';
import { request } from '../../integration/support/sip-text.ts';
import { flowPair, globexIdentity } from '../edge-fixture.ts';

interface Heard extends FlowEvents {
  readonly log: string[];
  readonly next: () => Promise<void>;
}

function heard(): Heard {
  const log: string[] = [];
  let wake = Promise.withResolvers<void>();
  const note = (text: string) => {
    log.push(text);
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  return {
    log,
    next: () => wake.promise,
    message: (_flow, index) => note(index.method()),
    fatal: (_flow, index, answerable) => note(`fatal ${index.fault} ${answerable}`),
    heard: () => undefined,
    closed: (_flow, reason) => note(`closed ${reason}`),
  };
}

const sweepAt = (flow: Flow, ...times: readonly number[]) => {
  for (const nowMs of times) flow.sweep(nowMs, 1);
};

describe('a flow', () => {
  it('hands up whole messages and answers a ping with CRLF (RFC 5626 §4.4.1)', async () => {
    const events = heard();
    const { pair, flow } = await flowPair(events);
    const partner = new PartnerClient(pair.dialled);
    partner.send(`${request()}\r\n\r\n`);
    await partner.expect('\r\n');
    assert.deepEqual(events.log, ['MESSAGE']);
    assert.equal(flow.isClosed, false);
    pair.close();
  });

  it('counts what went over it, both ways: a keep-alive is no message', async () => {
    const events = heard();
    const { pair, flow } = await flowPair(events);
    const none = { bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 };
    assert.deepEqual(flow.totals, none);
    const partner = new PartnerClient(pair.dialled);
    partner.send(`${request()}${request()}\r\n\r\n`);
    await partner.expect('\r\n');
    const answer = Buffer.from('..SIP/2.0 200 OK..');
    flow.write(answer, 2, answer.length - 2);
    flow.close('enough');
    flow.write(answer, 0, answer.length);
    assert.deepEqual(flow.totals, {
      bytesReceived: 2 * Buffer.byteLength(request()) + 4,
      bytesSent: 2 + answer.length - 4,
      messagesReceived: 2,
      messagesSent: 1,
    });
    pair.close();
  });

  it('is not read on in a second that has brought too much in vain, and loses nothing by it', async () => {
    const events = heard();
    const { pair, flow } = await flowPair(events);
    const partner = new PartnerClient(pair.dialled);
    const pings = 999;
    partner.send('\r\n\r\n'.repeat(pings));
    await partner.until(({ received }) => received.length === 2 * pings, 'pongs');
    assert.equal(flow.blockedBy, 0);
    assert.deepEqual([flow.inVain(), flow.blockedBy], [true, 1]);
    assert.deepEqual([flow.inVain(), flow.blockedBy], [false, 1]);
    partner.send(request());
    sweepAt(flow, 1000);
    assert.equal(flow.blockedBy, 0);
    await events.next();
    assert.deepEqual(events.log, ['MESSAGE']);
    sweepAt(flow, 2000);
    assert.equal(flow.blockedBy, 0);
    pair.close();
  });

  it('is not read on where all connections of its partner have brought too much in vain, and the others are', async () => {
    const identity = globexIdentity({ messagesPerSecond: 500 });
    const limits = { firstMessageTimeoutMs: 60_000 };
    const pairs = await Promise.all(
      Array.from({ length: 6 }, () => flowPair(heard(), { identity, limits })),
    );
    const flows = pairs.map(({ flow }) => flow);
    const held = () => flows.map(({ blockedBy }) => blockedBy).join('');
    const inVain = (at: number, times: number) => {
      for (let count = 0; count < times; count++) flows[at]?.inVain();
      return held();
    };
    for (const turn of [1, 2, 3]) {
      for (const at of [0, 1, 2, 3]) inVain(at, 900);
      // As much as it may send in a second, and 4000 beside.
      assert.equal(inVain(4, 899), '000000', `turn ${turn}`);
      assert.equal(inVain(4, 1), '000010');
      assert.equal(inVain(0, 1), '100010');
      for (const flow of flows) sweepAt(flow, 1000 * turn);
      assert.equal(held(), '000000');
    }
    inVain(0, 900);
    flows[0]?.close('enough');
    inVain(0, 100);
    const { load } = identity.partner;
    assert.equal(load.broughtInVain(4499), false, 'what was closed counts no more');
    assert.equal(load.broughtInVain(1), true);
    for (const { pair } of pairs) pair.close();
  });

  it('counts what a partner may answer by what it was asked', async () => {
    const { pair, flow } = await flowPair(heard());
    const { load } = flow.identity.partner;
    while (load.takeMessage(0));
    const ask = (method: string) => {
      const bytes = Buffer.from(request({ method }));
      flow.writeRequest(bytes, 0, bytes.length);
    };
    ask('ACK');
    assert.equal(load.takeAnswer(0), false);
    ask('MESSAGE');
    assert.equal(load.takeAnswer(0), true);
    pair.close();
  });

  it('ends after a framing fault, and tells of its end once', async () => {
    const events = heard();
    const { pair } = await flowPair(events);
    const partner = new PartnerClient(pair.dialled);
    partner.send('NO SIP\n');
    await partner.expectClose();
    assert.deepEqual(events.log, ['fatal sip-bare-line-break false', 'closed framing-fault']);
    pair.close();
  });

  it('ends when no first message comes in time; an outbound one may stay silent', async () => {
    const events = heard();
    const inbound = await flowPair(events);
    sweepAt(inbound.flow, 1000, 1001);
    assert.deepEqual(events.log, ['closed first-message-timeout']);
    const outbound = await flowPair(heard(), { facts: { direction: 'outbound' } });
    sweepAt(outbound.flow, 5000);
    assert.equal(outbound.flow.isClosed, false);
    inbound.pair.close();
    outbound.pair.close();
  });

  it('ends when a message that has begun does not end', async () => {
    const events = heard();
    const { flow, pair } = await flowPair(events);
    const partner = new PartnerClient(pair.dialled);
    const arrived = events.next();
    partner.send(`${request()}${request().slice(0, 50)}`);
    await arrived;
    sweepAt(flow, 500, 1500);
    assert.equal(flow.isClosed, false);
    sweepAt(flow, 1501);
    assert.deepEqual(events.log, ['MESSAGE', 'closed message-timeout']);
    pair.close();
  });

  it('pings, and ends without a pong only if the peer has ever answered one', async () => {
    const events = heard();
    const identity = globexIdentity({ keepAliveMs: 1000 });
    const facts = { direction: 'outbound' } as const;
    const silent = await flowPair(heard(), { identity, facts });
    sweepAt(silent.flow, 1, 1001, 12_000, 24_000, 36_000);
    assert.equal(silent.flow.isClosed, false);

    const { flow, pair } = await flowPair(events, { identity, facts });
    const partner = new PartnerClient(pair.dialled);
    sweepAt(flow, 1, 1000);
    assert.equal(flow.totals.bytesSent, 0, 'not before an interval is over');
    sweepAt(flow, 1001);
    await partner.expect('\r\n\r\n');
    partner.send('\r\n');
    const arrived = events.next();
    partner.send(request());
    await arrived;
    sweepAt(flow, 2100, 12_100);
    assert.equal(flow.isClosed, false);
    sweepAt(flow, 12_101);
    assert.equal(events.log.at(-1), 'closed keep-alive-timeout');
    silent.pair.close();
    pair.close();
  });

  it('hears nothing any more once it is closed, and never waits long for a peer that takes nothing', async (t) => {
    const events = heard();
    const { flow, pair } = await flowPair(events, { limits: { queueBytesMax: 1 << 24 } });
    t.after(() => pair.close());
    const gone = once(pair.accepted, 'close');
    pair.dialled.pause();
    const answer = Buffer.alloc(8192, 'x');
    while (!flow.isClosed) flow.write(answer, 0, answer.length);
    assert.deepEqual(events.log, ['closed partner-too-slow']);
    pair.dialled.on('error', () => undefined);
    const talk = setInterval(() => pair.dialled.write(request()), 100);
    t.after(() => clearInterval(talk));
    const closedAtMs = performance.now();
    await gone;
    assert.ok(performance.now() - closedAtMs < 5000);
    assert.deepEqual(events.log, ['closed partner-too-slow']);
  });

  it('that shall end lives until what is under way is answered', async () => {
    const events = heard();
    const { flow, pair } = await flowPair(events);
    const message = Buffer.from(request());
    flow.requestsOwed = 1;
    flow.writeRequest(message, 0, message.length);
    flow.end('path-expired', 10_000);
    assert.equal(flow.isEnding, true);
    sweepAt(flow, 1);
    flow.requestsOwed = 0;
    sweepAt(flow, 2);
    assert.equal(flow.isClosed, false);
    flow.finalResponse();
    flow.finalResponse();
    sweepAt(flow, 3);
    assert.deepEqual(events.log, ['closed path-expired']);
    pair.close();
  });

  it('that shall end waits for what gateways sent before they knew', async () => {
    const events = heard();
    const { flow, pair } = await flowPair(events);
    assert.deepEqual([flow.takesRequests, flow.announcement([]).isEnding], [true, undefined]);
    flow.end('path-expired', 10_000, 500);
    sweepAt(flow, 499);
    assert.deepEqual([flow.takesRequests, flow.announcement([]).isEnding], [true, true]);
    flow.requestsOwed = 1;
    sweepAt(flow, 500);
    assert.deepEqual([flow.takesRequests, flow.isClosed], [false, false]);
    flow.requestsOwed = 0;
    sweepAt(flow, 501);
    assert.deepEqual(events.log, ['closed path-expired']);
    pair.close();
  });

  it('that shall end does so at its hour, answered or not', async () => {
    const events = heard();
    const { flow, pair } = await flowPair(events, { facts: { direction: 'outbound' } });
    flow.requestsOwed = 1;
    flow.end('path-expired', 10_000);
    flow.end('another', 20_000);
    sweepAt(flow, 9999);
    assert.equal(flow.isClosed, false);
    sweepAt(flow, 10_000);
    assert.deepEqual(events.log, ['closed path-expired']);
    pair.close();
  });

  it('awaits no answer to an ACK', async () => {
    const { flow, pair } = await flowPair(heard());
    for (const method of ['ACK', 'CANCEL', 'BYE']) {
      const bytes = Buffer.from(request({ method }));
      flow.writeRequest(bytes, 0, bytes.length);
    }
    assert.equal(flow.requestsAwaited, 2);
    flow.close('test');
    pair.close();
  });

  it('is not read while a channel has no credit for it', async () => {
    const events = heard();
    const { flow, pair } = await flowPair(events);
    flow.block();
    flow.block();
    pair.dialled.write(request());
    flow.unblock();
    assert.deepEqual(events.log, []);
    const arrived = events.next();
    flow.unblock();
    await arrived;
    assert.deepEqual(events.log, ['MESSAGE']);
    pair.close();
  });

  it('gives credit back at once, or when a slow partner has taken the bytes', async () => {
    const { flow, pair } = await flowPair(heard());
    const returned: number[] = [];
    const drained = Promise.withResolvers<void>();
    const owner = {
      consumed: (_flow: number, bytes: number) => {
        if (returned.push(bytes) === 2) drained.resolve();
      },
    };
    flow.consume(owner, 10);
    assert.deepEqual(returned, [10]);
    const bytes = Buffer.alloc(200_000, 'x');
    flow.write(bytes, 0, bytes.length);
    flow.consume(owner, 100_000);
    flow.consume(owner, 100_000);
    assert.deepEqual(returned, [10]);
    pair.dialled.resume();
    await drained.promise;
    assert.deepEqual(returned, [10, 200_000]);
    pair.close();
  });

  it('ends when its partner takes nothing and too much waits', async () => {
    const events = heard();
    const { flow, pair } = await flowPair(events, { limits: { queueBytesMax: 100_000 } });
    const bytes = Buffer.alloc(60_000, 'x');
    flow.write(bytes, 0, bytes.length);
    assert.deepEqual(events.log, []);
    flow.write(bytes, 0, bytes.length);
    assert.deepEqual(events.log, ['closed partner-too-slow']);
    pair.close();
  });

  it('sends what was written before it ends', async () => {
    const { flow, pair } = await flowPair(heard());
    const partner = new PartnerClient(pair.dialled);
    flow.write(Buffer.from('last words'), 0, 10);
    flow.close('proxy-stopped');
    await partner.expect('last words');
    await partner.expectClose();
  });
});
