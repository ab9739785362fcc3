import assert from 'node:assert/strict';
import type { ProxyChannel } from '@sallyport/app-gateway/adapters/channel/proxy-channel.ts';
import { OutgoingText } from '@sallyport/app-gateway/domain/core/local-reply.ts';
import type { SecuredFlow } from '@sallyport/shared/channel/flow.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { Hello } from '@sallyport/shared/channel/hello.ts';
import { fromPartner } from '../../domain/core/core-stage.ts';

/** A frame as it was written. */
export interface Written {
  readonly type: number;
  readonly flags: number;
  readonly flow: number;
  readonly exchange: number;
  readonly bytes: Buffer;
}

/** A channel connection without a socket: what it writes, and what it was told. */
export class FakeConnection {
  readonly certified = { site: 'acme', role: 'proxy', node: 'edge-1', serials: [] } as const;
  readonly written: Written[] = [];
  readonly consumedBytes: number[] = [];
  closedBy: string | undefined;
  peer: Hello | undefined;
  isAvailable = true;
  isQuiet = false;
  /** Without credit every frame goes through the queue. */
  hasCredit = true;
  readonly #buffer = Buffer.alloc(65_536);
  #reserved: Omit<Written, 'bytes'> | undefined;

  reserve(type: number, flags: number, flow: number, exchange: number) {
    if (!this.hasCredit) return undefined;
    this.#reserved = { type, flags, flow, exchange };
    return { buffer: this.#buffer, at: 100 };
  }

  commit(length: number): boolean {
    assert.ok(this.#reserved);
    const bytes = Buffer.from(this.#buffer.subarray(100, 100 + length));
    this.written.push({ ...this.#reserved, bytes });
    return true;
  }

  send(
    type: number,
    flags: number,
    flow: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean {
    this.written.push({
      type,
      flags,
      flow,
      exchange,
      bytes: Buffer.from(bytes.subarray(start, end)),
    });
    return false;
  }

  sendParts(type: number, exchange: number, head: Buffer): boolean {
    this.written.push({ type, flags: 0, flow: 0, exchange, bytes: head });
    return true;
  }

  consumed(_flow: number, bytes: number): void {
    this.consumedBytes.push(bytes);
  }

  close(reason: string): void {
    this.closedBy = reason;
  }
}

/** What a proxy worker says of itself. */
export const HELLO = {
  protocolVersions: [1],
  role: 'proxy',
  site: 'acme',
  node: 'edge-1',
  worker: 0,
  workers: 1,
  creditBytes: 1,
  flowCreditBytes: 1,
} as const;
export const MESSAGE = new OutgoingText(fromPartner('MESSAGE'));

/** A frame arrives, in the middle of a larger buffer. */
export function frame(
  channel: ProxyChannel,
  type: number,
  flow: number,
  exchange: number,
  payload: string | object,
): void {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const bytes = Buffer.from(`before${text}behind`, 'latin1');
  channel.frame(type, 0, flow, exchange, bytes, 6, bytes.length - 6);
}

/** A flow of globex as its proxy announces it. */
export const OPENED: SecuredFlow = {
  partner: 'globex',
  identities: ['globex.example'],
  ownIdentity: 'main',
  ownKey: `${'A'.repeat(43)}=`,
  trustSet: 't1',
  certificate: { spki: `${'B'.repeat(43)}=`, fingerprint: '0f'.repeat(32), notAfterMs: 2 },
  sightings: [],
  direction: 'inbound',
  remoteAddress: '192.0.2.1',
  remotePort: 5061,
  localPort: 5061,
  openedAtMs: 1,
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
};

/** A flow of globex at 192.0.2.<flow>. */
export function openFlow(channel: ProxyChannel, flow: number, change: object = {}): void {
  const remoteAddress = `192.0.2.${flow}`;
  frame(channel, FrameType.flowOpened, flow, 0, { ...OPENED, remoteAddress, ...change });
}
