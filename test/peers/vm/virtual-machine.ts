import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathOf } from '../support/available.ts';
import type { Stage } from '../support/stage.ts';

const MEMORY_MIB = 3072;
/** One that hangs is ended; three times as long as it takes where nothing else is done. */
const ENDED_MS = 240_000;
/** For a test with such a machine in it. */
export const VIRTUAL_MACHINE_TEST_MS = ENDED_MS + 60_000;
/** What it takes to reach the host's files; everything else is loaded when it is asked for. */
const FIRST_MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'] as const;

/** What a command in a virtual machine did. */
export interface Ended {
  readonly exitCode: number;
  readonly log: string;
}

/**
 * Runs a command of bash under Debian's own kernel, for what this machine's kernel cannot do: an emulated machine
 * without any network, which sees our files, cannot write them, and forgets what it wrote.
 */
export async function runInVirtualMachine(stage: Stage, command: string): Promise<Ended> {
  const folder = stage.subfolder('vm');
  const { image, modules, release } = unpackedKernel(folder);
  const disk = firstDisk(folder, join(modules, release), release);
  const run = join(folder, 'command.sh');
  writeFileSync(run, command);
  const machine = await stage.start(
    {
      name: 'vm',
      command: pathOf('qemu-system-x86_64') ?? '',
      args: [
        // One core and one thread: with two the emulator has ended a program by SIGSEGV, and it is no faster.
        ...['-accel', 'tcg,thread=single', '-cpu', 'max', '-smp', '1', '-m', `${MEMORY_MIB}`],
        ...['-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
        ...['-kernel', image, '-initrd', disk],
        ...['-append', `console=ttyS0 quiet panic=-1 modules=${modules} command=${run}`],
        ...['-virtfs', `local,path=/,mount_tag=host,security_model=passthrough,${SHARING}`],
      ],
    },
    () => true,
  );
  await machine.finished(ENDED_MS);
  const said = /^vm: ended with (\d+)\r?$/m.exec(machine.log)?.[1];
  return { exitCode: said === undefined ? -1 : Number(said), log: machine.log };
}

const SHARING = 'readonly=on,multidevs=remap';

/** Debian's kernel of this release, fetched and unpacked, not installed. */
function unpackedKernel(folder: string) {
  const named = execFileSync('apt-cache', ['depends', 'linux-image-amd64'], { encoding: 'utf8' });
  const name = /Depends: (linux-image-\S+)/.exec(named)?.[1];
  if (name === undefined) throw new Error('no kernel among Debian’s packages: apt-get update');
  execFileSync('apt-get', ['-qq', 'download', name], { cwd: folder, stdio: 'pipe' });
  const [file = ''] = readdirSync(folder).filter((each) => each.endsWith('.deb'));
  const root = join(folder, 'kernel');
  execFileSync('dpkg', ['-x', join(folder, file), root]);
  const release = name.replace('linux-image-', '');
  execFileSync(pathOf('depmod') ?? '', ['-b', root, release], { stdio: 'pipe' });
  return {
    release,
    image: join(root, 'boot', `vmlinuz-${release}`),
    modules: join(root, 'lib/modules'),
  };
}

/** The files that the kernel begins with, as one archive. */
function firstDisk(folder: string, modules: string, release: string): string {
  const root = join(folder, 'first');
  for (const name of ['bin', 'proc', 'sys', 'dev', 'host', 'layer', 'machine']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  copyFileSync(pathOf('busybox') ?? '', join(root, 'bin/busybox'));
  copyFileSync(join(import.meta.dirname, 'init.sh'), join(root, 'init'));
  chmodSync(join(root, 'init'), 0o755);
  for (const file of modulesWithNeeds(modules)) {
    const target = join(root, 'lib/modules', release, file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(modules, file), target);
  }
  execFileSync(pathOf('depmod') ?? '', ['-b', root, release], { stdio: 'pipe' });
  const disk = join(folder, 'first.cpio');
  execFileSync('bash', ['-c', 'find . | busybox cpio -o -H newc > "$0"', disk], {
    cwd: root,
    stdio: 'pipe',
  });
  return disk;
}

function modulesWithNeeds(modules: string): ReadonlySet<string> {
  const lines = readFileSync(join(modules, 'modules.dep'), 'utf8').split('\n');
  return new Set(
    FIRST_MODULES.flatMap((name) => {
      const line = lines.find((each) => each.split(':')[0]?.endsWith(`/${name}.ko`));
      return line?.replace(':', '').split(' ') ?? [];
    }),
  );
}
