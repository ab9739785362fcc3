import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, fromInside, fromPartner, headers, startLine } from './core-stage.ts';

describe('the breadth that goes on with a request (RFC 5393 §5.3.3)', () => {
  for (const [came, goesOn] of [
    [undefined, '60'],
    ['1', '1'],
    ['60', '60'],
    ['61', '60'],
    ['9007199254740991', '60'],
  ] as const) {
    it(`is ${goesOn} where ${came ?? 'none'} came`, () => {
      const stage = new CoreStage();
      const extra = came === undefined ? [] : [`Max-Breadth: ${came}`];
      stage.request(stage.globex, fromPartner('MESSAGE', { extra }));
      assert.deepEqual(headers(stage.one().text, 'Max-Breadth'), [goesOn]);
    });
  }
});

describe('the hops that a request has left (RFC 3261 §16.6 step 3)', () => {
  for (const [came, goesOn] of [
    [null, '70'],
    [1, '0'],
    [70, '69'],
    [255, '254'],
  ] as const) {
    it(`are ${goesOn} where ${came ?? 'none'} came, in an ACK too`, () => {
      for (const method of ['MESSAGE', 'ACK']) {
        const stage = new CoreStage();
        stage.request(stage.staff, fromInside(method, { maxForwards: came }));
        assert.deepEqual(headers(stage.one().text, 'Max-Forwards'), [goesOn]);
      }
    });
  }
});

describe('what a partner sees of the way that a request has come', () => {
  it('is our own Via, and no Route or Record-Route of the inside', () => {
    const stage = new CoreStage();
    const extra = [
      'v: SIP/2.0/TLS 10.9.8.7:5070;branch=z9hG4bKphone',
      'Route: <sip:gateway-1.inner.example:5061;lr>',
      'Record-Route: <sip:one.inner.example:5061;lr>, <sip:two.inner.example:5061;lr>',
    ];
    stage.request(stage.staff, fromInside('MESSAGE', { extra }));
    const { text } = stage.one();
    assert.equal(startLine(text), 'MESSAGE sip:alice@globex.example SIP/2.0');
    assert.match(headers(text, 'Via').join(), /^SIP\/2\.0\/TLS sip\.acme\.example:5061;[^,]*$/);
    assert.doesNotMatch(text, /inner|10\.9\.8\.7|\nv:|Route:/);
  });
});
