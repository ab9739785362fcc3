import { hash } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { FIELD } from '@sallyport/shared/audit/record-fields.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import type { RecordWriter } from '@sallyport/shared/audit/record-writer.ts';
import { tlsTerms } from '@sallyport/shared/io/tls-terms.ts';
import { normalizeAddress } from '@sallyport/shared/net/address.ts';
import type { Endpoint } from '../connections/doorstep.ts';
import { servedName } from '../connections/listener.ts';
import type { Flow } from '../flows/flow.ts';
import type { GatewayLink } from '../flows/gateway-link.ts';
import type { CertifiedIdentity } from '../identity/identity.ts';
import { RecordedShare } from './recorded-share.ts';
import type { SealedStream } from './sealed-stream.ts';

/** A connection that came to nothing. */
export interface RefusedConnection {
  readonly direction: 'inbound' | 'outbound';
  readonly code: string;
  /** The other side, as a balancer told it; absent where it is not known. */
  readonly peer: Partial<Endpoint>;
  /** Who passed the connection on. */
  readonly balancer?: Endpoint | undefined;
  /** `address:port` of ours that it came to. */
  readonly listener?: string | undefined;
  readonly partner?: string | undefined;
  /** After a handshake, or without one over plain TCP. */
  readonly socket?: Socket | undefined;
}

/** Of each partner, and of all together who have not proven to be one. */
const REFUSED = { max: 200, windowMs: 1000, code: 'connections-refused' } as const;
const NAMES_MAX = 64;
const U32_MAX = 0xff_ff_ff_ff;

/** Puts on record who connected, as what, and how it ended. */
export class ConnectionRecords {
  readonly #stream: SealedStream;
  readonly #wallMs: () => number;
  readonly #refused: RecordedShare;

  constructor(stream: SealedStream, wallMs: () => number) {
    this.#stream = stream;
    this.#wallMs = wallMs;
    this.#refused = new RecordedShare(stream, wallMs, REFUSED);
  }

  /** A partner was let in, or one of its servers proved to be it. */
  opened(flow: Flow, socket: Socket): void {
    const writer = this.#stream.begin(AUDIT_TYPE['connection-opened']);
    if (writer === undefined) return;
    const { facts, identity } = flow;
    const isInbound = facts.direction === 'inbound';
    writer.u32(FIELD.connection, facts.id);
    const own = { address: facts.localAddress, port: facts.localPort };
    const peer = { address: facts.remoteAddress, port: facts.remotePort };
    putEnds(writer, isInbound ? peer : own, isInbound ? own : peer, facts.balancer);
    writer.string(FIELD.direction, facts.direction);
    if (socket instanceof TLSSocket && identity.path !== undefined) {
      putHandshake(writer, flow, identity, socket);
    } else {
      writer.string(FIELD.transport, 'TCP');
      writer.string(FIELD.partner, identity.partner.id);
    }
    putListener(writer, facts.listener);
    this.#stream.end();
  }

  closed({ facts, identity, totals, isPlain }: Flow, code: string): void {
    const writer = this.#stream.begin(AUDIT_TYPE['connection-closed']);
    if (writer === undefined) return;
    const isInbound = facts.direction === 'inbound';
    writer.u32(FIELD.connection, facts.id);
    const own = { address: facts.localAddress, port: facts.localPort };
    const peer = { address: facts.remoteAddress, port: facts.remotePort };
    putEnds(writer, isInbound ? peer : own, isInbound ? own : peer, facts.balancer);
    writer.string(FIELD.direction, facts.direction);
    writer.string(FIELD.transport, isPlain ? 'TCP' : 'TLS');
    writer.string(FIELD.partner, identity.partner.id);
    putListener(writer, facts.listener);
    writer.u64(FIELD.durationMs, Math.max(0, this.#wallMs() - facts.openedAtMs));
    writer.u64(FIELD.bytesReceived, totals.bytesReceived);
    writer.u64(FIELD.bytesSent, totals.bytesSent);
    writer.u32(FIELD.messagesReceived, Math.min(totals.messagesReceived, U32_MAX));
    writer.u32(FIELD.messagesSent, Math.min(totals.messagesSent, U32_MAX));
    writer.string(FIELD.code, code);
    this.#stream.end();
  }

  /** Beyond so many a second they are counted, and the count is on record. */
  refused({ direction, code, peer, balancer, listener, partner, socket }: RefusedConnection): void {
    if (!this.#refused.takes(code, partner === undefined ? '' : `of ${partner}`)) return;
    const writer = this.#stream.begin(AUDIT_TYPE['connection-refused']);
    if (writer === undefined) return;
    const isInbound = direction === 'inbound';
    const own = { address: socket?.localAddress, port: socket?.localPort };
    putEnds(writer, isInbound ? peer : own, isInbound ? own : peer, balancer);
    writer.string(FIELD.direction, direction);
    if (socket !== undefined && !(socket instanceof TLSSocket)) {
      writer.string(FIELD.transport, 'TCP');
    } else if (socket !== undefined) {
      writer.string(FIELD.transport, 'TLS');
      putTls(writer, socket);
      putCertificate(writer, socket);
      const name = servedName(socket);
      if (isInbound && name !== undefined) writer.string(FIELD.serverName, name);
    }
    if (partner !== undefined) writer.string(FIELD.partner, partner);
    putListener(writer, listener);
    writer.string(FIELD.code, code);
    this.#stream.end();
  }

  channelOpened(link: GatewayLink): void {
    const writer = this.#stream.begin(AUDIT_TYPE['channel-opened']);
    if (writer === undefined) return;
    const { handshake } = link.connection.certified;
    const { direction, own, peer, tlsVersion, cipher, group, certificate, publicKey } = handshake;
    const isInbound = direction === 'inbound';
    putEnds(writer, isInbound ? peer : own, isInbound ? own : peer, undefined);
    writer.string(FIELD.direction, direction);
    writer.string(FIELD.tlsVersion, tlsVersion);
    writer.string(FIELD.cipher, cipher);
    if (group !== undefined) writer.string(FIELD.group, group);
    putBytes(writer, FIELD.certificate, certificate);
    putBytes(writer, FIELD.publicKey, publicKey);
    writer.string(FIELD.peerNode, link.node);
    this.#stream.end();
  }

  channelClosed(link: GatewayLink, code: string): void {
    const writer = this.#stream.begin(AUDIT_TYPE['channel-closed']);
    if (writer === undefined) return;
    const { atMs } = link.connection.certified.handshake;
    writer.u64(FIELD.durationMs, Math.max(0, this.#wallMs() - atMs));
    writer.string(FIELD.code, code);
    writer.string(FIELD.peerNode, link.node);
    this.#stream.end();
  }
}

function putHandshake(
  writer: RecordWriter,
  { facts }: Flow,
  { partner, hosts, trustSet, path }: CertifiedIdentity,
  socket: TLSSocket,
): void {
  writer.string(FIELD.transport, 'TLS');
  putTls(writer, socket);
  putBytes(writer, FIELD.certificate, Buffer.from(path.leaf.fingerprintSha256, 'hex'));
  putBytes(writer, FIELD.publicKey, Buffer.from(path.leaf.spkiSha256, 'base64'));
  putBytes(writer, FIELD.ownPublicKey, Buffer.from(facts.ownKey ?? '', 'base64'));
  writer.list(FIELD.names, [...hosts].slice(0, NAMES_MAX));
  const name = facts.direction === 'inbound' ? servedName(socket) : facts.nextHop;
  if (name !== undefined) writer.string(FIELD.serverName, name);
  writer.string(FIELD.partner, partner.id);
  writer.string(FIELD.trustSet, trustSet);
}

function putEnds(
  writer: RecordWriter,
  source: { readonly address?: string | undefined; readonly port?: number | undefined },
  destination: { readonly address?: string | undefined; readonly port?: number | undefined },
  balancer: Endpoint | undefined,
): void {
  putAddress(writer, FIELD.source, source.address);
  if (source.port !== undefined) writer.u32(FIELD.sourcePort, source.port);
  putAddress(writer, FIELD.destination, destination.address);
  if (destination.port !== undefined) writer.u32(FIELD.destinationPort, destination.port);
  if (balancer === undefined) return;
  putAddress(writer, FIELD.balancer, balancer.address);
  writer.u32(FIELD.balancerPort, balancer.port);
}

function putListener(writer: RecordWriter, listener: string | undefined): void {
  if (listener !== undefined) writer.string(FIELD.listener, listener);
}

/** The one spelling of an address, or nothing. */
function putAddress(writer: RecordWriter, field: number, text: string | undefined): void {
  const address = addressOf(text);
  if (address !== '') writer.address(field, address);
}

/** The one spelling of an address, without a zone; empty where there is none. */
export function addressOf(text: string | undefined): string {
  return normalizeAddress((text ?? '').replace(/%.*$/s, '')) ?? '';
}

function putTls(writer: RecordWriter, socket: TLSSocket): void {
  const { version, cipher, group } = tlsTerms(socket);
  writer.string(FIELD.tlsVersion, version);
  writer.string(FIELD.cipher, cipher);
  if (group !== undefined) writer.string(FIELD.group, group);
}

/** Of somebody who has proven nothing: hashes say which certificate it was, its text stays out. */
function putCertificate(writer: RecordWriter, socket: TLSSocket): void {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return;
  putBytes(writer, FIELD.certificate, hash('sha256', certificate.raw, 'buffer'));
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  putBytes(writer, FIELD.publicKey, hash('sha256', key, 'buffer'));
}

function putBytes(writer: RecordWriter, field: number, bytes: Buffer): void {
  writer.text(field, bytes, 0, bytes.length);
}
