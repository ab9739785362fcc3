import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { channelClientOptions } from '@sallyport/shared/io/channel-tls.ts';
import { frame } from './forged-frames.ts';

/**
 * A program for a namespace: dials a proxy's channel port as a gateway would, with the keys of the bundle in its first
 * argument, and says how many octets it heard until the other end hung up; its hello is in the fourth.
 */
export interface FalseGateway {
  /** The other end took part in a handshake. */
  readonly isShaken: boolean;
  /** Octets that it said. */
  readonly heard: number;
}

const PATIENCE_MS = 10_000;

const [bundle = '', host = '', port = '', hello = ''] = process.argv.slice(2);
const file = (name: string) => readFileSync(join(bundle, name), 'utf8');
const credentials = {
  certificatePem: file('channel.crt'),
  keyPem: file('channel.key'),
  caPem: file('channel-ca.crt'),
};
const socket = connect({ ...channelClientOptions(credentials), host, port: Number(port) });
let heard = 0;
let isShaken = false;
socket.setTimeout(PATIENCE_MS, () => socket.destroy());
socket.on('error', () => undefined);
socket.on('data', (chunk: Buffer) => {
  heard += chunk.length;
});
socket.once('secureConnect', () => {
  isShaken = true;
  socket.write(
    Buffer.concat([frame(FrameType.hello, JSON.parse(hello) as object), frame(FrameType.ping, '')]),
  );
});
socket.once('close', () =>
  process.stdout.write(JSON.stringify({ isShaken, heard } satisfies FalseGateway)),
);
