import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { LOAD_CORE, PinnedProcess, SYSTEM_CORE } from './pinned-process.ts';
import { type BenchSite, makeBenchSite } from './sallyport-site.ts';
import { startSipSink } from './sip-sink.ts';
import type { RunningSystem, System } from './system.ts';
import { at, nodeProgram, type Workplace } from './workplace.ts';

const PROXY_CONNECTIONS_MAX = 10_000;
const AUDIT_TURNED = /"event":"audit-o(?:n|ff)"/g;
const TURN_TIMEOUT_MS = 5000;
const TURN_CHECK_MS = 20;

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

/** A proxy before a stub that can turn its audit on and off. */
export interface StubbedProxy extends RunningSystem {
  /** On where it is off, off where it is on; over once the proxy says so in its log. */
  turnAudit(): Promise<void>;
}

/** The proxy of these bundles and the stub of its gateway; with `audit` among the words everything goes on record. */
export function startBeforeStub(
  place: Workplace,
  bundles: BenchSite,
  words: readonly string[],
): StubbedProxy {
  const { gatewayBundle, ports } = bundles;
  const program = nodeProgram(place, 'bench/channel-sink.ts');
  const sink = new PinnedProcess(
    LOAD_CORE,
    [...program, gatewayBundle, at(place, 'pki'), String(ports.channel), ...words],
    at(place, 'out', `channel-sink-${ports.channel}.log`),
  );
  const proxy = startProxy(place, bundles);
  const turns = () => readFileSync(proxyLog(place, bundles), 'utf8').match(AUDIT_TURNED)?.length;
  return {
    roots: [proxy.pid],
    port: ports.edge,
    turnAudit: async () => {
      const before = turns();
      process.kill(sink.pid, 'SIGUSR2');
      for (let left = TURN_TIMEOUT_MS; turns() === before; left -= TURN_CHECK_MS) {
        if (left <= 0) throw new Error('the proxy did not take the snapshot of its stub');
        await delay(TURN_CHECK_MS);
      }
    },
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
  const both = startPairAlone(place, bundles);
  return {
    ...both,
    stop: async () => {
      await both.stop();
      await sink.stop();
    },
  };
}

/** The pair from these bundles, before a sink that is there. */
export function startPairAlone(place: Workplace, bundles: BenchSite): RunningSystem {
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
    },
  };
}

function startProxy(place: Workplace, bundles: BenchSite): PinnedProcess {
  // A proxy takes no snapshot older than one that it has seen, and the stub's is older than a gateway's.
  rmSync(join(bundles.proxyBundle, 'spool/snapshot-version'), { force: true });
  return new PinnedProcess(
    SYSTEM_CORE,
    [join(place.repository, 'dmz-proxy/bin/sallyport-dmz-proxy'), bundles.proxyBundle],
    proxyLog(place, bundles),
  );
}

function proxyLog(place: Workplace, bundles: BenchSite): string {
  return at(place, 'out', `dmz-proxy-${bundles.ports.edge}.log`);
}

function siteOf(place: Workplace): BenchSite {
  site ??= makeBenchSite(place);
  return site;
}
