import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  type NetworkPlan,
  PLAN_FORMAT,
  type ZoneName,
} from '@sallyport/app-gateway/plan/network-plan.ts';
import { createOperatorKey } from '@sallyport/certs/operator-key.ts';
import type { Program } from './support/program.ts';
import { Stage } from './support/stage.ts';
import { until } from './support/wait.ts';
import { needsZones } from './zones/needs-zones.ts';

const COMMAND_LINE = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/cli/main.ts'));
const AGENT = fileURLToPath(new URL('./agents/answer-in-namespace.ts', import.meta.url));
const RUN_MS = 60_000;
const WIRE_MS = 10_000;
const PASSPHRASE = 'correct horse battery staple';

/** Three hosts in three zones, and what may pass between them; addresses of these namespaces alone. */
const PLAN: NetworkPlan = {
  format: PLAN_FORMAT,
  site: 'acme',
  layout: 'dual-dmz',
  zones: [
    { name: 'internet', networks: [] },
    { name: 'outer-dmz', networks: ['10.77.1.0/24'] },
    { name: 'inner-dmz', networks: ['10.77.2.0/24'] },
  ],
  hosts: [
    {
      name: 'edge-a',
      zone: 'outer-dmz',
      roles: ['proxy'],
      addresses: ['10.77.1.11'],
      nodes: ['edge-1'],
    },
    {
      name: 'app-a',
      zone: 'inner-dmz',
      roles: ['gateway'],
      addresses: ['10.77.2.21'],
      nodes: ['gateway-1'],
    },
    {
      name: 'names',
      zone: 'internet',
      roles: ['nameserver'],
      addresses: ['198.51.100.53'],
      nodes: [],
    },
  ],
  sockets: [
    { host: 'edge-a', address: '10.77.1.11', protocol: 'tcp', port: 5061, purpose: 'partners' },
    { host: 'edge-a', address: '10.77.1.11', protocol: 'tcp', port: 7443, purpose: 'channel' },
    { host: 'app-a', address: '10.77.2.21', protocol: 'tcp', port: 5071, purpose: 'inner servers' },
    { host: 'names', address: '198.51.100.53', protocol: 'udp', port: 53, purpose: 'DNS' },
  ],
  flows: [
    flow('partners', { zone: 'internet', networks: ['0.0.0.0/0'] }, 'edge-a', 'tcp', 5061),
    flow(
      'channel',
      { zone: 'inner-dmz', host: 'app-a', networks: ['10.77.2.21'] },
      'edge-a',
      'tcp',
      7443,
    ),
    flow(
      'dns',
      { zone: 'outer-dmz', host: 'edge-a', networks: ['10.77.1.11'] },
      'names',
      'udp',
      53,
    ),
  ],
  firewalls: [],
  balancers: [],
};

/** What the firewall lets through when it does what the plan says. */
const RULES = {
  partners: 'ip saddr 198.51.100.0/24 ip daddr 10.77.1.11 tcp dport 5061 accept',
  channel: 'ip saddr 10.77.2.21 ip daddr 10.77.1.11 tcp dport 7443 accept',
  dns: 'ip saddr 10.77.1.11 ip daddr 198.51.100.53 udp dport 53 accept',
};

const SPACES = [
  { host: 'edge-a', zone: 'outer-dmz', address: '10.77.1.11', router: '10.77.1.1' },
  { host: 'app-a', zone: 'inner-dmz', address: '10.77.2.21', router: '10.77.2.1' },
  { host: 'names', zone: 'internet', address: '198.51.100.53', router: '198.51.100.1' },
] as const;
type Host = (typeof SPACES)[number]['host'];

const PREFIX = `sp-${process.pid}-`;
const FIREWALL = `${PREFIX}fw`;

describe('doctor between network namespaces', { ...needsZones(), timeout: 240_000 }, () => {
  const stage = new Stage();
  const listeners = new Map<Host, Program>();
  const file = (name: string) => join(stage.folder, name);

  before(async () => {
    run('ip', ['netns', 'add', FIREWALL]);
    for (const [at, space] of SPACES.entries()) addSpace(at, space);
    run('ip', ['netns', 'exec', FIREWALL, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
    loadRules(Object.values(RULES));
    for (const { host } of SPACES) {
      // Until the kernel has seen the carrier, Node counts the interface for none.
      await until(`the wire of ${host}`, WIRE_MS, () => isUp(host) || undefined);
      await listen(host, plannedAt(host));
    }
    writeFileSync(file('matrix.json'), JSON.stringify(PLAN));
    writeFileSync(file('passphrase'), PASSPHRASE, { mode: 0o600 });
    writeOperator();
  });
  after(async () => {
    await stage.stopAll();
    stage.removeFolder();
    for (const { host } of SPACES) run('ip', ['netns', 'del', PREFIX + host]);
    run('ip', ['netns', 'del', FIREWALL]);
  });

  async function listen(host: Host, places: readonly object[]): Promise<void> {
    await listeners.get(host)?.stop();
    const words = ['netns', 'exec', PREFIX + host, process.execPath, AGENT, JSON.stringify(places)];
    const name = `${host}-${listeners.has(host) ? 'again' : 'first'}-${places.length}`;
    const program = await stage.start({ name, command: 'ip', args: words }, ({ log }) =>
      log.includes('ready'),
    );
    listeners.set(host, program);
  }

  function writeOperator(): void {
    const made = createOperatorKey('anna', PASSPHRASE);
    assert.ok(made.ok);
    const { publicKeyPem, sealedPrivateKey } = made.value;
    const content = {
      format: 'sallyport-operator-key-1',
      operator: 'anna',
      publicKey: publicKeyPem,
      sealedPrivateKey,
    };
    writeFileSync(file('anna.key'), JSON.stringify(content), { mode: 0o600 });
    writeFileSync(file('anna.pub'), publicKeyPem);
  }

  /** Looks from a host; the differences as `verdict host:port`, and those of its listening sockets. */
  async function look(host: Host, more: readonly string[] = []) {
    const zone = SPACES.find((space) => space.host === host)?.zone ?? 'internet';
    const ended = await sallyport(PREFIX + host, stage.folder, [
      ...['doctor', '--from-zone', zone, '--against', 'matrix.json', '--json', ...more],
    ]);
    const { answer } = JSON.parse(ended.output) as { readonly answer?: Answer };
    assert.ok(answer !== undefined, ended.output);
    const pairs = answer.pairs
      .filter(({ verdict }) => verdict !== 'as-planned')
      .map(({ verdict, socket }) => `${verdict} ${socket.host}:${socket.port}`);
    const places = answer.listening.map(({ kind, port }) => `${kind} ${port}`);
    return { exitCode: ended.exitCode, found: [...pairs, ...places] };
  }

  const good = { exitCode: 0, found: [] };

  it('as planned: nothing is found from anywhere, and together that is a proof', async () => {
    const key = ['--operator-key', 'anna.key', '--passphrase-file', 'passphrase'];
    for (const { host } of SPACES) {
      assert.deepEqual(await look(host, ['--out', `${host}.json`, ...key]), good, host);
    }
    const proof = await sallyport(`${PREFIX}app-a`, stage.folder, [
      ...['doctor', '--report', ...SPACES.map(({ host }) => `${host}.json`)],
      ...['--against', 'matrix.json', '--keys', 'anna.pub', '--out', 'proof.html', ...key],
    ]);
    assert.equal(proof.exitCode, 0, proof.output);
    assert.match(proof.output, /^PROVEN: acme/m);
    const openssl = [
      'pkeyutl',
      '-verify',
      '-pubin',
      '-inkey',
      file('anna.pub'),
      '-rawin',
      '-in',
      file('proof.html'),
      '-sigfile',
      file('proof.html.sig'),
    ];
    assert.match(run('openssl', openssl), /Verified Successfully/);
    assert.match(readFileSync(file('proof.html'), 'utf8'), /allowed and open/);
  });

  it('a rule too many is a hole', async () => {
    loadRules([...Object.values(RULES), 'ip daddr 10.77.2.21 accept']);
    assert.deepEqual(await look('edge-a'), { exitCode: 1, found: ['hole app-a:5071'] });
    assert.deepEqual(await look('names'), { exitCode: 1, found: ['hole app-a:5071'] });
    loadRules(Object.values(RULES));
    assert.deepEqual(await look('edge-a'), good);
  });

  it('a hole to where nobody listens just now is found as well', async () => {
    loadRules([...Object.values(RULES), 'ip daddr 10.77.2.21 accept']);
    await listen('app-a', [{ protocol: 'tcp', address: '127.0.0.1', port: 5071 }]);
    assert.deepEqual(await look('edge-a'), { exitCode: 1, found: ['let-through app-a:5071'] });
    loadRules(Object.values(RULES));
    assert.deepEqual(await look('app-a'), {
      exitCode: 1,
      found: ['not-listening 5071', 'unplanned-loopback 5071'],
    });
    await listen('app-a', plannedAt('app-a'));
  });

  it('a firewall that rejects cannot be told from a host that answers', async () => {
    loadRules([
      ...Object.values(RULES),
      'ip daddr 10.77.2.21 tcp dport 5071 reject with tcp reset',
    ]);
    assert.deepEqual(await look('edge-a'), { exitCode: 1, found: ['let-through app-a:5071'] });
    // This is no answer of the host: it is as closed as if nothing came.
    loadRules([
      ...Object.values(RULES),
      'ip daddr 10.77.2.21 reject with icmp type admin-prohibited',
    ]);
    assert.deepEqual(await look('edge-a'), good);
    loadRules(Object.values(RULES));
  });

  it('a rule too few blocks what is allowed, by TCP and by UDP', async () => {
    loadRules([RULES.partners]);
    assert.deepEqual(await look('edge-a'), { exitCode: 1, found: ['blocked names:53'] });
    assert.deepEqual(await look('app-a'), { exitCode: 1, found: ['blocked edge-a:7443'] });
    assert.deepEqual(await look('names'), good);
    loadRules(Object.values(RULES));
  });

  it('a host without a way there is blocked as well, and forbidden places stay closed to it', async () => {
    const space = `${PREFIX}names`;
    run('ip', ['-n', space, 'route', 'del', 'default']);
    assert.deepEqual(await look('names'), { exitCode: 1, found: ['blocked edge-a:5061'] });
    run('ip', ['-n', space, 'route', 'add', 'default', 'via', '198.51.100.1']);
    assert.deepEqual(await look('names'), good);
  });

  it('a program that does not run is told from a firewall, and one too many is found on its host', async () => {
    const [partners] = plannedAt('edge-a');
    const extra = { protocol: 'tcp', address: '10.77.1.11', port: 9999 };
    await listen(
      'edge-a',
      [partners, extra].flatMap((place) => place ?? []),
    );
    assert.deepEqual(await look('app-a'), { exitCode: 1, found: ['nobody-listens edge-a:7443'] });
    assert.deepEqual(await look('edge-a'), {
      exitCode: 1,
      found: ['not-listening 7443', 'unplanned 9999'],
    });
  });
});

interface Answer {
  readonly pairs: readonly {
    readonly verdict: string;
    readonly socket: { readonly host: string; readonly port: number };
  }[];
  readonly listening: readonly { readonly kind: string; readonly port: number }[];
}

function flow(
  id: string,
  from: { readonly zone: ZoneName; readonly host?: string; readonly networks: readonly string[] },
  to: 'edge-a' | 'names',
  protocol: 'tcp' | 'udp',
  port: number,
): NetworkPlan['flows'][number] {
  const end =
    to === 'edge-a'
      ? { zone: 'outer-dmz' as const, host: to, networks: ['10.77.1.11'] }
      : { zone: 'internet' as const, host: to, networks: ['198.51.100.53'] };
  const ports = { first: port, last: port };
  return { id, kind: 'service', purpose: id, from, to: end, protocol, ports, isLongLived: false };
}

function plannedAt(host: Host): readonly object[] {
  return PLAN.sockets
    .filter((socket) => socket.host === host)
    .map(({ protocol, address, port }) => ({ protocol, address, port }));
}

/** A namespace of its own behind one leg of the firewall. */
function addSpace(at: number, { host, address, router }: (typeof SPACES)[number]): void {
  const space = PREFIX + host;
  const [leg, other] = [`leg${at}`, 'eth0'];
  run('ip', ['netns', 'add', space]);
  run('ip', [
    '-n',
    FIREWALL,
    'link',
    'add',
    leg,
    'type',
    'veth',
    'peer',
    'name',
    other,
    'netns',
    space,
  ]);
  run('ip', ['-n', FIREWALL, 'addr', 'add', `${router}/24`, 'dev', leg]);
  run('ip', ['-n', FIREWALL, 'link', 'set', leg, 'up']);
  run('ip', ['-n', space, 'addr', 'add', `${address}/24`, 'dev', other]);
  for (const link of ['lo', other]) run('ip', ['-n', space, 'link', 'set', link, 'up']);
  run('ip', ['-n', space, 'route', 'add', 'default', 'via', router]);
}

function isUp(host: Host): boolean {
  return run('ip', ['-n', PREFIX + host, '-o', 'link', 'show', 'eth0']).includes(' state UP ');
}

function loadRules(rules: readonly string[]): void {
  const chain = [
    'flush ruleset',
    'table inet sp {',
    'chain forward {',
    'type filter hook forward priority 0; policy drop;',
    'ct state established,related accept',
    ...rules,
    '}',
    '}',
    '',
  ];
  run('ip', ['netns', 'exec', FIREWALL, 'nft', '-f', '-'], chain.join('\n'));
}

async function sallyport(space: string, folder: string, words: readonly string[]) {
  const args = ['netns', 'exec', space, process.execPath, COMMAND_LINE, ...words];
  try {
    const { stdout } = await promisify(execFile)('ip', args, { cwd: folder, timeout: RUN_MS });
    return { exitCode: 0, output: stdout };
  } catch (cause) {
    const { code, stdout, stderr } = Object(cause) as {
      code: number;
      stdout: string;
      stderr: string;
    };
    return { exitCode: code, output: stdout || stderr };
  }
}

function run(command: string, args: readonly string[], input = ''): string {
  return execFileSync(command, args, { input, encoding: 'utf8', timeout: 20_000 });
}
