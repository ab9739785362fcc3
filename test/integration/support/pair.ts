import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { until } from '../../peers/support/wait.ts';
import { assertDiscreet } from './pair-discretion.ts';
import { Line } from './pair-line.ts';
import { PairProcess } from './pair-process.ts';
import { SipServer } from './pair-server.ts';
import { type PairSite, pairSite, type SiteWishes, writeSite } from './pair-site.ts';

/** Both programs, running, with a server on either side. */
export interface Pair {
  readonly site: PairSite;
  /** The one that runs, or ran last. */
  readonly proxy: PairProcess;
  readonly gateways: readonly PairProcess[];
  /** The company's own server. */
  readonly inner: SipServer;
  /** The partner's server, which the proxy dials. */
  readonly outer: SipServer;
  /** A connection of the partner globex. */
  partner(): Promise<Line>;
  /** Starts a gateway again, after it was ended. */
  restart(gateway: number): Promise<PairProcess>;
  /** Starts the proxy again, after it was ended. */
  restartProxy(): Promise<PairProcess>;
  /** Ends everything that runs still; no program may have written what is personal, such as these words. */
  stop(words?: readonly string[]): Promise<void>;
}

/** Facts that a health port gives; empty when it does not answer. */
export interface HealthFacts {
  readonly status?: string;
  readonly reason?: string;
  readonly audit?: string;
  readonly channels?: number;
  readonly flows?: number;
  readonly transactions?: number;
}

const READY_MS = 20_000;

/** Sets a site up, starts both programs and waits until messages can pass. What is left at the test's end is ended. */
export async function startPair(t: TestContext, wishes: SiteWishes = {}): Promise<Pair> {
  const site = await pairSite(wishes);
  const [inner, outer] = await Promise.all([
    SipServer.listen(site.community, site.communityAuthorityPem),
    SipServer.listen(site.globex.identity, site.ourAuthorityPem),
  ]);
  const ran: PairProcess[] = [];
  const start = (name: 'dmz-proxy' | 'app-gateway', node: string) => {
    const options = name === 'app-gateway' ? wishes.gatewayOptions : [];
    const program = new PairProcess(name, join(site.folder, 'hosts', node), options);
    ran.push(program);
    return program;
  };
  t.after(async () => {
    inner.close();
    outer.close();
    await Promise.all(ran.filter(({ isRunning }) => isRunning).map((program) => program.stop()));
    site.remove();
  });
  await writeSite(site, { community: inner.port, partner: outer.port }, wishes);
  wishes.prepare?.(site);
  let proxy = start('dmz-proxy', 'edge-1');
  const gateways = site.gateways.map(({ node }) => start('app-gateway', node));
  const isReady = async (at: number) => {
    const channels = wishes.workers ?? 1;
    const port = site.gateways[at]?.healthPort ?? 0;
    await gateways[at]?.line('community-host-connected');
    await untilHealth(port, (facts) => facts.channels === channels, READY_MS);
    await untilHealth(site.proxyHealthPort, ({ status }) => status === 'up', READY_MS);
  };
  await Promise.all(gateways.map((_, at) => isReady(at)));
  const areWorkersReady = async () => {
    for (let worker = 0; worker < (wishes.workers ?? 1); worker++) {
      await proxy.line('ready', (line) => line['worker'] === worker);
    }
  };
  await areWorkersReady();
  return {
    site,
    get proxy() {
      return proxy;
    },
    gateways,
    inner,
    outer,
    partner: () => Line.connect(site.publicPort, site.globex.identity),
    restart: async (at) => {
      const program = start('app-gateway', site.gateways[at]?.node ?? '');
      gateways[at] = program;
      await isReady(at);
      return program;
    },
    restartProxy: async () => {
      proxy = start('dmz-proxy', 'edge-1');
      await areWorkersReady();
      return proxy;
    },
    stop: async (words) => {
      await Promise.all(ran.filter(({ isRunning }) => isRunning).map((program) => program.stop()));
      inner.close();
      outer.close();
      site.remove();
      assertDiscreet(ran, words);
    },
  };
}

/** What a health port says right now. */
export async function health(port: number, path = '/health'): Promise<HealthFacts> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(1000),
    });
    return (await answer.json()) as HealthFacts;
  } catch {
    return {};
  }
}

/** Asks a health port until it says what is expected; throws with its last word when it does not. */
export async function untilHealth(
  port: number,
  isIt: (facts: HealthFacts) => boolean,
  timeoutMs = READY_MS,
): Promise<HealthFacts> {
  let last: HealthFacts = {};
  const found = until('health', timeoutMs, async () => {
    last = await health(port);
    return isIt(last) ? last : undefined;
  });
  return await found.catch(() => {
    throw new Error(`health says ${JSON.stringify(last)} after ${timeoutMs} ms`);
  });
}
