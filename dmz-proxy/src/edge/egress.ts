import { decodeSipTo } from '@sallyport/shared/channel/delivery.ts';
import { decodeFlowReason } from '@sallyport/shared/channel/flow.ts';
import { FLAG_FINAL, FrameType } from '@sallyport/shared/channel/frame.ts';
import type { Clock } from '@sallyport/shared/io/clock.ts';
import type { Audit } from '../audit/audit.ts';
import type { SnapshotKeeper } from '../bundle/snapshot-keeper.ts';
import type { FlowTable } from '../flows/flow-table.ts';
import type { GatewayLink } from '../flows/gateway-link.ts';
import type { Counters } from '../health/counters.ts';
import type { Outbound } from '../outbound/outbound.ts';
import type { Probes } from '../probe/probes.ts';
import type { Ingress } from './ingress.ts';
import { SnapshotOffers } from './snapshot-offers.ts';

export interface EgressOptions {
  readonly flows: FlowTable;
  readonly ingress: Ingress;
  readonly outbound: Outbound;
  readonly counters: Counters;
  readonly snapshots: SnapshotKeeper;
  /** A gateway's answer to a request for a certificate. */
  readonly certificateIssued: (exchange: number, bytes: Buffer, start: number, end: number) => void;
  readonly probes: Probes;
  readonly audit: Audit;
  readonly clock: Pick<Clock, 'after'>;
}

/** The way out: what a gateway's channel brings, to the partner's connection or a new one. */
export class Egress {
  readonly #options: EgressOptions;
  readonly #snapshots: SnapshotOffers;

  constructor(options: EgressOptions) {
    this.#options = options;
    this.#snapshots = new SnapshotOffers(options.snapshots, options.clock);
  }

  frame(
    link: GatewayLink,
    type: number,
    flags: number,
    flow: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    switch (type) {
      case FrameType.sip:
        this.#sip(link, flags, flow, exchange, bytes, start, end);
        return;
      case FrameType.sipTo:
        this.#sipTo(link, exchange, bytes, start, end);
        return;
      case FrameType.abandoned:
        this.#options.ingress.abandoned(link, exchange);
        return;
      case FrameType.closeFlow:
        this.#closeFlow(flow, bytes, start, end);
        return;
      case FrameType.snapshot:
        this.#snapshots.offered(link, bytes.subarray(start, end));
        return;
      case FrameType.certificateIssued:
        this.#options.certificateIssued(exchange, bytes, start, end);
        return;
      case FrameType.probe:
        this.#options.probes.ask(link.connection, exchange, bytes, start, end);
        return;
      case FrameType.auditAck:
        this.#options.audit.acknowledged(link, bytes, start, end);
        return;
      case FrameType.auditCheckpoint:
        this.#options.audit.checkpoint(link, exchange, bytes, start, end);
        return;
      default:
        // The frame reader has refused what a gateway may not send.
        return;
    }
  }

  #sip(
    link: GatewayLink,
    flags: number,
    flowId: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const { flows, ingress, counters } = this.#options;
    const flow = flows.find(flowId);
    const response = isResponse(bytes, start);
    if (response && exchange !== 0) {
      ingress.answered(link, exchange, (flags & FLAG_FINAL) !== 0, bytes, start, end);
    }
    // What is under way may come to its end on a flow that ends; a request that is new takes another.
    if (flow === undefined || (!flow.takesRequests && !response && exchange !== 0)) {
      counters.add('flow-gone');
      if (!response && exchange !== 0) {
        link.connection.sendJson(FrameType.sendFailed, 0, exchange, { reason: 'flow-gone' });
      }
      flow?.consume(link, end - start);
      return;
    }
    if (!response && exchange !== 0 && this.#options.audit.isClosed) {
      link.connection.sendJson(FrameType.sendFailed, 0, exchange, { reason: 'limit' });
      flow.consume(link, end - start);
      return;
    }
    counters.add(response ? 'responses-sent' : 'requests-sent');
    if (response) {
      if (exchange === 0) this.#options.audit.messages.answeredElsewhere(flow, bytes, start, end);
      flow.write(bytes, start, end);
    } else {
      this.#options.audit.messages.sent(flow, bytes, start, end);
      flow.writeRequest(bytes, start, end);
    }
    flow.consume(link, end - start);
  }

  #sipTo(link: GatewayLink, exchange: number, bytes: Buffer, start: number, end: number): void {
    const decoded = decodeSipTo(bytes, start, end);
    if (!decoded.ok) {
      // Our own gateway: nothing is guessed, and it hears at once.
      link.connection.close('payload-malformed');
      return;
    }
    const { target, sipStart } = decoded.value;
    this.#options.outbound.send(link, target, exchange, bytes, sipStart, end);
  }

  #closeFlow(flowId: number, bytes: Buffer, start: number, end: number): void {
    const reason = decodeFlowReason(bytes, start, end);
    this.#options.flows.find(flowId)?.close(reason.ok ? reason.value.reason : 'gateway');
  }
}

/** `SIP/` begins a status line and no method. */
function isResponse(bytes: Buffer, start: number): boolean {
  return (
    bytes[start] === 0x53 &&
    bytes[start + 1] === 0x49 &&
    bytes[start + 2] === 0x50 &&
    bytes[start + 3] === 0x2f
  );
}
