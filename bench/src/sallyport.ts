import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { LOAD_CORE, PinnedProcess, SYSTEM_CORE } from './pinned-process.ts';
import { type BenchSite, makeBenchSite } from './sallyport-site.ts';
import { startSipSink } from './sip-sink.ts';
import type { RunningSystem, System } from './system.ts';
import { at, nodeProgram, type Workplace } from './workplace.ts';

const PROXY_CONNECTIONS_MAX = 10_000;

let site: BenchSite | undefined;

/** dmz-proxy alone, one worker, permission model on; its gateway is a stub that only answers. */
export const dmzProxy: System = proxyBeforeStub('proxy', []);

/** The same with everything on record, which the stub acknowledges. */
export const auditedProxy: System = proxyBeforeStub('proxy-audit', ['audit']);

function proxyBeforeStub(name: string, words: readonly string[]): System {
  return {
    name,
    connectionsMax: PROXY_CONNECTIONS_MAX,
    prepare: siteOf,
    start: (place) => startBeforeStub(place, siteOf(place), words),
  };
}

/** The proxy of these bundles and the stub of its gateway; with `audit` among the words everything goes on record. */
export function startBeforeStub(
  place: Workplace,
  bundles: BenchSite,
  words: readonly string[],
): RunningSystem {
  const { gatewayBundle, ports } = bundles;
  const program = nodeProgram(place, 'bench/channel-sink.ts');
  const sink = new PinnedProcess(
    LOAD_CORE,
    [...program, gatewayBundle, at(place, 'pki'), String(ports.channel), ...words],
    at(place, 'out', `channel-sink-${ports.channel}.log`),
  );
  const proxy = startProxy(place, bundles);
  return {
    roots: [proxy.pid],
    port: ports.edge,
    stop: async () => {
      await proxy.stop();
      await sink.stop();
    },
  };
}

/** dmz-proxy and app-gateway on one core, with the same sink behind them as the other systems have. */
export const pair: System = {
  name: 'pair',
  connectionsMax: PROXY_CONNECTIONS_MAX,
  prepare: siteOf,
  start: (place) => startPair(place, siteOf(place)),
};

/** The pair from these bundles, and the sink behind it. */
export function startPair(place: Workplace, bundles: BenchSite): RunningSystem {
  const sink = startSipSink(place);
  const proxy = startProxy(place, bundles);
  const gateway = new PinnedProcess(
    SYSTEM_CORE,
    [...nodeProgram(place, 'app-gateway/src/main.ts'), bundles.gatewayBundle],
    at(place, 'out', 'app-gateway.log'),
  );
  return {
    roots: [proxy.pid, gateway.pid],
    port: bundles.ports.edge,
    stop: async () => {
      await proxy.stop();
      await gateway.stop();
      await sink.stop();
    },
  };
}

function startProxy(place: Workplace, bundles: BenchSite): PinnedProcess {
  // A proxy takes no snapshot older than one that it has seen, and the stub's is older than a gateway's.
  rmSync(join(bundles.proxyBundle, 'spool/snapshot-version'), { force: true });
  return new PinnedProcess(
    SYSTEM_CORE,
    [join(place.repository, 'dmz-proxy/bin/sallyport-dmz-proxy'), bundles.proxyBundle],
    at(place, 'out', `dmz-proxy-${bundles.ports.edge}.log`),
  );
}

function siteOf(place: Workplace): BenchSite {
  site ??= makeBenchSite(place);
  return site;
}
