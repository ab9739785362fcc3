import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { beforeEach, describe, it } from 'node:test';
import { MessageRecords, NOT_RECORDED } from '@sallyport/dmz-proxy/audit/message-records.ts';
import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { request, responseTo } from '../../integration/support/sip-text.ts';
import { LIMITS } from '../edge-fixture.ts';
import { streamUnderTest, WITNESS } from './audit-fixture.ts';

const ENDS = {
  connection: 7,
  source: '192.0.2.1',
  sourcePort: 4000,
  destination: '2001:db8::1',
  destinationPort: 5061,
  partner: 'globex',
};

function flowOf(changes: object = {}): Flow {
  return {
    facts: {
      ...{ id: 7, remoteAddress: '192.0.2.1', remotePort: 4000 },
      ...{ localAddress: '2001:DB8::1%eth0', localPort: 5061 },
    },
    identity: { partner: { id: 'globex' } },
    recordEnds: undefined,
    ...changes,
  } as unknown as Flow;
}

describe('records of messages', () => {
  let under: ReturnType<typeof streamUnderTest>;
  let messages: MessageRecords;
  let flow: Flow;
  let wallMs = 5;
  const index = new MessageIndex(LIMITS);
  beforeEach(() => {
    under = streamUnderTest();
    wallMs = 5;
    messages = new MessageRecords(under.stream, () => wallMs);
    under.stream.open(WITNESS.privateKey, 1_000_000);
    under.taken();
    flow = flowOf();
  });
  const scan = (text: string, encoding: BufferEncoding = 'utf8'): MessageIndex => {
    const bytes = Buffer.from(`xx${text}`, encoding);
    index.scan(bytes, 2, bytes.length);
    return index;
  };
  const only = (): AuditRecord => {
    const [record, ...more] = under.taken();
    assert.ok(record);
    assert.deepEqual(more, []);
    return record;
  };

  it('a request that was let in, in the words of RFC 6872', () => {
    const text = request({ body: 'hi' });
    const seq = messages.admitted(flow, scan(text));
    const { type, seq: number, fields } = only();
    assert.deepEqual([type, number, seq], ['message-admitted', 1, 1]);
    const { requestUri, cseq, callId, from, fromTag, serverTransaction, ...rest } = fields;
    assert.match(text, new RegExp(`^MESSAGE ${requestUri} SIP/2.0\r\n`));
    assert.match(text, new RegExp(`\r\nCSeq: ${cseq}\r\n`));
    assert.match(text, new RegExp(`\r\nCall-ID: ${callId}\r\n`));
    assert.match(text, new RegExp(`\r\nFrom: .*<?${from}>?;tag=${fromTag}\r\n`));
    assert.match(text, new RegExp(`\r\nTo: <?${requestUri}>?\r\n`));
    assert.match(text, new RegExp(`;branch=${serverTransaction}`));
    assert.deepEqual(rest, { ...ENDS, size: text.length });
  });

  it('a To that is not the Request-URI is on record, and its tag in any case', () => {
    for (const to of ['sip:bob@acme.example;x', 'sip:bot@acme.example', 'sip:bob@acme.examples']) {
      messages.admitted(flow, scan(request().replace(/\r\nTo: [^\r]*/, `\r\nTo: <${to}>;tag=t1`)));
      const { fields } = only();
      assert.equal(fields.to, to);
      assert.equal(fields.toTag, 't1');
    }
    messages.admitted(flow, scan(request().replace(/\r\nTo: [^\r]*/, '$&;tag=t1')));
    const { fields } = only();
    assert.deepEqual([fields.to, fields.toTag], [undefined, 't1']);
  });

  it('a CSeq that is too long for its method to be kept does not take it along', () => {
    for (const [zeros, method] of [
      [55, undefined],
      [56, 'MESSAGE'],
    ] as const) {
      const cseq = `\r\nCSeq: ${'0'.repeat(zeros)}1 MESSAGE`;
      messages.admitted(flow, scan(request().replace(/\r\nCSeq: [^\r]*/, cseq)));
      assert.equal(only().fields.method, method);
    }
  });

  it('another request of the same connection has the same ends', () => {
    messages.admitted(flow, scan(request()));
    messages.admitted(flow, scan(request({ method: 'OPTIONS' })));
    const [first, second] = under.taken();
    assert.equal(first?.fields.destination, second?.fields.destination);
    assert.match(second?.fields.cseq ?? '', / OPTIONS$/);
  });

  it('a body is told by its hash behind a salt, and only where there is one of both', () => {
    const salt = Buffer.from('0123456789abcdef');
    messages.admitted(flow, scan(request({ body: 'hi' })));
    assert.equal(only().fields.bodyHash, undefined);
    messages.useSalt(salt);
    messages.admitted(flow, scan(request({ body: 'hi' })));
    const expected = hash('sha256', Buffer.concat([salt, Buffer.from('hi')]), 'buffer');
    assert.deepEqual(Buffer.from(only().fields.bodyHash ?? []), expected);
    messages.admitted(flow, scan(request()));
    assert.equal(only().fields.bodyHash, undefined);
  });

  it('the answer of a gateway, with its status and the tag of To', () => {
    const seq = messages.admitted(flow, scan(request()));
    const answer = Buffer.from(
      `yy${responseTo(request(), '486 Busy Here').replace(/(\r\nTo: [^\r]*)/, '$1;tag=b1')}`,
    );
    messages.answered(flow, seq, answer, 2, answer.length);
    const [, { type, fields } = only()] = under.taken();
    assert.deepEqual(under.hastes.slice(-2), ['prompt', 'patient']);
    assert.equal(type, 'message-answered');
    assert.deepEqual(fields, {
      requestSeq: seq,
      status: 486,
      toTag: 'b1',
      size: answer.length - 2,
    });
  });

  it('an answer of the edge itself, also to a request from before there was audit', () => {
    messages.answeredHere(flow, NOT_RECORDED, 503, 'gateway-lost');
    assert.deepEqual(only().fields, {
      connection: 7,
      status: 503,
      answeredBy: 'edge',
      code: 'gateway-lost',
    });
    assert.equal(under.hastes.at(-1), 'urgent');
  });

  it('a refusal, as much of it as could be read', () => {
    messages.refused(flow, scan(request()), 'from-domain-not-covered', 403);
    const { type, fields } = only();
    assert.equal(type, 'message-refused');
    assert.equal(fields.status, 403);
    assert.equal(fields.code, 'from-domain-not-covered');
    assert.equal(fields.answeredBy, 'edge');
    assert.equal(fields.method, 'MESSAGE');
    assert.equal(under.hastes.at(-1), 'urgent');
  });

  it('a response that belongs to nothing, with the branch as one of ours', () => {
    const branch = /branch=([^;\r]+)/.exec(request())?.[1];
    messages.refused(flow, scan(responseTo(request(), '200 OK')), 'via-not-ours', 0);
    const { status, clientTransaction, serverTransaction } = only().fields;
    assert.deepEqual([status, clientTransaction, serverTransaction], [200, branch, undefined]);
  });

  it('a message of which nothing could be read', () => {
    messages.refused(flow, undefined, 'sip-start-line-malformed', 0);
    assert.deepEqual(only().fields, { ...ENDS, code: 'sip-start-line-malformed' });
  });

  it('values that cannot be understood stand as they came', () => {
    const text = request().replace(/\r\nFrom: [^\r]*/, '\r\nFrom: <<\x1b[2J\xff>');
    messages.refused(flow, scan(text, 'latin1'), 'sip-from-malformed', 400);
    assert.equal(only().fields.from, '<<\x1b[2J\udcff>');
  });

  it('a value that is longer than its limit is cut, and the record says so', () => {
    const callId = `${'c'.repeat(300)}@globex.example`;
    messages.admitted(
      flow,
      scan(request().replace(/\r\nCall-ID: [^\r]*/, `\r\nCall-ID: ${callId}`)),
    );
    const { fields } = only();
    assert.equal(fields.callId, 'c'.repeat(256));
    assert.deepEqual([...(fields.cut ?? [])], [56]);
  });

  it('of a flood of refusals the first ones of each kind and partner in a minute, 200 a second; the others are counted', () => {
    const refuse = (times: number, from: Flow, code: string) => {
      for (let at = 0; at < times; at++) messages.refused(from, undefined, code, 503);
    };
    const other = flowOf({ identity: { partner: { id: 'initech' } } });
    refuse(12_300, flow, 'rate-exceeded');
    refuse(1, flow, 'method-not-allowed');
    refuse(1, other, 'rate-exceeded');
    assert.equal(under.taken().filter(({ type }) => type === 'message-refused').length, 12_002);
    wallMs = 59_999;
    refuse(1, flow, 'rate-exceeded');
    under.stream.sweep();
    const gaps = () =>
      under
        .taken()
        .filter(({ type }) => type === 'gap')
        .map(({ fields }) => fields);
    assert.deepEqual(gaps(), [
      {
        ...{ lostRecords: 301, lostFromMs: 5n, lostUntilMs: 59_999n },
        ...{ code: 'messages-refused', note: 'rate-exceeded of globex' },
      },
    ]);
    wallMs = 60_000;
    refuse(1, flow, 'rate-exceeded');
    assert.equal(only().fields.code, 'rate-exceeded');
    under.stream.sweep();
    assert.deepEqual(gaps(), []);
  });

  it('what is refused only because nothing can be kept is counted', () => {
    messages.refused(flow, scan(request()), 'audit-full', 503);
    assert.deepEqual(under.taken(), []);
    under.stream.sweep();
    const gap = under.taken().find(({ type }) => type === 'gap');
    assert.equal(gap?.fields.lostRecords, 1);
    assert.equal(gap?.fields.code, 'refused-while-full');
  });

  it('a request of ours and its final answer, from where they come', () => {
    const bytes = Buffer.from(`yy${request({ branch: 'z9hG4bKours' })}`);
    messages.sent(flow, bytes, 2, bytes.length);
    const sent = only();
    assert.equal(sent.type, 'message-sent');
    assert.equal(sent.fields.source, '2001:db8::1');
    assert.equal(sent.fields.destination, '192.0.2.1');
    assert.equal(sent.fields.clientTransaction, 'z9hG4bKours');
    assert.equal(sent.fields.size, bytes.length - 2);
    messages.received(flow, scan(responseTo(request({ branch: 'z9hG4bKours' }), '200 OK')));
    const received = only();
    assert.equal(received.type, 'response-received');
    assert.equal(received.fields.status, 200);
    assert.equal(received.fields.source, '192.0.2.1');
    assert.equal(received.fields.clientTransaction, 'z9hG4bKours');
    assert.equal(received.fields.callId, sent.fields.callId);
  });

  it('a final answer of ours over another connection than its request came on', () => {
    const asked = request({ branch: 'z9hG4bKtheirs' });
    const bytes = Buffer.from(`yy${responseTo(asked, '200 OK')}`);
    messages.answeredElsewhere(flow, bytes, 2, bytes.length);
    const { type, fields } = only();
    assert.deepEqual([type, fields.status], ['message-sent', 200]);
    assert.equal(fields.method, undefined);
    assert.equal(fields.serverTransaction, 'z9hG4bKtheirs');
    assert.match(asked, new RegExp(`\r\nCall-ID: ${fields.callId}\r\n`));
    assert.deepEqual([fields.source, fields.destination], ['2001:db8::1', '192.0.2.1']);
    assert.equal(fields.size, bytes.length - 2);
    const ringing = Buffer.from(responseTo(asked, '180 Ringing'));
    messages.answeredElsewhere(flow, ringing, 0, ringing.length);
    assert.deepEqual(under.taken(), []);
  });

  it('without audit there is no record, and no number', () => {
    under.stream.close();
    under.taken();
    assert.equal(messages.admitted(flow, scan(request())), NOT_RECORDED);
    messages.answered(flow, NOT_RECORDED, Buffer.from('SIP/2.0 200 OK\r\n\r\n'), 0, 18);
    messages.answeredHere(flow, 1, 503, 'x');
    messages.refused(flow, undefined, 'x', 0);
    messages.refused(flow, undefined, 'audit-full', 503);
    messages.sent(flow, Buffer.from(request()), 0, 10);
    const answer = Buffer.from(responseTo(request(), '200 OK'));
    messages.answeredElsewhere(flow, answer, 0, answer.length);
    messages.received(flow, scan(responseTo(request(), '200 OK')));
    under.stream.sweep();
    assert.deepEqual(under.taken(), []);
  });
});
