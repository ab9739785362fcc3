import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { after, describe, it } from 'node:test';
import { connect } from 'node:tls';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { Hello } from '@sallyport/shared/channel/hello.ts';
import {
  ChannelConnection,
  DEFAULT_CHANNEL_LIMITS,
} from '@sallyport/shared/io/channel-connection.ts';
import {
  ChannelListener,
  type ChannelListenerOptions,
} from '@sallyport/shared/io/channel-listener.ts';
import { type ChannelCredentials, channelClientOptions } from '@sallyport/shared/io/channel-tls.ts';
import {
  credentialsOf,
  frameBytes,
  gatewayCredentials,
  helloOf,
  optionsOf,
  otherAuthority,
  proxyCredentials,
  RecordingSink,
} from './channel-fixture.ts';
import { ManualClock } from './manual-clock.ts';

const listeners: ChannelListener[] = [];
after(() => Promise.all(listeners.map((listener) => listener.close('test is over'))));

async function open(change: Partial<ChannelListenerOptions> = {}) {
  const clock = new ManualClock();
  const sinks: RecordingSink[] = [];
  const refusals: string[] = [];
  let wake: (() => void) | undefined;
  const listener = new ChannelListener(
    {
      host: '127.0.0.1',
      port: 0,
      credentials: proxyCredentials,
      expected: { site: 'acme', role: 'gateway' },
      connectionsMax: 16,
      refused: (reason, remoteAddress) => {
        refusals.push(`${reason} ${remoteAddress}`);
        wake?.();
      },
      own: helloOf('proxy'),
      clock,
      limits: DEFAULT_CHANNEL_LIMITS,
      flush: 'every-turn',
      ...change,
    },
    (connection) => {
      const sink = new RecordingSink(connection);
      sinks.push(sink);
      return sink;
    },
  );
  listeners.push(listener);
  const port = await listener.listen();
  const refused = async (): Promise<string> => {
    while (refusals.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return refusals[0] as string;
  };
  return { clock, listener, sinks, port, refused };
}

/** A gateway that dials by hand. */
async function dial(port: number, credentials: ChannelCredentials, own: Partial<Hello> = {}) {
  const socket = connect({ ...channelClientOptions(credentials), host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  const options = optionsOf('gateway', new ManualClock(), { own: helloOf('gateway', own) });
  let sink: RecordingSink | undefined;
  new ChannelConnection(socket, options, (connection) => {
    sink = new RecordingSink(connection);
    return sink;
  });
  return sink as RecordingSink;
}

describe('channel listener', { timeout: 20_000 }, () => {
  it('keeps open channels when it stops listening, and ends them when it closes', async () => {
    const { port, sinks, listener } = await open();
    const gateway = await dial(port, gatewayCredentials);
    await gateway.heard('ready edge-1');
    listener.stopListening();
    await assert.rejects(dial(port, gatewayCredentials), { code: 'ECONNREFUSED' });
    assert.deepEqual(sinks[0]?.events, ['ready gateway-1']);
    await listener.close('stopped');
    await gateway.heard('closed ended');
  });

  it('accepts gateways of its site', async () => {
    const { port, sinks } = await open();
    const gateway = await dial(port, gatewayCredentials);
    await gateway.heard('ready edge-1');
    const second = await dial(port, await credentialsOf('gateway', 'gateway-2'), {
      node: 'gateway-2',
    });
    await second.heard('ready edge-1');
    assert.deepEqual(
      sinks.map((sink) => sink.connection.peer?.node),
      ['gateway-1', 'gateway-2'],
    );
  });

  //  who comes                      with                                                         refusal
  const table: readonly (readonly [string, () => Promise<ChannelCredentials>, RegExp])[] = [
    ['a proxy', () => credentialsOf('proxy', 'gateway-1'), /^channel-role-wrong 127\.0\.0\.1$/],
    [
      'another site',
      () => credentialsOf('gateway', 'gateway-1', 'other'),
      /^channel-site-wrong 127/,
    ],
    [
      'another CA',
      () => credentialsOf('gateway', 'gateway-1', 'acme', otherAuthority),
      /^ERR_SSL|^CERT_SIGNATURE|^UNABLE_TO_VERIFY|^ECONNRESET/,
    ],
  ];
  for (const [who, credentials, refusal] of table) {
    it(`refuses ${who}`, async () => {
      const { port, sinks, refused } = await open();
      const gateway = await dial(port, await credentials());
      assert.match(await refused(), refusal);
      await gateway.until(() => gateway.events.some((event) => event.startsWith('closed')));
      assert.equal(sinks.length, 0);
      assert.equal(gateway.events.includes('ready edge-1'), false);
    });
  }

  it('closes a gateway that calls itself another', async () => {
    const { port, sinks } = await open();
    const gateway = await dial(port, gatewayCredentials, { node: 'gateway-2' });
    await gateway.heard('closed ended');
    await sinks[0]?.heard('closed hello-node');
  });

  it('puts a second channel of the same process in the place of the first', async () => {
    const { port, sinks } = await open();
    const first = await dial(port, gatewayCredentials);
    await first.heard('ready edge-1');
    const second = await dial(port, gatewayCredentials);
    await second.heard('ready edge-1');
    await sinks[0]?.heard('closed replaced');
    const other = await dial(port, gatewayCredentials, { worker: 1, workers: 2 });
    await other.heard('ready edge-1');
    await first.heard('closed ended');
    const third = await dial(port, gatewayCredentials);
    await third.heard('ready edge-1');
    await sinks[1]?.heard('closed replaced');
    assert.ok(sinks[2]?.connection.isAvailable && sinks[3]?.connection.isAvailable);
  });

  it('is not fooled into a replacement before the certificate has been seen', async () => {
    const { port, sinks } = await open();
    const first = await dial(port, gatewayCredentials);
    await first.heard('ready edge-1');
    const raw = connectTcp(port, '127.0.0.1');
    raw.on('error', () => undefined);
    raw.write(frameBytes(FrameType.hello, 0, 0, JSON.stringify(helloOf('gateway'))));
    await once(raw, 'close');
    assert.ok(sinks[0]?.connection.isAvailable);
  });

  it('names who reset a handshake', async () => {
    const { port, refused } = await open();
    const raw = connectTcp({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    raw.on('error', () => undefined);
    raw.write(Buffer.from([22, 3, 1]));
    await once(raw, 'connect');
    // Whoever came first was accepted first: a reset before that has no address to tell.
    const second = await dial(port, gatewayCredentials);
    await second.heard('ready edge-1');
    raw.resetAndDestroy();
    assert.equal(await refused(), 'ECONNRESET 127.0.0.2');
  });

  it('bounds its connections', async () => {
    const { port, refused } = await open({ connectionsMax: 1 });
    const first = await dial(port, gatewayCredentials);
    await first.heard('ready edge-1');
    const raw = connectTcp(port, '127.0.0.1');
    raw.on('error', () => undefined);
    assert.equal(await refused(), 'too-many-connections 127.0.0.1');
    await once(raw, 'close');
  });

  it('bounds those of one address, and lets others in', async () => {
    const { port, refused } = await open({ connectionsPerSourceMax: 1 });
    const first = await dial(port, gatewayCredentials);
    await first.heard('ready edge-1');
    const raw = connectTcp(port, '127.0.0.1');
    raw.on('error', () => undefined);
    await once(raw, 'close');
    assert.equal(await refused(), 'too-many-connections-of-source 127.0.0.1');
    const other = connectTcp({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    await once(other, 'connect');
    // The server speaks second: a hello of TLS is answered where a connection was taken.
    const secured = connect({ ...channelClientOptions(gatewayCredentials), socket: other });
    await once(secured, 'secureConnect');
    secured.destroy();
  });

  it('bounds how often one address comes, whatever becomes of it', async () => {
    const refusals: string[] = [];
    const { clock, port } = await open({
      connectionsPerSourcePerSecond: 2,
      refused: (reason) => refusals.push(reason),
    });
    const isTooFast = async () => {
      const raw = connectTcp(port, '127.0.0.1');
      raw.on('error', () => undefined);
      raw.end('no handshake');
      await once(raw, 'close');
      while (refusals.length === 0) await new Promise(setImmediate);
      return refusals.splice(0).includes('too-many-connections-a-second-of-source');
    };
    const came = [await isTooFast(), await isTooFast(), await isTooFast()];
    clock.advance(500);
    came.push(await isTooFast(), await isTooFast());
    assert.deepEqual(came, [false, false, true, false, true]);
  });

  it('uses renewed credentials for new handshakes and keeps the channels', async () => {
    const { listener, port, sinks } = await open();
    const first = await dial(port, gatewayCredentials);
    await first.heard('ready edge-1');
    const renewed = await credentialsOf('proxy', 'edge-1');
    listener.renew(renewed);
    const socket = connect({
      ...channelClientOptions(gatewayCredentials),
      host: '127.0.0.1',
      port,
    });
    await once(socket, 'secureConnect');
    const shown = socket.getPeerX509Certificate()?.toString();
    assert.equal(shown?.trim(), renewed.certificatePem.trim());
    socket.destroy();
    assert.throws(() => listener.renew({ ...renewed, keyPem: gatewayCredentials.keyPem }));
    assert.ok(sinks[0]?.connection.isAvailable);
  });

  it('closes its port, its channels and unfinished handshakes', async () => {
    const { clock, listener, port, sinks } = await open();
    const gateway = await dial(port, gatewayCredentials);
    await gateway.heard('ready edge-1');
    const raw = connectTcp(port, '127.0.0.1');
    raw.on('error', () => undefined);
    await once(raw, 'connect');
    const closed = listener.close('stopping');
    await sinks[0]?.heard('closed stopping');
    clock.advance(1500);
    await closed;
    await assert.rejects(once(connectTcp(port, '127.0.0.1'), 'connect'));
  });

  it('says why it cannot listen', async () => {
    const { port } = await open();
    await assert.rejects(open({ port }), { code: 'EADDRINUSE' });
    listeners.pop();
  });
});
