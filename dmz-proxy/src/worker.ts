import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import { type Clock, systemClock } from '@sallyport/shared/io/clock.ts';
import { jsonLog, type Logger } from '@sallyport/shared/io/json-log.ts';
import { listenFailure } from '@sallyport/shared/io/listen-failure.ts';
import { REVOCATION_LIST_BYTES_MAX } from '@sallyport/shared/x509/revocation-list.ts';
import { type Bundle, channelDaysLeft, readBundle } from './bundle/bundle.ts';
import { ChannelEnds } from './edge/channel-ends.ts';
import { Edge } from './edge/edge.ts';
import type { EdgeOptions } from './edge/edge-options.ts';
import { Counters } from './health/counters.ts';
import { HealthServer, hostHealth } from './health/health.ts';
import { programVersion } from './health/program-version.ts';
import { reportLog } from './health/report.ts';
import { HostUse, hostUsePipe } from './identity/host-use.ts';
import { fetchList } from './identity/revocation/fetch-list.ts';
import { RevocationCheck } from './identity/revocation/revocation-check.ts';
import { CertificateRenewal } from './keys/certificate-renewal.ts';
import { currentCredentials } from './keys/channel-credentials.ts';
import { beat, HEARTBEAT_VARIABLE } from './launcher/heartbeat.ts';
import { fitnessPipe, LauncherLine } from './launcher/host-fitness.ts';
import { excessRights } from './launcher/permission-check.ts';
import { EXIT_MISCONFIGURED } from './launcher/supervisor.ts';
import { mayBeDialled } from './outbound/reserved-networks.ts';

// One worker of the edge: bundle → rights → channel end → (snapshot →) listeners → drain.

const SWEEP_MS = 1000;
const METRICS_MS = 5000;
/** The site's `check` warns at the same time. */
const EXPIRY_WARNING_DAYS = 30;
const LIST_LIMITS = { timeoutMs: 10_000, bytesMax: REVOCATION_LIST_BYTES_MAX } as const;
const DRAIN_MS = 10_000;
/** What partners have not answered by then rings, or is never answered at all. */
const ANSWERS_MS = 2000;
const DRAIN_CHECK_MS = 50;
/** So that the last bytes of flows and channels leave before the process does. */
const END_MS = 500;

const [, , folder = '.', workerText = '0'] = process.argv;
const worker = Number(workerText);
const local = jsonLog(
  (line) => process.stdout.write(line),
  { program: 'dmz-proxy', worker },
  Date.now,
);

// Whoever reads our log may go away: lines are lost then, and nothing else.
process.stdout.on('error', () => undefined);

const bundle = readBundle(folder);
if (!bundle.ok) {
  for (const problem of bundle.error) local.error('bundle-refused', { problem });
  process.exitCode = EXIT_MISCONFIGURED;
} else {
  const isFree = bundle.value.config.permissionModel === 'off';
  const excess = isFree ? [] : excessRights(process.permission, bundle.value.folder);
  if (isFree) local.warn('permission-model-off', { risk: 'a worker may do what its user may' });
  if (excess.length === 0) await run(bundle.value);
  else {
    local.error('permission-model-required', {
      problem: excess.join('; '),
      remedy: 'start it by sallyport-dmz-proxy, or set "permissionModel": "off" in proxy.json',
    });
    process.exitCode = EXIT_MISCONFIGURED;
  }
}

async function run(initial: Bundle): Promise<void> {
  const clock = systemClock;
  const counters = new Counters();
  const log = reportLog({
    local,
    channels: () => edge.channels,
    wallMs: Date.now,
    suppressed: (event) => counters.add(`log-suppressed:${event}`),
  });
  const launcher = launcherLine(clock, log);
  const revocation = revocationCheck(() => edge, clock, log, counters);
  const edge: Edge = new Edge({
    bundle: initial,
    worker,
    clock,
    log,
    counters,
    revocationOf: revocation.of,
    ...ownTo(initial, clock),
    certificateIssued: (...answer) => renewal.answered(...answer),
    listening: (ports) => log.info('ready', { ports: ports.join(','), healthPort, channelPort }),
    failed: (cause) => endUnheard(cause, log),
    turned: (isIn) => launcher.tell(isIn),
  });
  const credentials = currentCredentials(initial, Date.now());
  const ends = endsOf(edge, initial, credentials, clock, log);
  const renewal = new CertificateRenewal(credentials, {
    bundle: initial,
    worker,
    clock,
    random,
    log,
    counters,
    channels: () => edge.channels,
    use: (renewed) => ends.renew(renewed),
  });
  const counted = () => ({ ...edge.metrics(), certificateSecondsLeft: renewal.secondsLeft });
  const health = new HealthServer({
    ...initial.config.health,
    health: () => hostHealth(edge.downReason, launcher.isAnyoneFit),
    counters: () => ({ ...counted(), ...edge.clockMetrics }),
  });
  let healthPort = 0;
  let channelPort = 0;
  const timers = ticking(edge, revocation, counted);

  warnOfDates(initial, log);
  const parts = { edge, ends, renewal, health, timers };
  obey(
    () => leave(parts, clock, log),
    () => reload(renewal, log),
  );
  try {
    healthPort = await health.open();
    channelPort = await ends.start();
    renewal.start();
  } catch (cause) {
    endUnheard(cause, log);
  }
  log.info('waiting-for-snapshot', { healthPort, channelPort });
}

/** Both pipes to the launcher, where one has started this worker: that it lives, and whether it is fit. */
function launcherLine(clock: Clock, log: Logger): LauncherLine {
  const descriptor = process.env[HEARTBEAT_VARIABLE];
  beat(descriptor);
  const line = new LauncherLine(
    process.stdin,
    descriptor === undefined ? undefined : fitnessPipe(),
  );
  // Its end ends this worker too; whoever keeps the program begins it anew.
  line.watch(clock, () => {
    log.error('launcher-silent', { launcher: process.ppid });
    process.kill(process.ppid, 'SIGKILL');
  });
  return line;
}

/** Undefined where nobody else serves this host's partners. */
function hostUseOf({ config }: Bundle, clock: Clock): HostUse | undefined {
  const hasLauncher = process.env[HEARTBEAT_VARIABLE] !== undefined;
  if (!hasLauncher || config.workers === 1) return undefined;
  return new HostUse(hostUsePipe(), clock);
}

/** Lists are fetched with the names and to the addresses that partners' servers may have. */
function revocationCheck(
  edge: () => Edge,
  clock: Clock,
  log: Logger,
  counters: Counters,
): RevocationCheck {
  return new RevocationCheck({
    fetch: (uri, { id, sourceNetworks }) =>
      fetchList(uri, {
        ...LIST_LIMITS,
        ask: (question) => edge().ask(question, id),
        mayDial: (address) => mayBeDialled(address, sourceNetworks),
      }),
    nowMs: () => clock.monotonicMs(),
    wallMs: () => clock.wallMs(),
    log,
    counters,
  });
}

/** What this process alone has: its pipe to the others, and what partners must not be able to guess. */
function ownTo(
  bundle: Bundle,
  clock: Clock,
): Pick<EdgeOptions, 'programVersion' | 'hostUse' | 'tagPrefix' | 'hashSeed'> {
  const seeds = randomBytes(8);
  return {
    programVersion: programVersion(),
    hostUse: hostUseOf(bundle, clock),
    tagPrefix: randomBytes(6).toString('hex'),
    hashSeed: [seeds.readInt32LE(0), seeds.readInt32LE(4)],
  };
}

/** Where channels come about; without credentials of its own the worker shows those of the bundle. */
function endsOf(
  edge: Edge,
  initial: Bundle,
  credentials: ChannelCredentials | undefined,
  clock: Clock,
  log: Logger,
): ChannelEnds {
  return new ChannelEnds({
    bundle: initial,
    credentials: credentials ?? bundleCredentials(initial),
    isRevoked: (gateway) => edge.isRevoked(gateway),
    worker,
    clock,
    log,
    random,
    open: (connection) => edge.openChannel(connection),
  });
}

/** What is done again and again. */
function ticking(
  edge: Edge,
  revocation: RevocationCheck,
  counted: () => Readonly<Record<string, number>>,
): readonly NodeJS.Timeout[] {
  return [
    setInterval(() => edge.sweep(), SWEEP_MS),
    setInterval(() => revocation.sweep(edge.partners), SWEEP_MS),
    setInterval(() => tellMetrics(edge, counted()), METRICS_MS),
  ];
}

function tellMetrics({ channels }: Edge, numbers: Readonly<Record<string, number>>): void {
  for (const channel of channels) channel.sendJson(FrameType.metrics, 0, 0, numbers);
}

/** A worker without its ports is of no use. */
function endUnheard(cause: unknown, log: Logger): never {
  log.error('listen-failed', { ...listenFailure(cause) });
  process.exit(1);
}

/** Signals, and the launcher's end. */
function obey(stop: () => Promise<void>, reloadBundle: () => void): void {
  let isStopping = false;
  const stopOnce = () => {
    if (!isStopping) void stop();
    isStopping = true;
  };
  process.on('SIGTERM', stopOnce);
  process.on('SIGINT', stopOnce);
  // The launcher holds the other end: when it is gone, so are we.
  process.stdin.on('end', stopOnce).on('error', () => undefined);
  process.stdin.resume();
  process.on('SIGHUP', reloadBundle);
}

/** Takes over the certificate and the root of a bundle that was written anew. */
function reload(renewal: CertificateRenewal, log: Logger): void {
  const read = readBundle(folder);
  if (read.ok) {
    renewal.reload(read.value);
    log.info('reloaded');
    warnOfDates(read.value, log);
  } else {
    log.error('reload-refused', { problem: read.error.join('; ') });
  }
}

/** What is shown where the bundle's certificate cannot even be read as ours: peers will say so. */
function bundleCredentials(bundle: Bundle): ChannelCredentials {
  return {
    certificatePem: bundle.channelCertificatePem,
    keyPem: bundle.channelKeyPem,
    caPem: bundle.channelAuthorityPem,
  };
}

function random(): number {
  return randomBytes(4).readUInt32BE() / 2 ** 32;
}

/** Without its channel a worker is of no use, and nobody is asked before a start. */
function warnOfDates(current: Bundle, log: Logger): void {
  const daysLeft = channelDaysLeft(current, Date.now());
  if (daysLeft < EXPIRY_WARNING_DAYS) log.warn('channel-root-expires', { daysLeft });
}

/** What runs in a worker until it is told to stop. */
interface Parts {
  readonly edge: Edge;
  readonly ends: ChannelEnds;
  readonly renewal: CertificateRenewal;
  readonly health: HealthServer;
  readonly timers: readonly NodeJS.Timeout[];
}

/** Ends the worker, and what is under way before it. */
async function leave(
  { edge, ends, renewal, health, timers }: Parts,
  clock: Clock,
  log: Logger,
): Promise<never> {
  log.info('draining', { pendingRequests: edge.owed.toPartners });
  const unanswered = await drained(edge, clock);
  for (const timer of timers) clearInterval(timer);
  renewal.stop();
  await ended(edge, ends, clock);
  health.close();
  local.info('stopped', { unanswered });
  process.exit(0);
}

/** Lets what is under way come to its end, both ways and within bounds; returns how many requests of partners did not. */
async function drained(edge: Edge, clock: Clock): Promise<number> {
  edge.drain();
  const startMs = clock.monotonicMs();
  const isUnderWay = () => {
    const { toPartners, byPartners } = edge.owed;
    const forMs = clock.monotonicMs() - startMs;
    return (toPartners > 0 && forMs < DRAIN_MS) || (byPartners > 0 && forMs < ANSWERS_MS);
  };
  // Once in any case: what gateways sent before they heard of it is on its way here.
  do await delay(DRAIN_CHECK_MS);
  while (isUnderWay());
  return edge.owed.toPartners;
}

/** Ends everything; what no gateway has acknowledged of the records by then goes to the disk. */
async function ended(edge: Edge, ends: ChannelEnds, clock: Clock): Promise<void> {
  edge.close();
  const untilMs = clock.monotonicMs() + END_MS;
  while (!edge.isAudited && clock.monotonicMs() < untilMs) await delay(DRAIN_CHECK_MS);
  await Promise.race([ends.stop('drained'), delay(END_MS)]);
  await delay(DRAIN_CHECK_MS);
  edge.keepRecords();
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
