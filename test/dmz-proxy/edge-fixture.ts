import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import type { Flow, FlowEvents, FlowFacts, FlowLimits } from '@sallyport/dmz-proxy/flows/flow.ts';
import { Flow as RealFlow } from '@sallyport/dmz-proxy/flows/flow.ts';
import { type GatewayEvents, GatewayLink } from '@sallyport/dmz-proxy/flows/gateway-link.ts';
import {
  type CertifiedIdentity,
  type Identity,
  identifyClient,
} from '@sallyport/dmz-proxy/identity/identity.ts';
import { NO_PARTNERS, partnerTable } from '@sallyport/dmz-proxy/identity/partner.ts';
import type { PeerChain } from '@sallyport/dmz-proxy/identity/peer-chain.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { PartnerSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { around, partnerSnapshot } from '../integration/support/proxy-site.ts';
import { DIALLED_BY_GATEWAY } from '../shared/io/handshake-fixture.ts';
import { type TlsPair, tlsPair } from './tls-pair.ts';

/** A frame that a worker put on a channel. */
export interface SentFrame {
  readonly type: number;
  readonly flow: number;
  readonly exchange: number;
  readonly text: string;
}

/** Stands where the channel to a gateway would: keeps what is sent, and has credit or not. */
export class RecordedChannel {
  readonly frames: SentFrame[] = [];
  readonly returned: number[] = [];
  hasCredit = true;
  isAvailable = true;
  isQuiet = false;
  readonly certified = {
    ...({ site: 'acme', role: 'gateway', node: 'gateway-1', serials: [] } as const),
    handshake: DIALLED_BY_GATEWAY,
  };
  closedFor: string | undefined;
  boards: (() => void) | undefined;
  readonly pendingBytes = 0;

  expectDeparture(): void {
    this.boards?.();
  }

  depart(): void {
    this.boards?.();
  }

  sendParts(
    type: number,
    exchange: number,
    head: Buffer,
    bytes: Buffer = head,
    start = 0,
    end = 0,
  ): boolean {
    const payload = Buffer.concat([head, bytes.subarray(start, end)]);
    this.frames.push({ type, flow: 0, exchange, text: payload.toString('latin1') });
    return true;
  }

  send(
    type: number,
    _flags: number,
    flow: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean {
    this.frames.push({ type, flow, exchange, text: bytes.toString('latin1', start, end) });
    return this.hasCredit;
  }

  sendJson(type: number, flow: number, exchange: number, value: object | string): boolean {
    this.frames.push({
      type,
      flow,
      exchange,
      text: typeof value === 'string' ? value : JSON.stringify(value),
    });
    return true;
  }

  consumed(_flow: number, bytes: number): void {
    this.returned.push(bytes);
  }

  drain(): void {
    this.isAvailable = false;
  }

  close(reason: string): void {
    this.closedFor = reason;
  }

  ofType(type: number): readonly SentFrame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  get sip(): readonly SentFrame[] {
    return this.ofType(FrameType.sip);
  }
}

const IGNORED: GatewayEvents = {
  ready: () => undefined,
  frame: () => undefined,
  flowWritable: () => undefined,
  draining: () => undefined,
  clockTurned: () => undefined,
  closed: () => undefined,
};

/** A gateway's link over a recorded channel, after its hello. */
export function recordedLink(
  node: string,
  events: GatewayEvents = IGNORED,
): { readonly link: GatewayLink; readonly channel: RecordedChannel } {
  const channel = new RecordedChannel();
  const link = new GatewayLink(channel as unknown as ChannelConnection, 'acme', events);
  link.ready({
    protocolVersions: [1],
    role: 'gateway',
    site: 'acme',
    node,
    worker: 0,
    workers: 1,
    creditBytes: 1,
    flowCreditBytes: 1,
  });
  return { link, channel };
}

const root = await createAuthority({ commonName: 'globex', ...around() });
export const globexLeaf = await issueDomainCertificate(root, {
  domains: ['globex.example'],
  ...around(),
});

/** What a peer with this chain shows. */
export function shownBy(chainPem: string): PeerChain {
  const chain = decodePem(chainPem, 'CERTIFICATE');
  return { leaf: chain[0], chain: () => chain };
}

/** The identity of the partner `globex`, freshly proven. */
export function globexIdentity(changes: Partial<PartnerSnapshot> = {}): CertifiedIdentity {
  const table = partnerTable(
    [{ ...partnerSnapshot(root.certificatePem), ...changes }],
    NO_PARTNERS,
    0,
  );
  if (!table.ok) throw new Error(table.error.join());
  const identity = identifyClient(
    { table: table.value, cache: new PathCache(1) },
    {
      ...shownBy(globexLeaf.certificatePem),
      sourceAddress: '192.0.2.1',
      resumed: false,
      atMs: Date.now(),
    },
  );
  if (!identity.ok) throw new Error(identity.error);
  return identity.value;
}

/** A hash of a public key, in form only. */
export const OWN_KEY: string = `${'A'.repeat(43)}=`;

export const LIMITS = {
  headBytesMax: 8192,
  bodyBytesMax: 65_536,
  requestUriBytesMax: 512,
  lineBytesMax: 2048,
  headersMax: 64,
};

/** A flow over a real connection; `pair.dialled` is the partner's end. */
export async function flowPair(
  events: FlowEvents,
  changes: {
    readonly facts?: Partial<FlowFacts>;
    readonly limits?: Partial<FlowLimits>;
    readonly identity?: Identity;
  } = {},
): Promise<{ readonly flow: Flow; readonly pair: TlsPair }> {
  const pair = await tlsPair(globexLeaf, globexLeaf);
  const flow = new RealFlow(
    pair.accepted,
    {
      id: 1,
      direction: 'inbound',
      remoteAddress: '192.0.2.1',
      remotePort: 4000,
      localAddress: '127.0.0.1',
      localPort: 5061,
      ownIdentity: 'acme',
      ownKey: OWN_KEY,
      openedAtMs: 0,
      nextHop: undefined,
      ...changes.facts,
    },
    changes.identity ?? globexIdentity(),
    new MessageIndex(LIMITS),
    {
      queueBytesMax: 1_000_000,
      firstMessageTimeoutMs: 1000,
      pongTimeoutMs: 10_000,
      ...changes.limits,
    },
    events,
    0,
  );
  flow.start();
  return { flow, pair };
}
