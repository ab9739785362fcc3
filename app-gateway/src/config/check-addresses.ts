import { isIP } from 'node:net';
import { isEveryAddress } from '@sallyport/shared/net/every-address.ts';
import type { ParsedSite } from './parse-site.ts';
import type { SettingPath, SiteProblem } from './site-problem.ts';
import type { SiteFile } from './site-schema.ts';

/** The channel has an address at the end that is dialled, and no socket of a node is claimed twice. */
export function checkAddresses(parsed: ParsedSite): readonly SiteProblem[] {
  const { source, content } = parsed.site;
  return [
    ...channelAddresses(content),
    ...content.proxies.flatMap(proxySockets),
    ...content.gateways.flatMap(gatewaySockets),
  ].map(({ severity, path, message }) => source.problem(severity, path, message));
}

interface Finding {
  readonly severity: SiteProblem['severity'];
  readonly path: SettingPath;
  readonly message: string;
}

interface Socket {
  readonly path: SettingPath;
  readonly host: string;
  readonly port: number;
}

function channelAddresses(site: SiteFile): readonly Finding[] {
  const dialled = site.channel.dial === 'inside-out' ? 'proxies' : 'gateways';
  const idle = dialled === 'proxies' ? 'gateways' : 'proxies';
  return [
    ...site[dialled].flatMap((node, at): Finding[] =>
      node.channel === undefined
        ? [
            {
              severity: 'error',
              path: [dialled, at],
              message: `channel is missing: with dial ${site.channel.dial} the ${dialled} are dialled, so each needs channel {host, port}`,
            },
          ]
        : [],
    ),
    ...site[idle].flatMap((node, at): Finding[] =>
      node.channel === undefined
        ? []
        : [
            {
              severity: 'warning',
              path: [idle, at, 'channel'],
              message: `is not used: with dial ${site.channel.dial} nobody dials the ${idle}`,
            },
          ],
    ),
  ];
}

function proxySockets(proxy: SiteFile['proxies'][number], at: number): readonly Finding[] {
  const sockets: Socket[] = [
    ...proxy.listen.map((listen, index) => ({ ...listen, path: ['proxies', at, 'listen', index] })),
    { ...proxy.health, path: ['proxies', at, 'health'] },
  ];
  if (proxy.channel !== undefined && proxy.channel.port !== 0) {
    const { host, port } = proxy.channel;
    for (let worker = 0; worker < proxy.workers; worker += 1) {
      sockets.push({ host, port: port + worker, path: ['proxies', at, 'channel'] });
    }
  }
  return [
    ...collisions(sockets),
    ...openHealth(sockets.filter(({ path }) => path[2] === 'health')),
  ];
}

function gatewaySockets(gateway: SiteFile['gateways'][number], at: number): readonly Finding[] {
  const health = { ...gateway.health, path: ['gateways', at, 'health'] };
  const sockets: Socket[] = [{ ...gateway.inner, path: ['gateways', at, 'inner'] }, health];
  if (gateway.channel !== undefined) {
    sockets.push({ ...gateway.channel, path: ['gateways', at, 'channel'] });
  }
  return [...collisions(sockets), ...openHealth([health])];
}

/** Host names are left out: only the machine itself knows which of its addresses they mean. */
function collisions(sockets: readonly Socket[]): readonly Finding[] {
  return sockets.flatMap((socket, index): Finding[] => {
    const other = sockets.slice(0, index).find((earlier) => overlap(earlier, socket));
    if (other === undefined) return [];
    return [
      {
        severity: 'error',
        path: socket.path,
        message: `port ${socket.port} is already taken by another socket of this node (each proxy worker takes one channel port more)`,
      },
    ];
  });
}

function overlap(a: Socket, b: Socket): boolean {
  if (a.port === 0 || a.port !== b.port || isIP(a.host) === 0 || isIP(b.host) === 0) return false;
  return a.host === b.host || isEveryAddress(a.host) || isEveryAddress(b.host);
}

function openHealth(sockets: readonly Socket[]): readonly Finding[] {
  return sockets
    .filter(({ host }) => isEveryAddress(host))
    .map(({ path }) => ({
      severity: 'warning',
      path,
      message: 'answers on every address, partners included; name the one the balancer asks',
    }));
}
