import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CoreStage,
  fromInside,
  fromPartner,
  headers,
  responseTo,
  startLine,
} from './core-stage.ts';

const DATE = 'Retry-After: Fri, 26 Sep 1997 13:00:00 GMT';
const SECONDS = 'Retry-After: 5;duration=3600';

/** A request that goes on, either way, and its answer that comes back. */
function bothWays(extra: readonly string[], status = 503, words = 'Reason') {
  const there = new CoreStage();
  const back = new CoreStage();
  there.request(there.globex, fromPartner('MESSAGE', { extra }));
  back.request(back.staff, fromInside('MESSAGE', { extra }));
  const asked = [there.one().text, back.one().text];
  const answers = asked.map((text) =>
    responseTo(text, status, extra).replace(`${status} Reason`, `${status} ${words}`),
  );
  there.response('staff', answers[0] ?? '');
  back.response('globex', answers[1] ?? '');
  return { asked, answered: [there.one().text, back.one().text] };
}

describe('what servers cannot read', () => {
  it('of a Retry-After without seconds stays behind, for Kamailio closes the connection over it', () => {
    const { asked, answered } = bothWays([DATE], 480);
    for (const text of [...asked, ...answered]) assert.deepEqual(headers(text, 'Retry-After'), []);
  });

  it('is not a Retry-After with seconds', () => {
    const { asked, answered } = bothWays([SECONDS], 480);
    for (const text of [...asked, ...answered]) assert.ok(text.includes(`\r\n${SECONDS}\r\n`));
  });

  it('of a response without a reason phrase gets the words of its class, for Net::SIP takes it for no message', () => {
    for (const words of ['', ' \t']) {
      for (const text of bothWays([], 486, words).answered) {
        assert.equal(startLine(text), 'SIP/2.0 486 Client Error');
      }
    }
  });

  it('is not a reason phrase that names the inside: that one gets such words, too', () => {
    const [toPartner, inward] = bothWays([], 486, 'ask one.inner.example').answered;
    assert.equal(startLine(toPartner ?? ''), 'SIP/2.0 486 Client Error');
    assert.equal(startLine(inward ?? ''), 'SIP/2.0 486 ask one.inner.example');
  });
});
