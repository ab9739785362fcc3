import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, fromInside, fromPartner, header, headers, startLine } from './core-stage.ts';

describe('OPTIONS to us', () => {
  for (const [name, uri, maxForwards] of [
    ['our name', 'sip:sip.acme.example:5061;transport=tls', 70],
    ['a user, at its last hop', 'sip:bob@acme.example', 0],
  ] as const) {
    it(`is answered 200 with what we can do: ${name}`, () => {
      const stage = new CoreStage();
      stage.request(stage.globex, fromPartner('OPTIONS', { uri, maxForwards }));
      const { text } = stage.one();
      assert.equal(startLine(text), 'SIP/2.0 200 OK');
      assert.match(header(text, 'Allow'), /MESSAGE/);
      assert.equal(header(text, 'Accept'), 'application/sdp');
    });
  }
});

describe('OPTIONS to us from inside', () => {
  const uri = 'sip:gateway-1.inner.example:5061';
  for (const [isUp, status] of [
    [true, '200 OK'],
    [false, '503 Service Unavailable'],
  ] as const) {
    it(`is answered ${status} ${isUp ? 'while a proxy takes requests' : 'where none does'}`, () => {
      const stage = new CoreStage();
      stage.isUp = isUp;
      stage.request(stage.staff, fromInside('OPTIONS', { uri }));
      const { text } = stage.one();
      assert.equal(startLine(text), `SIP/2.0 ${status}`);
      assert.deepEqual(headers(text, 'Retry-After'), isUp ? [] : ['5']);
    });
  }

  it('tells what it does not know, whether there is a proxy or not', () => {
    const stage = new CoreStage();
    stage.isUp = false;
    const extra = ['Require: 100rel'];
    stage.request(stage.staff, fromInside('OPTIONS', { uri, extra }));
    assert.equal(startLine(stage.one().text), 'SIP/2.0 420 Bad Extension');
  });

  it('a partner is answered 200 whether others are within reach or not', () => {
    const stage = new CoreStage();
    stage.isUp = false;
    stage.request(stage.globex, fromPartner('OPTIONS', { maxForwards: 0 }));
    assert.equal(startLine(stage.one().text), 'SIP/2.0 200 OK');
  });
});
