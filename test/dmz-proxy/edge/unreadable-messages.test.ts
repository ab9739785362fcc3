import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { request, responseTo } from '../../integration/support/sip-text.ts';
import { LIMITS } from '../edge-fixture.ts';
import { IngressStage } from './ingress-stage.ts';
import { recordedFlow } from './recorded-flow.ts';

const LENGTHS = 'Content-Length: 0\r\nl: 0\r\n';
const withLengths = (text: string) => text.replace(/Content-Length: \d+\r\n/, LENGTHS);

describe('a message behind which nothing can be read', () => {
  //  what                    bytes                                            has a head  answer                  code
  const table: readonly (readonly [string, string, boolean, string | undefined, string])[] = [
    [
      'two lengths',
      withLengths(request()),
      true,
      '400 Repeated Content-Length',
      'sip-content-length-repeated',
    ],
    [
      'a body that is too large',
      request().replace(/Content-Length: \d+/, `Content-Length: ${LIMITS.bodyBytesMax + 1}`),
      true,
      '513 Message Too Large',
      'sip-body-too-large',
    ],
    [
      'an ACK',
      withLengths(request({ method: 'ACK' })),
      true,
      undefined,
      'sip-content-length-repeated',
    ],
    [
      'a response',
      withLengths(responseTo(request(), '200 OK')),
      true,
      undefined,
      'sip-content-length-repeated',
    ],
    ['no head', 'MESSAGE sip:a@b SIP/2.0\r\nX: a\rb\r\n', false, undefined, 'sip-bare-line-break'],
  ];
  for (const [what, text, hasHead, answer, code] of table) {
    it(`${what}: ${answer ?? 'no answer'}`, () => {
      const refused: string[] = [];
      const stage = new IngressStage({
        nowMs: () => 0,
        refused: (_flow, said) => refused.push(said.code),
      });
      const { flow, written } = recordedFlow();
      const index = new MessageIndex(LIMITS);
      const bytes = Buffer.from(text, 'latin1');
      assert.equal(index.scan(bytes, 0, bytes.length) > 0, hasHead);
      stage.ingress.fatal(flow, index, hasHead);
      assert.deepEqual(
        written.map((said) => said.slice('SIP/2.0 '.length, said.indexOf('\r\n'))),
        answer === undefined ? [] : [answer],
      );
      assert.deepEqual(refused, [code]);
      assert.equal(stage.counters.read()[`framing:${code}`], 1);
    });
  }
});
