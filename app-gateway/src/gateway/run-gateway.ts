import process from 'node:process';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { isListenFailure, listenFailure } from '@sallyport/shared/io/listen-failure.ts';
import { type GatewayBundle, readGatewayBundle } from '../adapters/files/gateway-bundle.ts';
import { systemdNotify, tellReady, tellWatchdog, watchdogWish } from '../adapters/watchdog.ts';
import { IssuingAuthority } from '../commands/issuing-authority.ts';
import { namedInVain, withoutCutOff } from '../config/cut-off.ts';
import type { Site } from '../config/site.ts';
import type { SiteProblem } from '../config/site-problem.ts';
import type { SiteSource } from '../ports/site-source.ts';
import type { StateStore } from '../ports/state-store.ts';
import { Gateway } from './gateway.ts';
import { openAdmin } from './open-admin.ts';
import { openLedger } from './open-ledger.ts';
import { type OpenSite, openSite } from './open-site.ts';
import { tellWaiting } from './reload-obstacle.ts';
import { RunningGateway } from './running-gateway.ts';
import { SiteDoubts } from './site-doubts.ts';
import type { SiteLedger } from './site-ledger.ts';
import { StateAttendance } from './state-attendance.ts';

/** Site → build → run → drain; the exit code. SIGHUP reloads, SIGTERM and SIGINT drain. */
export async function runGateway(
  bundle: GatewayBundle,
  log: Logger,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const wish = watchdogWish(env, process.pid);
  const watchdog = wish && tellWatchdog(wish, systemdNotify, systemClock, log);
  const opened = await openSite(bundle, Date.now);
  if (!opened.ok) {
    tellProblems(opened.error, log);
    return 1;
  }
  const exitCode = await run(bundle, opened.value, log, env);
  await opened.value.state?.store.close();
  watchdog?.stop();
  return exitCode;
}

/** What a gateway is made of: it, and what it writes to. */
interface Parts {
  readonly gateway: Gateway;
  readonly ledger: SiteLedger | undefined;
  readonly attendance: StateAttendance;
}

/** Serves until a signal says to stop. */
async function run(
  bundle: GatewayBundle,
  opened: OpenSite,
  log: Logger,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const site = await loadSite(opened.source, log);
  if (site === undefined) return 1;
  const doubts = new SiteDoubts(log, Date.now);
  const parts = await compose(bundle, opened, site, doubts, log);
  if (parts === undefined) return 1;
  const { gateway, ledger, attendance } = parts;
  const stopped = new Promise<void>((stop) => {
    // Ctrl-C comes twice where a parent hands it on as well: the second one must not end what the first has begun.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  });
  const started = gateway.start();
  const reloads = reloading(bundle, opened, site, gateway, started, doubts, log);
  await startedOrEnd(started, parts, opened.state?.store, log);
  attendance.start();
  const admin = await adminOf(bundle, opened, parts, reloads.settled, log);
  void tellReady(env, systemdNotify, log);
  await stopped;
  reloads.stop();
  await admin?.close();
  await gateway.drain();
  await ledger?.stop();
  await attendance.stop();
  return 0;
}

/** Everything made, nothing begun; undefined, and said why, where it cannot be. */
async function compose(
  bundle: GatewayBundle,
  { state }: OpenSite,
  site: Site,
  doubts: SiteDoubts,
  log: Logger,
): Promise<Parts | undefined> {
  const node = site.gateways.find((gateway) => gateway.node === bundle.node);
  if (node === undefined) {
    log.error('site-refused', { reason: `site.yaml has no gateway ${bundle.node}` });
    return undefined;
  }
  doubts.tell(bundle, site, 'all');
  const authority = await IssuingAuthority.open(bundle);
  if (!authority.ok) {
    log.error('bundle-refused', { reason: authority.error });
    return undefined;
  }
  let siteInForce = (): Site => site;
  const attendance = new StateAttendance({
    bundle,
    store: state?.store,
    site: () => siteInForce(),
    log,
  });
  const ledger = await openLedger(bundle, state, () => siteInForce(), log);
  if (ledger === 'failed') return undefined;
  const gateway: Gateway = new Gateway({
    bundle,
    site,
    node,
    log,
    sightings: attendance.sightings,
    gauges: () => attendance.gauges(),
    authority: authority.value,
    store: state?.store,
    ledger: ledger === 'off' ? undefined : ledger,
  });
  siteInForce = () => gateway.site;
  return { gateway, ledger: ledger === 'off' ? undefined : ledger, attendance };
}

/** Takes over what has changed, at a signal and whenever the store says so. */
function reloading(
  bundle: GatewayBundle,
  { source, state }: OpenSite,
  initial: Site,
  gateway: Gateway,
  started: Promise<void>,
  doubts: SiteDoubts,
  log: Logger,
): { readonly settled: () => Promise<void>; readonly stop: () => void } {
  // One after the other: two at once would open the same new port twice.
  let last: Promise<void> = started.catch(() => undefined);
  const reloadNext = (told: 'all' | 'new') => {
    const tell = (...read: [GatewayBundle, Site]) => doubts.tell(...read, told);
    last = last
      .then(() => reload(bundle.folder, source, gateway, tell, log))
      .then(() => tellWaiting(initial, gateway.site, log));
  };
  process.on('SIGHUP', () => reloadNext('all'));
  const unwatch = state?.store.watch(() => reloadNext('new'));
  return { settled: () => last, stop: () => unwatch?.() };
}

/** A gateway without its ports is of no use. */
async function startedOrEnd(
  started: Promise<void>,
  { ledger }: Parts,
  store: StateStore | undefined,
  log: Logger,
): Promise<void> {
  try {
    await started;
  } catch (cause) {
    if (!isListenFailure(cause)) throw cause;
    log.error('listen-failed', { ...listenFailure(cause) });
    await ledger?.stop();
    await store?.close();
    process.exit(1);
  }
}

/** Where operators give their commands. */
function adminOf(
  bundle: GatewayBundle,
  { state }: OpenSite,
  { gateway, ledger }: Parts,
  reloaded: () => Promise<void>,
  log: Logger,
): ReturnType<typeof openAdmin> {
  return openAdmin({
    bundle,
    witness: () => (ledger === undefined ? bundle.witness : ledger.witness),
    state,
    site: () => gateway.site,
    issueChannelCertificate: (peer, role, spki) =>
      gateway.desk.issue({ site: gateway.site.name, role, node: peer }, spki),
    running: new RunningGateway(gateway, reloaded),
    nowMs: Date.now,
    note: ledger?.note,
    journalWaitingBytes: ledger && (() => ledger.journalBytes),
    log,
  });
}

async function reload(
  folder: string,
  source: SiteSource,
  gateway: Gateway,
  tellDoubts: (bundle: GatewayBundle, site: Site) => void,
  log: Logger,
): Promise<void> {
  const bundle = readGatewayBundle(folder);
  if (!bundle.ok) return log.error('reload-refused', { reason: bundle.error });
  // Of a site that is refused, whom it cuts off is taken over.
  const whole = await loadSite(source, log);
  const site = whole ?? (await cutOffOf(gateway.site, source, log));
  if (site === undefined) return;
  tellDoubts(bundle.value, site);
  await gateway.reload(site, bundle.value);
}

/** Tells of a name that cuts nobody off, too: whoever gave it in an emergency must not believe that it did. */
async function cutOffOf(site: Site, source: SiteSource, log: Logger): Promise<Site | undefined> {
  const cutOffs = await source.cutOffs();
  const { severed, revoked } = namedInVain(site, cutOffs);
  const tell = (path: string, message: string) =>
    log.warn('site-warning', { file: 'site.yaml', path, message });
  for (const id of severed) {
    tell('severedPartners', `no partner in force is called ${id}: nobody is cut off by this`);
  }
  for (const node of revoked) {
    tell('revokedNodes', `no host in force is called ${node}: nothing is shut out by this`);
  }
  return withoutCutOff(site, cutOffs);
}

/** Every problem on its own line; undefined when the site cannot be used. */
async function loadSite(source: SiteSource, log: Logger): Promise<Site | undefined> {
  const site = await source.load();
  if (site.ok) return site.value;
  tellProblems(site.error, log);
  return undefined;
}

function tellProblems(problems: readonly SiteProblem[], log: Logger): void {
  for (const { severity, file, line, path, message } of problems) {
    log.error('site-refused', { severity, file, line, path, message });
  }
}
