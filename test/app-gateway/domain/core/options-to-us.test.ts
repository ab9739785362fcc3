import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, fromInside, fromPartner, header, headers, startLine } from './core-stage.ts';
import { begunByPartner, INNER_CONTACT, partnerSends, uriOf } from './dialog-stage.ts';

/** Longer than anybody waits. */
const LONG_MS = 5000;

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
      const said = ['Accept', 'Accept-Encoding', 'Accept-Language'].map((name) =>
        header(text, name),
      );
      assert.deepEqual(said, ['application/sdp', 'identity', 'en']);
      assert.match(text, /\r\nSupported:\r\n/);
    });
  }
});

describe('OPTIONS to a user at our name', () => {
  // A Contact that we hid: who asks what it can do asks the telephone (RFC 3261 §11).
  it('goes to the one who is hidden there', () => {
    const { stage, partner } = begunByPartner('INVITE');
    partnerSends(stage, 'OPTIONS', partner);
    assert.equal(startLine(stage.one().text), `OPTIONS ${uriOf(INNER_CONTACT)} SIP/2.0`);
  });
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
      stage.pass(LONG_MS);
      stage.request(stage.staff, fromInside('OPTIONS', { uri }));
      const { text } = stage.one();
      assert.equal(startLine(text), `SIP/2.0 ${status}`);
      assert.deepEqual(headers(text, 'Retry-After'), isUp ? [] : ['5']);
    });
  }

  it('waits a little for the next proxy when the last one has just gone', () => {
    const stage = new CoreStage();
    stage.pass(LONG_MS);
    stage.isUp = false;
    for (const exchange of [3, 4]) {
      stage.request(stage.staff, fromInside('OPTIONS', { uri, cseq: exchange }), exchange);
    }
    stage.pass(500);
    assert.deepEqual(stage.take(), []);
    stage.isUp = true;
    stage.pass(50);
    assert.deepEqual(
      stage.take().map(({ number, text }) => [number, startLine(text), header(text, 'CSeq')]),
      [3, 4].map((exchange) => [exchange, 'SIP/2.0 200 OK', `${exchange} OPTIONS`]),
    );
  });

  it('waits no longer than two seconds since there was one, nor while the gateway stops', () => {
    for (const [goneMs, waitedMs] of [
      [0, 2000],
      [1500, 500],
      [2000, 0],
    ] as const) {
      const stage = new CoreStage();
      stage.pass(LONG_MS);
      stage.isUp = false;
      stage.pass(goneMs);
      stage.request(stage.staff, fromInside('OPTIONS', { uri }));
      if (waitedMs > 0) {
        stage.pass(waitedMs - 50);
        assert.deepEqual(stage.take(), [], `${goneMs}`);
        stage.pass(50);
      }
      assert.match(startLine(stage.one().text), /^SIP\/2\.0 503 /);
    }
    const stage = new CoreStage();
    stage.isUp = false;
    stage.request(stage.staff, fromInside('OPTIONS', { uri }));
    assert.deepEqual(stage.take(), [], 'a proxy may be about to come');
    stage.core.drain();
    assert.match(startLine(stage.one().text), /^SIP\/2\.0 503 /);
  });

  it('is held for no more than a thousand', () => {
    const stage = new CoreStage();
    stage.isUp = false;
    for (let asked = 1; asked <= 1001; asked++) {
      stage.request(stage.staff, fromInside('OPTIONS', { uri, cseq: asked }), asked);
    }
    assert.equal(stage.one().number, 1001);
  });

  it('is held in no more than 4 MiB', () => {
    const body = 'x'.repeat(60_000);
    const asked = (number: number) =>
      fromInside('OPTIONS', { uri, cseq: number }).replace(
        'Content-Length: 0\r\n\r\n',
        `Content-Length: ${body.length}\r\n\r\n${body}`,
      );
    const most = Math.floor(4_194_304 / asked(1).length);
    const stage = new CoreStage();
    stage.isUp = false;
    for (let turn = 0; turn < 2; turn++) {
      for (let number = 1; number <= most + 1; number++) {
        stage.request(stage.staff, asked(10 + number), number);
      }
      assert.equal(stage.one().number, most + 1);
      stage.isUp = true;
      stage.pass(50);
      assert.equal(stage.take().length, most);
      stage.isUp = false;
    }
  });

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
