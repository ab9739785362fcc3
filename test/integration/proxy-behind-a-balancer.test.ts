import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { PartnerClient } from './support/partner-client.ts';
import { type RunningProxy, runningProxy } from './support/running-proxy.ts';
import { request, responseTo } from './support/sip-text.ts';

const V2 = Buffer.concat([
  Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
  Buffer.from([0x21, 0x11, 0, 12, 203, 0, 113, 9, 10, 0, 0, 1]),
  Buffer.from([0x9c, 0x40, 0x13, 0xc5]),
]);

describe('a proxy behind a balancer', () => {
  let running: RunningProxy;
  before(async () => {
    const listen = [{ host: '127.0.0.1', port: 0, proxyProtocolFrom: ['127.0.0.1/32'] }];
    running = await runningProxy(undefined, { listen });
    running.gateway.respond = ({ text }) => responseTo(text, '200 OK');
  });
  after(() => running.stop());

  for (const [version, header] of [
    [2, V2],
    [1, Buffer.from('PROXY TCP4 203.0.113.9 10.0.0.1 40000 5061\r\n')],
  ] as const) {
    it(`sees the source that a PROXY header of version ${version} names`, async () => {
      const { port, site, gateway } = running;
      const since = gateway.frames.length;
      const partner = await PartnerClient.connect(port, site.partner, {}, header);
      partner.send(request());
      await partner.expect('SIP/2.0 200 OK');
      const opened = JSON.parse((await gateway.frame(FrameType.flowOpened, since)).text) as {
        remoteAddress: string;
        remotePort: number;
      };
      assert.equal(opened.remoteAddress, '203.0.113.9');
      assert.equal(opened.remotePort, 40_000);
      partner.end();
    });
  }

  it('closes a connection without the header: it is never guessed', async () => {
    const { port, site, proxy } = running;
    const partner = await PartnerClient.connect(port, site.partner);
    await partner.expectClose();
    await proxy.line('connection-refused');
  });
});

describe('a proxy without a balancer', () => {
  it('takes a PROXY header for what it is there: no TLS', async () => {
    const running = await runningProxy();
    const partner = await PartnerClient.connect(running.port, running.site.partner, {}, V2);
    await partner.expectClose();
    await running.stop();
  });
});
