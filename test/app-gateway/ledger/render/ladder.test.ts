import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EntryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import { ladderOf } from '@sallyport/app-gateway/ledger/render/ladder.ts';
import { ladderText } from '@sallyport/app-gateway/ledger/render/ladder-text.ts';

const START_MS = Date.UTC(2026, 10, 21, 8, 0, 0);

function view(
  index: number,
  type: string,
  fields: EntryView['fields'],
  node = 'edge-1',
): EntryView {
  return {
    index,
    timeMs: START_MS + index * 10,
    type,
    node,
    worker: 0,
    epoch: '0000000000000001',
    seq: index,
    fields,
  };
}

const CALL: readonly EntryView[] = [
  view(0, 'message-admitted', {
    partner: 'globex',
    method: 'INVITE',
    requestUri: 'sip:bob@acme.example',
    callId: 'c1',
  }),
  view(1, 'policy-decision', { verdict: 'allowed', rule: 'users' }, 'gateway-1'),
  view(2, 'message-answered', { requestSeq: 0, status: 200 }),
  view(3, 'message-sent', {
    partner: 'globex',
    method: 'BYE',
    requestUri: 'sip:alice@globex.example',
    callId: 'c1',
  }),
  view(4, 'response-received', { partner: 'globex', requestSeq: 3, status: 481, cseq: '2 BYE' }),
  view(5, 'message-refused', { partner: 'globex', method: 'INFO', code: 'rate', status: 503 }),
];

describe('a call as a ladder', () => {
  it('says who spoke to whom, in the order of time', () => {
    const { lanes, steps } = ladderOf('c1', CALL.toReversed());
    assert.deepEqual(lanes, ['globex', 'edge-1/0', 'gateway-1/0']);
    assert.deepEqual(
      steps.map(({ from, to, label, kind }) => `${from}-${to} ${kind}: ${label}`),
      [
        '0-1 request: INVITE sip:bob@acme.example',
        '2-2 remark: policy-decision allowed users',
        '1-0 answer: 200 (INVITE) after 20 ms',
        '1-0 request: BYE sip:alice@globex.example',
        '0-1 answer: 481 (BYE) after 10 ms',
        '0-1 refusal: INFO refused: 503 rate',
      ],
    );
  });

  it('shows an answer that went over another connection as one', () => {
    const answer = { partner: 'globex', status: 200, cseq: '1 INVITE', callId: 'c1' };
    const { steps } = ladderOf('c1', [...CALL.slice(0, 2), view(2, 'message-sent', answer)]);
    const { from, to, label, kind } = steps.at(-1) ?? {};
    assert.deepEqual([from, to, kind, label], [1, 0, 'answer', '200 (INVITE)']);
  });

  it('has proxies beside the partner, even where a gateway had the first word', () => {
    const [request, decision, ...rest] = CALL;
    assert.ok(request !== undefined && decision !== undefined);
    const early = { ...decision, timeMs: request.timeMs - 1 };
    assert.deepEqual(ladderOf('c1', [early, request, ...rest]).lanes, [
      'globex',
      'edge-1/0',
      'gateway-1/0',
    ]);
  });

  it('in the terminal', () => {
    assert.equal(
      ladderText(ladderOf('c1', CALL.slice(0, 3))),
      [
        'Call-ID c1',
        'from 2026-11-21T08:00:00.000Z to 2026-11-21T08:00:00.020Z',
        '',
        '             globex                            edge-1/0                          gateway-1/0',
        '08:00:00.000    |=== INVITE sip:bob@acme.example =>|                                  |  #0',
        '08:00:00.010    |                                  |                                  * policy-decision allowed users  #1',
        '08:00:00.020    |<--- 200 (INVITE) after 20 ms ----|                                  |  #2',
      ].join('\n'),
    );
  });

  it('in a narrow window', () => {
    const ladder = ladderOf('c1', CALL.slice(0, 1).concat(CALL.slice(2, 3)));
    assert.match(ladderText(ladder, 60), /\|=+ INVITE sip:bob@acme\.example =*>\| {2,}#0$/m);
    const text = ladderText(ladder, 58);
    assert.match(text, /\|=+ INVITE sip:.*… =*>\| {2,}#0$/m);
    for (const line of text.split('\n')) assert.ok(line.length <= 58, line);
  });

  for (const columns of [40, 60, 79, 80, 81, 120, 200]) {
    it(`in ${columns} columns each line has its record's number, and no arrow is broken`, () => {
      const lines = ladderText(ladderOf('c1', CALL), columns).split('\n').slice(4);
      for (const line of lines) assert.match(line, /#\d+$/);
      assert.equal(lines.filter((line) => /[>X]\||\|</.test(line)).length, lines.length - 1);
    });
  }

  it('cuts a remark too, and names at the rim', () => {
    const long = 'a-rule-with-a-name-that-nobody-would-choose';
    const views = [
      view(0, 'message-admitted', { partner: `partner-${long}`, method: 'OPTIONS' }),
      view(1, 'policy-decision', { verdict: 'refused', rule: long }, 'gateway-1'),
    ];
    const lines = ladderText(ladderOf('c1', views), 80).split('\n');
    for (const line of lines) assert.ok(line.length <= 80, line);
    assert.match(lines[3] ?? '', /^ +partner-a-rul… +edge-1\/0 +gateway-1\/0$/);
    assert.match(lines[5] ?? '', /\* policy-deci.*… {2}#1$/);
  });

  it('of nothing, and of too much', () => {
    assert.match(ladderText(ladderOf('c1', [])), /no records/);
    const many = Array.from({ length: 501 }, (_, index) =>
      view(index, 'message-admitted', { partner: `p${index}` }),
    );
    const { lanes, steps, leftOut } = ladderOf('c1', many);
    assert.deepEqual([lanes.length, lanes.at(-1), steps.length, leftOut], [12, '(others)', 500, 1]);
  });
});
