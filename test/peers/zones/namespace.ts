import { execFileSync } from 'node:child_process';

const COMMAND_TIMEOUT_MS = 20_000;

/** A network namespace that a test made: a host of its own, as far as the network is concerned. */
export class Namespace {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /** Makes one with loopback up; a left-over of the same name, from a test that was cut off, is removed first. */
  static make(name: string): Namespace {
    try {
      execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
    } catch {
      // There was none.
    }
    run('ip', ['netns', 'add', name]);
    const made = new Namespace(name);
    // No waiting for duplicate addresses: a test has given each address once.
    made.system({
      'net.ipv6.conf.all.accept_dad': '0',
      'net.ipv6.conf.default.accept_dad': '0',
      'net.ipv4.conf.all.rp_filter': '0',
      'net.ipv4.conf.default.rp_filter': '0',
    });
    made.network(['link set lo up']);
    return made;
  }

  /** Carries out lines as the `ip` command takes them. */
  network(lines: readonly string[]): void {
    run('ip', ['-n', this.name, '-batch', '-'], lines.join('\n'));
  }

  /** Sets kernel variables of this namespace. */
  system(variables: Readonly<Record<string, string>>): void {
    const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    run('ip', [...this.inside, 'sysctl', '-q', '-w', ...words]);
  }

  /** Runs a command in it to its end and gives what it said. */
  run(command: string, args: readonly string[], input = ''): string {
    return run('ip', [...this.inside, command, ...args], input);
  }

  /** Program and arguments that run something in this namespace, for whoever starts it. */
  command(program: string, args: readonly string[]): { command: string; args: readonly string[] } {
    return { command: 'ip', args: [...this.inside, program, ...args] };
  }

  /** Whether somebody accepts connections there, seen from this namespace. */
  accepts(host: string, port: number): boolean {
    try {
      this.run('timeout', ['1', 'bash', '-c', `exec 2>&-; exec 3<>/dev/tcp/${host}/${port}`]);
      return true;
    } catch {
      return false;
    }
  }

  remove(): void {
    run('ip', ['netns', 'del', this.name]);
  }

  private get inside(): readonly string[] {
    return ['netns', 'exec', this.name];
  }
}

function run(command: string, args: readonly string[], input = ''): string {
  return execFileSync(command, args, {
    input,
    encoding: 'utf8',
    timeout: COMMAND_TIMEOUT_MS,
    maxBuffer: 16_777_216,
  });
}
