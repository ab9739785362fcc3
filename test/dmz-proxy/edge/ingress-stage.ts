import assert from 'node:assert/strict';
import { edgeConfig } from '@sallyport/dmz-proxy/bundle/edge-config.ts';
import { Ingress, type IngressOptions } from '@sallyport/dmz-proxy/edge/ingress.ts';
import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import { Gateways } from '@sallyport/dmz-proxy/flows/gateways.ts';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { proxySite } from '../../integration/support/proxy-site.ts';
import { auditUnderTest } from '../audit/audit-fixture.ts';
import { LIMITS, recordedLink } from '../edge-fixture.ts';

const site = await proxySite();
const built = edgeConfig(site.snapshot, undefined, 0);
assert.ok(built.ok);
export const config = built.value;
site.remove();

/** The way in with gateways that remember what they are sent. */
export class IngressStage {
  readonly gateways = new Gateways();
  readonly counters = new Counters();
  readonly ingress: Ingress;
  /** What waits for the next turn of the loop. */
  readonly nextTurn: (() => void)[] = [];
  readonly #index = new MessageIndex(LIMITS);

  constructor(options: Partial<IngressOptions> & Pick<IngressOptions, 'nowMs'>) {
    this.ingress = new Ingress({
      gateways: this.gateways,
      counters: this.counters,
      config: () => config,
      audit: auditUnderTest(),
      nextTurn: (then) => this.nextTurn.push(then),
      tagPrefix: 'tag',
      hashSeed: [1, 2],
      aliased: () => undefined,
      refused: () => undefined,
      wouldRefuse: () => undefined,
      ...options,
    });
    this.ingress.useLimits(config.limits);
  }

  connect(node: string): ReturnType<typeof recordedLink> {
    const connected = recordedLink(node);
    this.gateways.add(connected.link);
    return connected;
  }

  receive(flow: Flow, text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.#index.scan(bytes, 0, bytes.length);
    this.ingress.message(flow, this.#index);
  }
}
