import { after } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { ChannelConnection, type ChannelOptions } from '@sallyport/shared/io/channel-connection.ts';
import { frameBytes, helloOf, optionsOf, RecordingSink, tlsPair } from './channel-fixture.ts';
import { ManualClock } from './manual-clock.ts';

const open: TLSSocket[] = [];
after(() => {
  for (const socket of open) socket.destroy();
});

/** A finished handshake whose sockets end with the test file. */
export async function openSockets(): Promise<{ proxy: TLSSocket; gateway: TLSSocket }> {
  const sockets = await tlsPair();
  open.push(sockets.proxy, sockets.gateway);
  return sockets;
}

/** Both ends of one channel. */
export interface Ends {
  readonly clock: ManualClock;
  readonly proxy: RecordingSink;
  readonly gateway: RecordingSink;
  readonly proxySocket: TLSSocket;
  readonly gatewaySocket: TLSSocket;
}

/** One end over a socket, and what it is told. */
export function end(socket: TLSSocket, options: ChannelOptions): RecordingSink {
  let sink: RecordingSink | undefined;
  new ChannelConnection(socket, options, (connection) => {
    sink = new RecordingSink(connection);
    return sink;
  });
  return sink as RecordingSink;
}

/** Both ends over real TLS, on a clock that stands still. */
export async function openEnds(
  proxyChange: Partial<ChannelOptions> = {},
  gatewayChange: Partial<ChannelOptions> = {},
): Promise<Ends> {
  const sockets = await openSockets();
  const clock = new ManualClock();
  const proxy = end(sockets.proxy, optionsOf('proxy', clock, proxyChange));
  const gateway = end(sockets.gateway, optionsOf('gateway', clock, gatewayChange));
  return { clock, proxy, gateway, proxySocket: sockets.proxy, gatewaySocket: sockets.gateway };
}

/** The same, after both hellos. */
export async function readyEnds(
  proxyChange: Partial<ChannelOptions> = {},
  gatewayChange: Partial<ChannelOptions> = {},
): Promise<Ends> {
  const ends = await openEnds(proxyChange, gatewayChange);
  await Promise.all([ends.proxy.heard('ready gateway-1'), ends.gateway.heard('ready edge-1')]);
  return ends;
}

/** A proxy's end, and a gateway's socket in the hands of the test. */
export async function withRawGateway(change: Partial<ChannelOptions> = {}): Promise<{
  readonly clock: ManualClock;
  readonly proxy: RecordingSink;
  readonly socket: TLSSocket;
  readonly raw: TLSSocket;
}> {
  const sockets = await openSockets();
  const clock = new ManualClock();
  const proxy = end(sockets.proxy, optionsOf('proxy', clock, change));
  return { clock, proxy, socket: sockets.proxy, raw: sockets.gateway };
}

/** The gateway's hello as a frame. */
export const HELLO = frameBytes(FrameType.hello, 0, 0, JSON.stringify(helloOf('gateway')));

/** Sends one text as a SIP frame. */
export function sip(sink: RecordingSink, flow: number, exchange: number, text: string): boolean {
  const bytes = Buffer.from(text, 'latin1');
  return sink.connection.send(FrameType.sip, 0, flow, exchange, bytes, 0, bytes.length);
}

/** Enough of a `flowOpened` payload where nobody decodes it. */
export const OPENED = { partner: 'globex' };
