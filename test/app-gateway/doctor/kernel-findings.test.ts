import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ephemeralPorts } from '@sallyport/app-gateway/doctor/ephemeral-ports.ts';
import { kernelFindings } from '@sallyport/app-gateway/doctor/kernel-findings.ts';
import { proxyNode } from './example-nodes.ts';
import { fakeSystem, glance } from './fake-system.ts';

const GOOD: Readonly<Record<string, string>> = {
  'net/core/somaxconn': '4096',
  'net/ipv4/tcp_max_syn_backlog': '1024',
  'net/ipv4/tcp_syncookies': '1',
  'net/ipv4/tcp_keepalive_time': '7200',
  'kernel/randomize_va_space': '2',
  'fs/suid_dumpable': '0',
  'fs/file-max': '2470938',
  'kernel/yama/ptrace_scope': '1',
  'net/ipv4/ip_forward': '0',
  'net/ipv6/conf/all/forwarding': '0',
  'net/ipv4/ip_local_port_range': '32768\t60999',
};
const SWAPS = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n';

function bad(
  change: Readonly<Record<string, string | undefined>> = {},
  swaps = SWAPS,
  node = proxyNode(),
) {
  const texts = Object.entries({ ...GOOD, ...change }).flatMap(([path, text]) =>
    text === undefined ? [] : [[`/proc/sys/${path}`, `${text}\n`] as const],
  );
  const system = fakeSystem({ texts: { ...Object.fromEntries(texts), '/proc/swaps': swaps } });
  return glance(kernelFindings(system, node).filter(({ level }) => level !== 'ok'));
}

describe('settings of the kernel', () => {
  it('as they should be: nothing to say', () => {
    assert.deepEqual(bad(), []);
  });

  //  setting                          value     finding
  const rows: readonly (readonly [string, string | undefined, string])[] = [
    ['net/core/somaxconn', '1023', 'warning listen-queue'],
    ['net/ipv4/tcp_max_syn_backlog', '1023', 'warning half-open-queue'],
    ['net/ipv4/tcp_syncookies', '0', 'warning syn-cookies'],
    ['net/ipv4/tcp_keepalive_time', '7201', 'notice keep-alive'],
    ['kernel/randomize_va_space', '1', 'fault address-randomisation'],
    ['fs/suid_dumpable', '2', 'warning set-uid-dumps'],
    ['fs/file-max', '262143', 'warning open-files-of-all'],
    ['kernel/yama/ptrace_scope', '0', 'warning tracing'],
    ['kernel/yama/ptrace_scope', undefined, 'unknown tracing'],
    ['net/ipv4/ip_forward', '1', 'warning forwarding'],
    ['net/ipv6/conf/all/forwarding', '1', 'warning forwarding-6'],
    ['net/ipv4/ip_local_port_range', '50000\t60999', 'warning own-ports'],
    ['net/core/somaxconn', 'many', 'unknown listen-queue'],
  ];
  for (const [path, value, finding] of rows) {
    it(`${path} ${value ?? 'missing'}: ${finding}`, () => {
      assert.deepEqual(bad({ [path]: value }), [finding]);
    });
  }

  it('a gateway may forward for others', () => {
    const gateway = { ...proxyNode(), role: 'gateway' } as const;
    assert.deepEqual(bad({ 'net/ipv4/ip_forward': '1' }, SWAPS, gateway), []);
  });

  it('a configured port that the kernel may give away', () => {
    const node = proxyNode({ health: { host: '127.0.0.1', port: 32_768 } });
    assert.deepEqual(bad({}, SWAPS, node), ['warning port-in-own-range']);
    assert.deepEqual(
      bad({}, SWAPS, proxyNode({ health: { host: '127.0.0.1', port: 32_767 } })),
      [],
    );
  });

  it('a host that swaps is told so', () => {
    assert.deepEqual(bad({}, `${SWAPS}/dev/sda2  partition 1 0 -2\n`), ['notice swap']);
  });

  it('the ports of its own connections; the usual ones where nothing says', () => {
    const ranged = (text: string) =>
      ephemeralPorts(fakeSystem({ texts: { '/proc/sys/net/ipv4/ip_local_port_range': text } }));
    assert.deepEqual(ranged('1024\t65535\n'), { first: 1024, last: 65_535 });
    assert.deepEqual(ranged('x'), { first: 32_768, last: 60_999 });
    assert.deepEqual(ephemeralPorts(fakeSystem({})), { first: 32_768, last: 60_999 });
  });
});
