import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, fromPartner, header, headers, responseTo } from './core-stage.ts';

describe('a message with folded fields', () => {
  it('goes inside, and its answer back, with every field on one line: a fold is no length and no sender', () => {
    const stage = new CoreStage();
    const via = 'SIP/2.0/TLS edge.globex.example:5061\r\n ;branch=z9hG4bKglobex1';
    const extra = [
      'X: a\r\n Content-Length: 0',
      'Y : "\r\n\tFrom: <sip:ceo@acme.example>"',
      'Z%: 1',
    ];
    const body = 'OPTIONS sip:ceo@acme.example SIP/2.0\r\nl: 0\r\n\r\n';
    stage.request(stage.globex, fromPartner('MESSAGE', { via, extra, body }));
    const { text } = stage.one();
    const [head = ''] = text.split('\r\n\r\n');
    assert.doesNotMatch(head, /\n[ \t]|[ \t]:/);
    assert.equal(header(text, 'X'), 'a Content-Length: 0');
    assert.equal(header(text, 'Y'), '" From: <sip:ceo@acme.example>"');
    assert.deepEqual(headers(text, 'Z%'), []);
    assert.ok(text.endsWith(`\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    stage.response('staff', responseTo(text, 200, ['W: a\r\n l: 9']));
    const answer = stage.one().text;
    assert.doesNotMatch(answer, /\n[ \t]/);
    assert.deepEqual(headers(answer, 'Via'), [
      'SIP/2.0/TLS edge.globex.example:5061 ;branch=z9hG4bKglobex1;received=192.0.2.1',
    ]);
  });
});
