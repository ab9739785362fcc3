import type { Socket } from 'node:net';
import { ANNOUNCED_BYTES_MAX, type Sighting } from '@sallyport/shared/channel/flow.ts';
import { FrameType, payloadBytesMax } from '@sallyport/shared/channel/frame.ts';
import { DEFAULT_CHANNEL_LIMITS } from '@sallyport/shared/io/channel-connection.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { EdgeConfig } from '../bundle/edge-config.ts';
import type { Identity } from '../identity/identity.ts';
import { Flow, type FlowEvents, type FlowFacts, type FlowLimits } from './flow.ts';
import type { GatewayLink } from './gateway-link.ts';
import type { Gateways } from './gateways.ts';

const PONG_TIMEOUT_MS = 10_000;
/** Beyond this the next announcement might be one that gateways do not take. */
const ROOM_BYTES = ANNOUNCED_BYTES_MAX - payloadBytesMax(FrameType.flowOpened);
const EVERY_SIGHTING: readonly Sighting[] = ['accepted', 'presented'];
/** By so much an announcement of now may be surpassed by a later one that says more of these. */
const SIGHTINGS_BYTES = JSON.stringify(EVERY_SIGHTING).length;

/** Why a proven connection is not taken in: its partner has as many as it may, or the channel as many as it carries. */
export type FlowRefusal = 'partner-connections-max' | 'channel-full';

/** What all flows of one configuration use; one index is enough, since messages are handled one by one. */
interface Shared {
  readonly config: EdgeConfig;
  readonly index: MessageIndex;
  readonly limits: FlowLimits;
}

/** Every authenticated connection of this worker, and what the gateways know of them. */
export class FlowTable {
  readonly #gateways: Gateways;
  readonly #flows = new Map<number, Flow>();
  /** What gateways are told of all flows, at most. */
  #announcedBytes = 0;
  #nextId = 1;
  #shared: Shared | undefined;

  constructor(gateways: Gateways) {
    this.#gateways = gateways;
  }

  get size(): number {
    return this.#flows.size;
  }

  find(id: number): Flow | undefined {
    return this.#flows.get(id);
  }

  values(): Iterable<Flow> {
    return this.#flows.values();
  }

  /** Final responses that partners owe us: one that was asked in vain is counted for as long as its connection lasts. */
  get answersAwaited(): number {
    let sum = 0;
    for (const flow of this.#flows.values()) sum += flow.requestsAwaited;
    return sum;
  }

  /**
   * Takes in a connection whose peer has been identified and tells the gateways, before a byte is read; `opened` is
   * told in between.
   */
  open(
    socket: Socket,
    identity: Identity,
    facts: Omit<FlowFacts, 'id'>,
    config: EdgeConfig,
    events: FlowEvents,
    nowMs: number,
    opened?: (flow: Flow) => void,
  ): Result<Flow, FlowRefusal> {
    const { partner } = identity;
    if (partner.load.connectionsOfHost >= partner.settings.connectionsMax) {
      return err('partner-connections-max');
    }
    if (this.#flows.size >= DEFAULT_CHANNEL_LIMITS.flowsMax || this.#announcedBytes > ROOM_BYTES) {
      return err('channel-full');
    }
    partner.load.connections++;
    const { index, limits } = this.#sharedUnder(config);
    const id = this.#takeId();
    const flow = new Flow(socket, { id, ...facts }, identity, index, limits, events, nowMs);
    this.#flows.set(id, flow);
    let text: string | undefined;
    for (const link of this.#gateways.all) text = this.#announce(link, flow);
    this.#measure(flow, text ?? announcementOf(flow, []));
    opened?.(flow);
    flow.start();
    return ok(flow);
  }

  /** Forgets a flow that has closed and tells the gateways. */
  closed(flow: Flow, reason: string): void {
    if (!this.#flows.delete(flow.facts.id)) return;
    this.#announcedBytes -= flow.announcedBytes;
    flow.identity.partner.load.connections--;
    for (const link of this.#gateways.all) {
      link.unblock(flow.facts.id);
      link.connection.sendJson(FrameType.flowClosed, flow.facts.id, 0, { reason });
    }
  }

  /** Tells a gateway that has just come of all there are. */
  announceTo(link: GatewayLink): void {
    for (const flow of this.#flows.values()) this.#announce(link, flow);
  }

  /** The partner has taken the key that we showed: one gateway puts it on record. */
  heard(flow: Flow): void {
    const [link] = this.#gateways.all;
    // Whoever comes first is told of both.
    if (link === undefined || !flow.isOnRecord) return;
    send(link, flow, announcementOf(flow, ['presented']));
  }

  /** Tells all gateways what has changed about a flow that they know; closes it where they have no room for that. */
  changed(flow: Flow): void {
    const text = announcementOf(flow, []);
    this.#measure(flow, text);
    if (this.#announcedBytes > ANNOUNCED_BYTES_MAX) return flow.close('channel-full');
    for (const link of this.#gateways.all) send(link, flow, text);
  }

  #measure(flow: Flow, text: string): void {
    this.#announcedBytes -= flow.announcedBytes;
    flow.announcedBytes = Buffer.byteLength(text) + SIGHTINGS_BYTES;
    this.#announcedBytes += flow.announcedBytes;
  }

  #announce(link: GatewayLink, flow: Flow): string {
    const isFirst = !flow.isOnRecord;
    flow.isOnRecord = true;
    const heard = flow.isHeard ? EVERY_SIGHTING : (['accepted'] as const);
    const text = announcementOf(flow, isFirst ? heard : []);
    send(link, flow, text);
    return text;
  }

  #sharedUnder(config: EdgeConfig): Shared {
    if (this.#shared?.config !== config) {
      this.#shared = {
        config,
        index: new MessageIndex(config.limits),
        limits: {
          queueBytesMax: config.limits.flowQueueBytesMax,
          firstMessageTimeoutMs: config.limits.firstMessageTimeoutMs,
          pongTimeoutMs: PONG_TIMEOUT_MS,
        },
      };
    }
    return this.#shared;
  }

  /** Rises, so that no channel sees a number twice; after 2^32 it starts over and skips those in use. */
  #takeId(): number {
    while (this.#flows.has(this.#nextId)) this.#nextId = nextOf(this.#nextId);
    const id = this.#nextId;
    this.#nextId = nextOf(id);
    return id;
  }
}

function announcementOf(flow: Flow, sightings: readonly Sighting[]): string {
  return JSON.stringify(flow.announcement(sightings));
}

function send({ connection }: GatewayLink, flow: Flow, text: string): void {
  connection.sendJson(FrameType.flowOpened, flow.facts.id, 0, text);
}

function nextOf(id: number): number {
  return id === 0xff_ff_ff_ff ? 1 : id + 1;
}
