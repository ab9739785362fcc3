import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment } from './environment.ts';

/** Programs of other people that the tests of this folder speak with, and where each comes from. */
const PROGRAMS = {
  kamailio: 'kamailio',
  sipp: 'sip-tester',
  stunnel4: 'stunnel4',
  baresip: 'baresip-core',
  dnsmasq: 'dnsmasq-base',
  perl: 'libnet-sip-perl',
  gcc: 'gcc libc6-dev libsofia-sip-ua-dev',
  rsyslogd: 'rsyslog rsyslog-openssl',
  nft: 'nftables',
  'iptables-restore': 'iptables',
  'ip6tables-restore': 'iptables',
  haproxy: 'haproxy',
  slapd: 'slapd',
  ldapsearch: 'ldap-utils',
  keepalived: 'keepalived',
  unshare: 'util-linux',
  debootstrap: 'debootstrap',
  buildah: 'buildah',
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  depmod: 'kmod',
  go: 'golang-go golang-golang-x-mod-dev',
  python3: 'python3-cryptography',
  certtool: 'gnutls-bin',
  openssl: 'openssl',
  'systemd-analyze': 'systemd',
  'systemd-nspawn': 'systemd-container',
} as const;

/** Name of a peer's program. */
export type PeerProgram = keyof typeof PROGRAMS;

/**
 * Options for a test that needs these programs: skipped, with the reason on the report, where one is missing.
 *
 * With CI=true a missing program is thrown: a suite that tests nothing must not be green.
 */
export function needs(...programs: readonly PeerProgram[]): { skip: string | false } {
  const missing = programs.filter((program) => pathOf(program) === undefined);
  if (missing.length === 0) return { skip: false };
  const packages = missing.map((program) => PROGRAMS[program]).join(' ');
  const reason = `MISSING PEERS: ${missing.join(', ')} (run test/peers/install.sh, or install ${packages})`;
  if (environment['CI'] === 'true') throw new Error(reason);
  console.error(`peers: ${reason}`);
  return { skip: reason };
}

/** Full path of a program; Debian keeps servers outside the PATH of ordinary users. */
export function pathOf(program: PeerProgram): string | undefined {
  // Another perl or Python in the PATH would not have Debian's modules.
  if (program === 'perl') return existsSync(NET_SIP) ? '/usr/bin/perl' : undefined;
  if (program === 'python3') return existsSync(CRYPTOGRAPHY) ? '/usr/bin/python3' : undefined;
  if (program === 'go' && !existsSync(SUMDB)) return undefined;
  if (program === 'gcc' && !existsSync(SOFIA)) return undefined;
  const folders = [...(environment['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** Sources of golang.org/x/mod, which Debian packages apart from the compiler. */
const SUMDB = '/usr/share/gocode/src/golang.org/x/mod/sumdb/note/note.go';
const SOFIA = '/usr/include/sofia-sip-1.12/sofia-sip/nua.h';
const CRYPTOGRAPHY = '/usr/lib/python3/dist-packages/cryptography';
const NET_SIP = '/usr/share/perl5/Net/SIP.pm';
