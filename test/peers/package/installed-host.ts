import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../architecture/source-tree.ts';
import { environment } from '../support/environment.ts';
import { until } from '../support/wait.ts';

/*
 * installed-host.ts ROOT: what a host does with both packages installed. Run in namespaces of its own, as root; the
 * last line of its output is what was observed, as JSON.
 */

/** What one of the two services was seen to be. */
export interface ServiceSeen {
  readonly health: unknown;
  /** Of each of its processes: what the kernel says of its rights. */
  readonly processes: readonly Readonly<Record<string, string>>[];
  readonly exitCode: number | null;
}

/** What was observed in the root. */
export interface HostSeen {
  readonly proxy: ServiceSeen;
  readonly gateway: ServiceSeen;
  /** Commands tried under the proxy's sandbox, and how each ended. */
  readonly attempts: Readonly<Record<string, string>>;
  /** An operator's command, asked of the gateway that runs. */
  readonly partners: string;
}

const SANDBOXED = fileURLToPath(new URL('sandboxed.py', import.meta.url));
const UNITS = join(ROOT, 'deploy/systemd');
const UP_MS = 60_000;
const KERNEL_WORDS = ['Uid', 'Gid', 'CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp'];

/** What perl, which each Debian has, tries from inside; it prints 1 or the error's number. */
const ATTEMPTS: readonly (readonly [name: string, perl: string])[] = [
  ['write the state', 'open(my $f, ">", "/var/lib/sallyport/edge-1/spool/x")'],
  ['write its bundle', 'open(my $f, ">", "/etc/sallyport/edge-1/x")'],
  ['write below /usr', 'open(my $f, ">", "/usr/lib/sallyport/x")'],
  ['read the gateway’s keys', 'open(my $f, "<", "/etc/sallyport/gateway-1/cluster.key")'],
  ['read its own key', 'open(my $f, "<", "/etc/sallyport/edge-1/channel.key")'],
  ['open an Internet socket', 'socket(my $s, 2, 1, 0)'],
  ['open a Unix socket', 'socket(my $s, 1, 1, 0)'],
  ['open a netlink socket', 'socket(my $s, 16, 3, 0)'],
  ['open a raw socket', 'socket(my $s, 2, 3, 1)'],
  ['make a user namespace', 'syscall(272, 0x10000000) == 0'],
  ['trace a process', 'syscall(101, 0, 0, 0, 0) == 0'],
  ['mount', 'do { my ($n, $p) = ("none", "/tmp"); syscall(165, $n, $p, $n, 0, 0) == 0 }'],
];

const [, , root = ''] = process.argv;
process.stdout.write(`${JSON.stringify(await observed())}\n`);

async function observed(): Promise<HostSeen> {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  execFileSync('mount', ['--make-rprivate', '/']);
  execFileSync('mount', ['-t', 'proc', 'proc', join(root, 'proc')]);
  inRoot('sallyport', 'init', '/srv/site', '--layout', 'single-dmz', '--domain', 'a.example');
  inRoot('sallyport-dmz-proxy-bundle', 'edge-1', '/srv/site/hosts/edge-1');
  inRoot('sallyport-gateway-bundle', 'gateway-1', '/srv/site/hosts/gateway-1');
  // A second time, as with a bundle that was written anew.
  inRoot('sallyport-dmz-proxy-bundle', 'edge-1', '/srv/site/hosts/edge-1');
  inRoot('sallyport-dmz-proxy-bundle', '--back', 'edge-1');

  const attempts: Record<string, string> = {
    'run a shell': sandboxed(['/bin/sh', '-c', 'true']),
  };
  for (const [name, perl] of ATTEMPTS) {
    const words = ['/usr/bin/perl', '-e', `exit((${perl}) ? 0 : $!+0)`];
    attempts[name] = sandboxed(['--may-execute', ...words]);
  }
  const gateway = service('sallyport-app-gateway', 'gateway-1');
  const proxy = service('sallyport-dmz-proxy', 'edge-1');
  const healths = [await up(8081), await up(8082)] as const;
  const processes = [processesOf(proxy), processesOf(gateway)] as const;
  const partners = inRoot('sallyport', 'partner', 'list', '--bundle', '/etc/sallyport/gateway-1');
  const exitCodes = [await ended(proxy), await ended(gateway)] as const;
  return {
    proxy: { health: healths[0], processes: processes[0], exitCode: exitCodes[0] },
    gateway: { health: healths[1], processes: processes[1], exitCode: exitCodes[1] },
    attempts,
    partners,
  };
}

function inRoot(...words: readonly string[]): string {
  return execFileSync('chroot', [root, ...words], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' },
  });
}

/** How a command ends under the proxy's sandbox. */
function sandboxed(words: readonly string[]): string {
  const unit = join(UNITS, 'sallyport-dmz-proxy@.service');
  const [first = '', ...rest] = words;
  const options = first === '--may-execute' ? [first] : [];
  const command = first === '--may-execute' ? rest : words;
  try {
    execFileSync('/usr/bin/python3', [SANDBOXED, ...options, unit, 'edge-1', root, ...command], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return 'done';
  } catch (cause) {
    const { status, stderr } = Object(cause) as { status: number; stderr: Buffer };
    const lines = stderr.toString().trim().split('\n');
    return options.length > 0 ? `errno ${status}` : String(lines.at(-1));
  }
}

function service(unit: string, node: string): ChildProcess {
  const path = join(UNITS, `${unit}@.service`);
  return spawn('/usr/bin/python3', [SANDBOXED, path, node, root], {
    stdio: ['ignore', process.stderr, process.stderr],
    env: { PATH: environment['PATH'] },
  });
}

/** The health answer, once it is 200. */
function up(port: number): Promise<unknown> {
  return until(`health on port ${port}`, UP_MS, async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    if (answer?.status === 200) return await answer.json();
    await delay(100);
    return undefined;
  });
}

function processesOf(child: ChildProcess): readonly Readonly<Record<string, string>>[] {
  return descendants(child.pid ?? 0).map((pid) => {
    const lines = readFileSync(`/proc/${pid}/status`, 'latin1').split('\n');
    const words = lines.map((line) => line.split(':\t'));
    return Object.fromEntries(
      words.flatMap(([word = '', value = '']) =>
        KERNEL_WORDS.includes(word) ? [[word, value.split('\t')[0] ?? '']] : [],
      ),
    );
  });
}

function descendants(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').trim().split(' '),
  );
  return [pid, ...children.filter((one) => one !== '').flatMap((one) => descendants(Number(one)))];
}

async function ended(child: ChildProcess): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
  return child.exitCode;
}
