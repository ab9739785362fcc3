import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueChannelCertificate } from '@sallyport/certs/channel-certificate.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import type { ClockOffset, ClockVerdict } from '@sallyport/shared/channel/clock-offset.ts';
import {
  type ChannelRole,
  encodeFrameHeader,
  FRAME_HEADER_BYTES,
} from '@sallyport/shared/channel/frame.ts';
import type { Hello } from '@sallyport/shared/channel/hello.ts';
import {
  type ChannelConnection,
  type ChannelOptions,
  DEFAULT_CHANNEL_LIMITS,
} from '@sallyport/shared/io/channel-connection.ts';
import type { ChannelSink } from '@sallyport/shared/io/channel-sink.ts';
import {
  type ChannelCredentials,
  channelClientOptions,
  channelServerOptions,
} from '@sallyport/shared/io/channel-tls.ts';
import type { Clock } from '@sallyport/shared/io/clock.ts';
import { DIALLED_BY_GATEWAY } from './handshake-fixture.ts';

const VALIDITY = validForDays(Date.now(), 2);

export const siteAuthority: Issued = await createAuthority({ commonName: 'Site CA', ...VALIDITY });
export const otherAuthority: Issued = await createAuthority({ commonName: 'Site CA', ...VALIDITY });

/** What a node of a site has in its bundle. */
export async function credentialsOf(
  role: ChannelRole,
  node: string,
  site = 'acme',
  authority: Issued = siteAuthority,
): Promise<ChannelCredentials> {
  const issued = await issueChannelCertificate(authority, {
    site,
    role,
    node,
    hosts: ['127.0.0.1'],
    ...VALIDITY,
  });
  return {
    certificatePem: issued.certificatePem,
    keyPem: issued.privateKeyPem,
    caPem: siteAuthority.certificatePem,
  };
}

export const proxyCredentials: ChannelCredentials = await credentialsOf('proxy', 'edge-1');
export const gatewayCredentials: ChannelCredentials = await credentialsOf('gateway', 'gateway-1');

/** The hello of a node; windows are small, so that tests reach their ends. */
export function helloOf(role: ChannelRole, change: Partial<Hello> = {}): Hello {
  return {
    protocolVersions: [1],
    role,
    site: 'acme',
    node: role === 'proxy' ? 'edge-1' : 'gateway-1',
    worker: 0,
    workers: 1,
    creditBytes: 4_194_304,
    flowCreditBytes: 1_120_000,
    ...change,
  };
}

/** Options of one end, with a peer whose certificate agrees with its hello. */
export function optionsOf(
  role: ChannelRole,
  clock: Clock,
  change: Partial<ChannelOptions> = {},
): ChannelOptions {
  const peerRole = role === 'proxy' ? 'gateway' : 'proxy';
  return {
    own: helloOf(role),
    certified: {
      ...{ site: 'acme', role: peerRole, node: helloOf(peerRole).node, serials: [] },
      handshake: DIALLED_BY_GATEWAY,
    },
    clock,
    limits: DEFAULT_CHANNEL_LIMITS,
    flush: 'every-turn',
    ...change,
  };
}

/** A finished handshake over loopback: the gateway dialled. */
export async function tlsPair(): Promise<{ proxy: TLSSocket; gateway: TLSSocket }> {
  const server = createServer(channelServerOptions(proxyCredentials));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'secureConnection');
  const gateway = connect({ ...channelClientOptions(gatewayCredentials), host: '127.0.0.1', port });
  const [[proxy]] = (await Promise.all([accepted, once(gateway, 'secureConnect')])) as unknown as [
    [TLSSocket],
    unknown,
  ];
  server.close();
  return { proxy, gateway };
}

/** One frame as bytes, for a peer that plays its own game. */
export function frameBytes(
  type: number,
  flow = 0,
  exchange = 0,
  payload: string | Buffer = '',
  flags = 0,
): Buffer {
  const body = Buffer.from(payload as string);
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES + body.length);
  body.copy(bytes, encodeFrameHeader(bytes, 0, body.length, type, flags, flow, exchange));
  return bytes;
}

/** A sink that writes down what it hears; the payload of a frame as text. */
export class RecordingSink implements ChannelSink {
  readonly connection: ChannelConnection;
  readonly events: string[] = [];
  readonly frames: { type: number; flow: number; exchange: number; payload: string }[] = [];
  /** Called on each frame before it is written down. */
  onFrame: ((type: number, flow: number, bytes: number) => void) | undefined;
  #check: (() => void) | undefined;

  constructor(connection: ChannelConnection) {
    this.connection = connection;
  }

  ready(peer: Hello): void {
    this.#heard(`ready ${peer.node}`);
  }

  frame(
    type: number,
    _flags: number,
    flow: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    this.onFrame?.(type, flow, end - start);
    this.frames.push({ type, flow, exchange, payload: bytes.toString('latin1', start, end) });
    this.#check?.();
  }

  flowWritable(flow: number): void {
    this.#heard(`writable ${flow}`);
  }

  draining(): void {
    this.#heard('draining');
  }

  clockTurned(verdict: ClockVerdict, { aheadMs }: ClockOffset): void {
    this.#heard(`clock ${verdict} ${aheadMs}`);
  }

  closed(reason: string): void {
    this.#heard(`closed ${reason}`);
  }

  /** Resolves as soon as the condition holds; the test's own time limit ends a wait in vain. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#check = () => {
        if (!condition()) return;
        this.#check = undefined;
        resolve();
      };
      this.#check();
    });
  }

  /** Resolves once this event has been heard. */
  heard(event: string): Promise<void> {
    return this.until(() => this.events.includes(event));
  }

  #heard(event: string): void {
    this.events.push(event);
    this.#check?.();
  }
}
