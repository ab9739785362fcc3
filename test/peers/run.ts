import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { conclude, type Job, runJobs } from '../jobs.ts';
import { environment } from './support/environment.ts';

/*
 * The whole suite: node test/peers/run.ts
 * Files have folders, ports and namespaces of their own, so as many run beside each other as there are cores, for half
 * of what they do is to wait; the longest first, so that none of it is what all wait for in the end. Those that measure
 * come last, one by one.
 */

const LONGEST = [
  'keepalived-shares-partners',
  // Makes the Debian that others wait for.
  'containers-build',
  'zones-hold-against-an-owned-proxy',
  'packages-run-under-systemd',
  'zones-keep-to-the-matrix',
  'ledger-on-full-disks',
  'zones-share-by-packet-rules',
  'zones-are-proven-by-doctor',
  'zones-reserve-the-directory',
  'zones-carry-conversations',
  'doctor-finds-holes',
  'restore-onto-postgresql',
  'commands-on-full-disks',
  'ledger-survives-kills',
  'package-installs',
  'ledger-is-verified-by-go',
];
/** For how long partners are without answers, and how many connections are let through in a second. */
const MEASURING = [
  'zones-lose-a-proxy',
  'zones-move-an-address',
  'generated-firewall-translates-and-limits',
];

const named = new Set([...LONGEST, ...MEASURING]);
const others = globSync('**/*.test.ts', { cwd: import.meta.dirname })
  .map((file) => file.replace('.test.ts', ''))
  .filter((name) => !named.has(name))
  .sort();
const inCompany = await runJobs(
  [...LONGEST, ...others].map(jobOf),
  availableParallelism(),
  environment,
);
const alone = await runJobs(MEASURING.map(jobOf), 1, environment);
conclude([...inCompany, ...alone]);

function jobOf(name: string): Job {
  return {
    name: `peers/${name}.test.ts`,
    options: ['--test-timeout=180000'],
    patterns: [`peers/${name}.test.ts`],
    timeoutMs: 900_000,
    isShownWhole: true,
  };
}
