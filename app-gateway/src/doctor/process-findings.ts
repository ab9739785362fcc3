import { type Finding, fine, judged, unknown } from './finding.ts';
import type { NodeSettings } from './node-settings.ts';
import type { OwnProcess } from './own-processes.ts';

const NET_BIND_SERVICE = 1n << 10n;
/** What no worker that faces partners may have. */
const WIDE_RIGHTS = [
  '--allow-child-process',
  '--allow-worker',
  '--allow-addons',
  '--allow-wasi',
  '--allow-inspector',
  '--no-permission',
];

/** Whether the program runs, as whom, and behind which walls. */
export function processFindings(
  settings: NodeSettings,
  processes: readonly OwnProcess[],
): readonly Finding[] {
  if (processes.length === 0) {
    return [
      unknown(
        'program',
        settings.node,
        'no process runs with this bundle, or this user does not see it',
        'start it, or look as root',
      ),
    ];
  }
  return [countFinding(settings, processes), ...processes.flatMap((one) => wallsOf(settings, one))];
}

function countFinding(
  { role, node, workers }: NodeSettings,
  processes: readonly OwnProcess[],
): Finding {
  const count = (kind: OwnProcess['kind']) => processes.filter((each) => each.kind === kind).length;
  const isRight =
    role === 'gateway'
      ? count('gateway') === 1
      : count('launcher') === 1 && count('worker') === workers;
  const what =
    role === 'gateway'
      ? `${count('gateway')} of 1 process runs`
      : `${count('launcher')} of 1 launcher and ${count('worker')} of ${workers} workers run`;
  return judged(
    isRight,
    { id: 'program', where: node, what },
    { level: 'fault', next: 'look into its log, and restart it' },
  );
}

function wallsOf(settings: NodeSettings, own: OwnProcess): readonly Finding[] {
  const where = `process ${own.pid} (${own.kind})`;
  return [
    ...(own.kind === 'worker' ? [permissionFinding(settings, own, where)] : []),
    userFinding(own, where),
    privilegeFinding(own, where),
    capabilityFinding(own, where),
    seccompFinding(own, where),
    swapFinding(own, where),
    coreFinding(own, where),
    filesFinding(own, where),
  ];
}

/** The single-file program has the permission model inside; from its sources it is told so by its arguments. */
function permissionFinding(
  { isPermissionModelOff }: NodeSettings,
  { words }: OwnProcess,
  where: string,
): Finding {
  const id = 'permission-model';
  const text = words.join(' ');
  const isInborn = !words.some((word) => word.endsWith('.ts'));
  const isOn = isInborn || words.includes('--permission');
  const wide = WIDE_RIGHTS.filter((right) =>
    new RegExp(`(^|[\\s"=])${right}($|[\\s"=])`).test(text),
  );
  if (isOn && wide.length === 0 && !isPermissionModelOff) {
    return fine(
      id,
      where,
      isInborn ? 'permission model inside the program' : 'permission model on',
    );
  }
  const what = isOn
    ? `more rights than it needs: ${wide.join(', ') || 'proxy.json says off'}`
    : 'runs without the permission model';
  const next = 'permissionModel: required, and start it as docs/operations.md says';
  return { id, level: 'fault', what, where, next };
}

function userFinding({ status }: OwnProcess, where: string): Finding {
  const uid = /\d+/.exec(status.get('Uid') ?? '')?.[0];
  if (uid === undefined) return unknown('user', where, 'whose process it is cannot be read');
  return judged(
    uid !== '0',
    { id: 'user', where, what: `runs as user ${uid}` },
    { level: 'fault', next: 'run it as a user of its own, without rights' },
  );
}

function privilegeFinding({ status }: OwnProcess, where: string): Finding {
  return judged(
    status.get('NoNewPrivs') === '1',
    { id: 'no-new-privileges', where, what: `NoNewPrivs is ${status.get('NoNewPrivs') ?? '?'}` },
    { level: 'warning', next: 'NoNewPrivileges=yes in its unit' },
  );
}

/** A low port needs one capability; whoever has another may do what root does. */
function capabilityFinding({ status }: OwnProcess, where: string): Finding {
  const id = 'capabilities';
  const text = status.get('CapEff') ?? '';
  if (!/^[0-9a-f]{1,16}$/.test(text)) return unknown(id, where, 'capabilities cannot be read');
  const excess = BigInt(`0x${text}`) & ~NET_BIND_SERVICE;
  return judged(
    excess === 0n,
    { id, where, what: `effective capabilities ${text}` },
    { level: 'fault', next: 'CapabilityBoundingSet= in its unit, at most CAP_NET_BIND_SERVICE' },
  );
}

function seccompFinding({ status }: OwnProcess, where: string): Finding {
  return judged(
    status.get('Seccomp') === '2',
    { id: 'system-call-filter', where, what: `Seccomp is ${status.get('Seccomp') ?? '?'}` },
    { level: 'warning', next: 'SystemCallFilter= in its unit' },
  );
}

/** Keys stay in memory: a swapped page would outlive them on a disk. */
function swapFinding({ status }: OwnProcess, where: string): Finding {
  const swapped = status.get('VmSwap');
  if (swapped === undefined)
    return unknown('swapped', where, 'how much of it is swapped cannot be read');
  return judged(
    /^0 kB$/.test(swapped.trim()),
    { id: 'swapped', where, what: `${swapped.trim()} of it are swapped` },
    { level: 'warning', next: 'MemorySwapMax=0 in its unit, then restart it' },
  );
}

function coreFinding({ limits }: OwnProcess, where: string): Finding {
  const soft = limits.get('Max core file size')?.split(/\s+/)[0];
  if (soft === undefined) return unknown('core-files', where, 'its limits cannot be read');
  return judged(
    soft === '0',
    { id: 'core-files', where, what: `core files up to ${soft} bytes` },
    { level: 'warning', next: 'LimitCORE=0 in its unit: keys are in its memory' },
  );
}

const OPEN_FILES_WANTED = 65_536;
const OPEN_FILES_MIN = 4096;

function filesFinding({ limits }: OwnProcess, where: string): Finding {
  const id = 'open-files';
  const soft = limits.get('Max open files')?.split(/\s+/)[0];
  if (soft === undefined) return unknown(id, where, 'its limits cannot be read');
  const count = soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
  return judged(
    count >= OPEN_FILES_WANTED,
    { id, where, what: `${soft} open files at most` },
    {
      level: count < OPEN_FILES_MIN ? 'fault' : 'warning',
      next: `LimitNOFILE=${OPEN_FILES_WANTED} in its unit: each connection is one`,
    },
  );
}
