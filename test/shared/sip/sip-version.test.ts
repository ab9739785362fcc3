import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { hasVersionInCapitals } from '@sallyport/shared/sip/sip-version.ts';

const LIMITS = {
  headBytesMax: 1000,
  bodyBytesMax: 1000,
  requestUriBytesMax: 1000,
  lineBytesMax: 1000,
  headersMax: 10,
};

const rows: readonly (readonly [string, boolean])[] = [
  ['MESSAGE sip:b@c SIP/2.0', true],
  ['MESSAGE sip:b@c sip/2.0', false],
  ['MESSAGE sip:b@c SIp/2.0', false],
  ['MESSAGE SIP:SIP@SIP sIP/2.0', false],
  ['SIP/2.0 200 OK', true],
  ['SiP/2.0 200 SIP', false],
];

for (const [startLine, expected] of rows) {
  it(`${startLine}: the version is ${expected ? '' : 'not '}in capitals`, () => {
    // Not at the start of its bytes, as in a stream.
    const bytes = Buffer.from(`\r\n\r\n${startLine}\r\nContent-Length: 0\r\n\r\n`);
    const index = new MessageIndex(LIMITS);
    index.scan(bytes, 4, bytes.length);
    assert.equal(index.fault, undefined);
    assert.equal(hasVersionInCapitals(index), expected);
  });
}
