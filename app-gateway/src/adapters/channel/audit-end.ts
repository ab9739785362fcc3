import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { AuditPeer } from '../../ledger/intake.ts';
import type { WitnessPeer } from '../../ledger/witness-round.ts';
import type { ProxyChannel } from './proxy-channel.ts';

/** Adapter. The channel to a proxy worker, as far as audit goes. */
export class AuditEnd implements AuditPeer, WitnessPeer {
  readonly node: string;
  readonly worker: number;
  readonly #channel: ProxyChannel;

  constructor(channel: ProxyChannel) {
    this.node = channel.node;
    this.worker = channel.worker;
    this.#channel = channel;
  }

  acknowledge(payload: Buffer): void {
    this.#send(FrameType.auditAck, payload);
  }

  ask(request: Buffer): void {
    this.#send(FrameType.auditCheckpoint, request);
  }

  pause(): void {
    this.#channel.connection.reading.hold('owner');
  }

  resume(): void {
    this.#channel.connection.reading.release('owner');
  }

  close(reason: string): void {
    this.#channel.connection.close(reason);
  }

  #send(type: number, payload: Buffer): void {
    this.#channel.connection.send(type, 0, 0, 0, payload, 0, payload.length);
  }
}
