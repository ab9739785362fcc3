import { LOAD_CORE, PinnedProcess, SYSTEM_CORE } from './pinned-process.ts';
import { type BenchSite, makeBenchSite } from './sallyport-site.ts';
import { EDGE_PORT, startSipSink } from './sip-sink.ts';
import type { System } from './system.ts';
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
    start: (place) => {
      const bundles = siteOf(place);
      const program = nodeProgram(place, 'bench/channel-sink.ts');
      const sink = new PinnedProcess(
        LOAD_CORE,
        [...program, bundles.gatewayBundle, at(place, 'pki'), ...words],
        at(place, 'out', 'channel-sink.log'),
      );
      const proxy = startProxy(place, bundles);
      return {
        roots: [proxy.pid],
        port: EDGE_PORT,
        stop: async () => {
          await proxy.stop();
          await sink.stop();
        },
      };
    },
  };
}

/** dmz-proxy and app-gateway on one core, with the same sink behind them as the other systems have. */
export const pair: System = {
  name: 'pair',
  connectionsMax: PROXY_CONNECTIONS_MAX,
  prepare: siteOf,
  start: (place) => {
    const bundles = siteOf(place);
    const sink = startSipSink(place);
    const proxy = startProxy(place, bundles);
    const gateway = new PinnedProcess(
      SYSTEM_CORE,
      [...nodeProgram(place, 'app-gateway/src/main.ts'), bundles.gatewayBundle],
      at(place, 'out', 'app-gateway.log'),
    );
    return {
      roots: [proxy.pid, gateway.pid],
      port: EDGE_PORT,
      stop: async () => {
        await proxy.stop();
        await gateway.stop();
        await sink.stop();
      },
    };
  },
};

function startProxy(place: Workplace, bundles: BenchSite): PinnedProcess {
  return new PinnedProcess(
    SYSTEM_CORE,
    [...nodeProgram(place, 'dmz-proxy/bin/sallyport-dmz-proxy.ts'), bundles.proxyBundle],
    at(place, 'out', 'dmz-proxy.log'),
  );
}

function siteOf(place: Workplace): BenchSite {
  site ??= makeBenchSite(place);
  return site;
}
