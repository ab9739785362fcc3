import assert from 'node:assert/strict';
import type { BootedDebian } from './booted-debian.ts';
import type { PackagedService } from './packaged-service.ts';

/** Something that is tried under the sandbox of a unit, and how it ends: `done`, or an error's name. */
export interface Attempt {
  readonly name: string;
  /** True when it was done; `$dir` is the bundle, `$state` a folder to write, `$other` the other node's bundle. */
  readonly perl: string;
  readonly proxy: string;
  readonly gateway: string;
}

const attempt = (name: string, perl: string, proxy: string, gateway = proxy): Attempt => ({
  name,
  perl,
  proxy,
  gateway,
});

/** Numbers of the system calls are those of x86-64. */
export const ATTEMPTS: readonly Attempt[] = [
  attempt('run a shell', 'system("/bin/sh", "-c", "true") == 0', 'EACCES'),
  attempt(
    'run systemd-notify',
    'system("/usr/bin/systemd-notify", "--version") == 0',
    'EACCES',
    'done',
  ),
  attempt('write its state', 'open(my $f, ">", "$state/x")', 'done'),
  attempt('run what it wrote', 'ran("$state/x")', 'EACCES'),
  attempt('run what it left in /tmp', 'ran("/tmp/x")', 'EACCES'),
  attempt('make what it wrote run as its owner', 'chmod(04700, "$state/x")', 'EPERM'),
  attempt('write its bundle', 'open(my $f, ">", "$dir/x")', 'EROFS'),
  attempt('write below /usr', 'open(my $f, ">", "/usr/lib/sallyport/x")', 'EROFS'),
  attempt('write below /run', 'open(my $f, ">", "/run/x")', 'EROFS'),
  attempt('read its own key', 'open(my $f, "<", "$dir/channel.key")', 'done'),
  attempt('read the other’s key', 'open(my $f, "<", "$other/channel.key")', 'EACCES'),
  attempt('look into the other’s state', 'opendir(my $d, "/var/lib/$other")', 'EACCES'),
  attempt('look into homes', 'opendir(my $d, "/home")', 'EACCES'),
  attempt('look into root’s home', 'opendir(my $d, "/root")', 'EACCES'),
  attempt('read what another left in /tmp', 'open(my $f, "<", "/tmp/of-another")', 'ENOENT'),
  attempt('see a process of another', '-e "/proc/1/status"', 'ENOENT'),
  attempt('see the kernel’s settings', '-e "/proc/sys/kernel"', 'ENOENT'),
  attempt('end a process of another', 'kill(0, 1)', 'EPERM'),
  attempt('open an Internet socket', 'socket(my $s, 2, 1, 0)', 'done'),
  attempt('open a Unix socket', 'socket(my $s, 1, 1, 0)', 'EAFNOSUPPORT', 'done'),
  attempt('open a netlink socket', 'socket(my $s, 16, 3, 0)', 'EAFNOSUPPORT'),
  attempt('open a packet socket', 'socket(my $s, 17, 3, 0)', 'EAFNOSUPPORT'),
  attempt('open a raw socket', 'socket(my $s, 2, 3, 1)', 'EPERM'),
  attempt(
    'take port 443',
    'do { my $s; socket($s, 2, 1, 0) && bind($s, pack("S n N x8", 2, 443, 0x7f000001)) }',
    'EACCES',
  ),
  attempt('make a user namespace', 'syscall(272, 0x10000000) == 0', 'EPERM'),
  attempt('trace a process', 'syscall(101, 0, 0, 0, 0) == 0', 'EPERM'),
  attempt(
    'mount',
    'do { my ($n, $p) = ("none", "/tmp"); syscall(165, $n, $p, $n, 0, 0) == 0 }',
    'EPERM',
  ),
  attempt('become root', 'syscall(105, 0) == 0', 'EPERM'),
  attempt('become another personality', 'syscall(135, 0x0008) != -1', 'EPERM'),
  attempt('run in real time', 'do { my $p = pack("i", 1); syscall(144, 0, 1, $p) == 0 }', 'EPERM'),
  attempt('set the clock', 'do { my $t = pack("q q", -1, -1); syscall(164, $t, 0) == 0 }', 'EPERM'),
  attempt(
    'keep a key in the kernel',
    'do { my ($t, $n, $v) = ("user", "n", "v"); syscall(248, $t, $n, $v, 1, -3) != -1 }',
    'EPERM',
  ),
  attempt('load a program into the kernel', 'syscall(321, 0, 0, 0) != -1', 'EPERM'),
];

const RESULTS = '/run/attempts';
const SCRIPT = '/srv/attempts.pl';

/** Tries everything in one service that has the sandbox of a unit and, beyond it, the right to run perl, which each Debian has. */
export function tryEverything(
  debian: BootedDebian,
  service: PackagedService,
  other: string,
): ReadonlyMap<string, string> {
  debian.write(SCRIPT, script(service.node, other));
  debian.write('/tmp/of-another', '');
  service.addDropIn('attempts', [
    'Type=oneshot',
    'ExecStart=',
    'ExecStartPost=',
    `ExecStart=/usr/bin/perl ${SCRIPT}`,
    'ExecPaths=/usr/bin/perl',
    'Restart=no',
    'WatchdogSec=0',
    `StandardOutput=truncate:${RESULTS}`,
  ]);
  const { status } = debian.attempt('systemctl', 'start', service.unit);
  service.removeDropIn('attempts');
  assert.equal(status, 0, debian.run('cat', RESULTS));
  const lines = debian.run('cat', RESULTS).split('\n');
  return new Map(lines.map((line) => line.split('\t')).map(([name = '', how = '']) => [name, how]));
}

function script(node: string, other: string): string {
  const head = `use Errno;
my ($dir, $other) = ("/etc/sallyport/${node}", "/etc/sallyport/${other}");
my $state = "/var/lib/sallyport/${node}";
$| = 1;
sub ran {
  my ($path) = @_;
  open(my $from, "<:raw", "/usr/bin/perl") or die;
  open(my $to, ">:raw", $path) or die;
  local $/;
  print {$to} <$from>;
  close($to);
  chmod(0700, $path);
  return system($path, "-e", "1") == 0;
}
sub attempt {
  my ($name, $try) = @_;
  $! = 0;
  my $done = $try->();
  my ($error) = grep { $!{$_} } sort keys %!;
  print $name, "\\t", $done ? "done" : $error // "failed", "\\n";
}
`;
  const calls = ATTEMPTS.map(({ name, perl }) => `attempt('${name}', sub { ${perl} });`);
  return [head, ...calls, '']
    .join('\n')
    .replaceAll('/var/lib/$other', `/var/lib/sallyport/${other}`);
}
