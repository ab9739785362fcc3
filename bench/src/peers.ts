import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PinnedProcess, SYSTEM_CORE } from './pinned-process.ts';
import { EDGE_PORT, startSipSink } from './sip-sink.ts';
import type { RunningSystem, System } from './system.ts';
import { at, type Workplace } from './workplace.ts';

type Stoppable = Pick<PinnedProcess, 'stop'>;
type StartSink = (place: Workplace) => Stoppable;

const CONFIGURATIONS = fileURLToPath(new URL('../peers/', import.meta.url));
/** HAProxy's front end without a connection behind it: for handshakes and idle connections. */
const HANDSHAKE_PORT = 5062;
/** Half of the file descriptors of its process. */
const HAPROXY_CONNECTIONS_MAX = 9800;

/** Kamailio as an edge of the same shape: mutual TLS in and out, one TCP worker, its fastest allocator; `startSink` starts what stands behind it. */
export function kamailio(
  name: string,
  relay: 'stateless' | 'stateful',
  startSink: StartSink = startSipSink,
): System {
  return {
    name,
    connectionsMax: 16_000,
    start: (place, caseName) => {
      const configuration = kamailioConfiguration(place);
      const stateful = relay === 'stateful' ? ['-A', 'STATEFUL'] : [];
      const prefault = relay === 'stateful' && caseName !== 'idle' ? ['-A', 'FORCEALLOC'] : [];
      const sharedMiB = relay === 'stateful' && caseName !== 'idle' ? '6000' : '3000';
      return behindTheSameSink(startSink(place), place, name, EDGE_PORT, [
        ...['kamailio', '-DD', '-E', '-m', sharedMiB, '-M', '16', '-x', 'tlsf', '-X', 'tlsf'],
        ...[...stateful, ...prefault, '-A', 'NCHILD=1', '-f', configuration],
      ]);
    },
  };
}

/** HAProxy as a blind pipe from TLS to TLS: no SIP is looked at. */
export const haproxy: System = {
  name: 'haproxy',
  connectionsMax: HAPROXY_CONNECTIONS_MAX,
  start: (place, caseName) => {
    const configuration = filled(place, 'haproxy.cfg');
    const isFrontOnly = /^(hs|idle$|start)/.test(caseName);
    const port = isFrontOnly ? HANDSHAKE_PORT : EDGE_PORT;
    const command = ['haproxy', '-db', '-f', configuration];
    return behindTheSameSink(startSipSink(place), place, 'haproxy', port, command);
  },
};

function behindTheSameSink(
  sink: Stoppable,
  place: Workplace,
  name: string,
  port: number,
  command: readonly string[],
): RunningSystem {
  const system = new PinnedProcess(SYSTEM_CORE, command, at(place, 'out', `${name}.log`));
  return {
    roots: [system.pid],
    port,
    stop: async () => {
      await system.stop();
      await sink.stop();
    },
  };
}

function kamailioConfiguration(place: Workplace): string {
  mkdirSync(at(place, 'cfg'), { recursive: true });
  cpSync(`${CONFIGURATIONS}dbtext`, at(place, 'cfg', 'dbtext'), { recursive: true });
  filled(place, 'kamailio-tls.cfg');
  return filled(place, 'kamailio.cfg');
}

/** Writes a configuration with this machine's folders in it. */
function filled(place: Workplace, name: string): string {
  mkdirSync(at(place, 'cfg'), { recursive: true });
  const text = readFileSync(`${CONFIGURATIONS}${name}`, 'utf8')
    .replaceAll('CFGDIR/tls.cfg', at(place, 'cfg', 'kamailio-tls.cfg'))
    .replaceAll('CFGDIR', at(place, 'cfg'))
    .replaceAll('RUNDIR', at(place, 'out'))
    .replaceAll('PKI', at(place, 'pki'));
  const path = at(place, 'cfg', name);
  writeFileSync(path, text);
  return path;
}
