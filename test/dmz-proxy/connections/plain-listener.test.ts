import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import type { Source } from '@sallyport/dmz-proxy/connections/doorstep.ts';
import { PlainListener } from '@sallyport/dmz-proxy/connections/plain-listener.ts';
import { SourceLimits } from '@sallyport/shared/net/source-limits.ts';

async function listening(isKnown: boolean) {
  const heard = Promise.withResolvers<string>();
  const sources: Source[] = [];
  const limits = {
    connectionsMax: 9,
    connectionsPerSourceMax: 9,
    connectionsPerSourcePerSecond: 9,
    sourcesMax: 9,
  };
  const listener = new PlainListener(
    {
      listen: { host: '127.0.0.1', port: 0, transport: 'tcp', proxyProtocolFrom: [] },
      headerTimeoutMs: 5000,
      sources: new SourceLimits(limits, 0),
      nowMs: () => 0,
      isKnown: () => isKnown,
    },
    {
      arrivedPlain: (socket, source) => {
        sources.push(source);
        socket.destroy();
        heard.resolve('arrived');
      },
      refused: (code) => heard.resolve(code),
      checked: () => heard.resolve('checked'),
    },
  );
  const port = (await listener.open()) ?? 0;
  return { listener, port, heard: heard.promise, sources };
}

describe('a listener for plain TCP', () => {
  // known  sends      what becomes of it
  const rows = [
    [true, '', 'arrived'],
    [false, '', 'checked'],
    [false, 'OPTIONS', 'arrived'],
  ] as const;
  for (const [isKnown, sent, expected] of rows) {
    it(`${isKnown ? 'a partner' : 'a stranger'} that sends ${sent || 'nothing'}: ${expected}`, async () => {
      const { listener, port, heard, sources } = await listening(isKnown);
      const client = connect(port, '127.0.0.1');
      client.on('error', () => undefined).resume();
      const closed = once(client, 'close');
      if (sent !== '') client.write(sent);
      assert.equal(await heard, expected);
      assert.equal(sources.length, expected === 'arrived' ? 1 : 0);
      await closed;
      listener.close();
    });
  }
});
