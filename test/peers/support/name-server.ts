import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Endpoint, hostPort, NAME_SERVER } from './addresses.ts';
import { pathOf } from './available.ts';
import { freePort } from './free-port.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';
import { isListening } from './wait.ts';

/** One server behind a domain, with its place in the order (RFC 2782). */
export interface ServiceTarget extends Endpoint {
  readonly name: string;
  readonly priority: number;
}

/** A domain that is reached by NAPTR, then SRV, then A (RFC 3263 §4). */
export interface ServiceZone {
  readonly domain: string;
  readonly targets: readonly ServiceTarget[];
}

/** A running dnsmasq. */
export interface NameServer {
  readonly address: string;
  readonly program: Program;
}

/** Starts a dnsmasq that knows these domains and nothing else: it asks nobody. */
export async function startNameServer(
  stage: Stage,
  zones: readonly ServiceZone[],
): Promise<NameServer> {
  const here = { host: NAME_SERVER, port: await freePort(NAME_SERVER) };
  const file = join(stage.folder, 'dnsmasq.conf');
  const lines = [
    `port=${here.port}`,
    `listen-address=${here.host}`,
    'bind-interfaces',
    'no-resolv',
    'no-hosts',
    'log-queries',
    'log-facility=-',
    'user=root',
    // Unknown names below these domains are denied; without this line dnsmasq refuses to answer at all.
    `local=/${zones.map((zone) => zone.domain).join('/')}/`,
    ...zones.flatMap(recordsOf),
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const program = await stage.start(
    {
      name: 'dnsmasq',
      command: pathOf('dnsmasq') ?? 'dnsmasq',
      args: ['--keep-in-foreground', `--conf-file=${file}`, '--pid-file='],
    },
    () => isListening(here),
  );
  return { address: hostPort(here), program };
}

function recordsOf({ domain, targets }: ServiceZone): readonly string[] {
  return [
    `naptr-record=${domain},10,10,S,SIPS+D2T,,_sips._tcp.${domain}`,
    ...targets.flatMap(({ name, host, port, priority }) => [
      `address=/${name}/${host}`,
      `srv-host=_sips._tcp.${domain},${name},${port},${priority},5`,
    ]),
  ];
}
