import { ephemeralPorts } from './ephemeral-ports.ts';
import { type Finding, fine, judged, type Level, unknown } from './finding.ts';
import type { NodeSettings } from './node-settings.ts';
import type { SystemView } from './system-view.ts';

interface Setting {
  readonly id: string;
  /** Below `/proc/sys/`. */
  readonly path: string;
  readonly isRight: (value: number) => boolean;
  readonly level: Level;
  readonly next: string;
  readonly role?: NodeSettings['role'];
}

const atLeast = (min: number) => (value: number) => value >= min;
const exactly = (wanted: number) => (value: number) => value === wanted;

//  id                path                                  right            level      what to do
const SETTINGS: readonly Setting[] = [
  row(
    'listen-queue',
    'net/core/somaxconn',
    atLeast(1024),
    'warning',
    'net.core.somaxconn=4096: a burst of partners is refused beyond it',
  ),
  row(
    'half-open-queue',
    'net/ipv4/tcp_max_syn_backlog',
    atLeast(1024),
    'warning',
    'net.ipv4.tcp_max_syn_backlog=4096',
  ),
  row('syn-cookies', 'net/ipv4/tcp_syncookies', atLeast(1), 'warning', 'net.ipv4.tcp_syncookies=1'),
  row(
    'keep-alive',
    'net/ipv4/tcp_keepalive_time',
    (value) => value <= 7200,
    'notice',
    'net.ipv4.tcp_keepalive_time=7200 or less, for connections that set none themselves',
  ),
  row(
    'address-randomisation',
    'kernel/randomize_va_space',
    exactly(2),
    'fault',
    'kernel.randomize_va_space=2',
  ),
  row('set-uid-dumps', 'fs/suid_dumpable', exactly(0), 'warning', 'fs.suid_dumpable=0'),
  row(
    'open-files-of-all',
    'fs/file-max',
    atLeast(262_144),
    'warning',
    'fs.file-max=262144 or more',
  ),
  row(
    'tracing',
    'kernel/yama/ptrace_scope',
    atLeast(1),
    'warning',
    'kernel.yama.ptrace_scope=1: else any process of the user reads the keys',
  ),
  {
    ...row(
      'forwarding',
      'net/ipv4/ip_forward',
      exactly(0),
      'warning',
      'net.ipv4.ip_forward=0: a host of the DMZ is no router',
    ),
    role: 'proxy',
  },
  {
    ...row(
      'forwarding-6',
      'net/ipv6/conf/all/forwarding',
      exactly(0),
      'warning',
      'net.ipv6.conf.all.forwarding=0',
    ),
    role: 'proxy',
  },
];

const PORTS_WANTED = 16_384;

/** The settings of the kernel that a program of ours depends on. */
export function kernelFindings(system: SystemView, settings: NodeSettings): readonly Finding[] {
  return [
    ...SETTINGS.filter(({ role }) => role === undefined || role === settings.role).map((setting) =>
      settingFinding(system, setting),
    ),
    portRange(system),
    ...portsInRange(system, settings),
    swap(system),
  ];
}

function row(
  id: string,
  path: string,
  isRight: Setting['isRight'],
  level: Level,
  next: string,
): Setting {
  return { id, path, isRight, level, next };
}

function settingFinding(system: SystemView, { id, path, isRight, level, next }: Setting): Finding {
  const where = `/proc/sys/${path}`;
  const text = system.text(where)?.trim();
  if (text === undefined || !/^\d+$/.test(text)) return unknown(id, where, 'cannot be read');
  return judged(isRight(Number(text)), { id, where, what: text }, { level, next });
}

function portRange(system: SystemView): Finding {
  const { first, last } = ephemeralPorts(system);
  const count = last - first + 1;
  return judged(
    count >= PORTS_WANTED,
    { id: 'own-ports', where: PORT_RANGE, what: `${count} ports for connections of its own` },
    { level: 'warning', next: 'net.ipv4.ip_local_port_range="32768 60999"' },
  );
}

/** A connection of the host’s own may sit on such a port when the program starts. */
function portsInRange(system: SystemView, { places }: NodeSettings): readonly Finding[] {
  const { first, last } = ephemeralPorts(system);
  return places
    .filter(({ port }) => first <= port && port <= last)
    .map(({ port, purpose }) => ({
      id: 'port-in-own-range',
      level: 'warning',
      what: `port ${port} (${purpose}) is one that the kernel gives to connections`,
      where: PORT_RANGE,
      next: `net.ipv4.ip_local_reserved_ports=${port}, or choose another port`,
    }));
}

const PORT_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';

function swap(system: SystemView): Finding {
  const where = '/proc/swaps';
  const text = system.text(where);
  if (text === undefined) return unknown('swap', where, 'cannot be read');
  const devices = text.trim().split('\n').slice(1);
  return devices.length === 0
    ? fine('swap', where, 'the host does not swap')
    : {
        id: 'swap',
        level: 'notice',
        what: `the host swaps to ${devices.length === 1 ? 'a device' : `${devices.length} devices`}`,
        where,
        next: 'see that they are encrypted, or MemorySwapMax=0 in the unit: keys are in memory',
      };
}
