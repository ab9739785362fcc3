import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openIssuingAuthority } from '@sallyport/certs/site-root.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { ChannelIdentity } from '@sallyport/shared/x509/channel-identity.ts';
import { siteInFiles } from '../../adapters/files/file-site-source.ts';
import { readSiteFolder } from '../../adapters/files/site-folder.ts';
import { askHealth } from '../../adapters/host/ask-health.ts';
import { askNames } from '../../adapters/host/ask-names.ts';
import { askTime } from '../../adapters/host/ask-time.ts';
import { localAddresses, localSystem, socketTables } from '../../adapters/host/local-system.ts';
import { shownCertificate } from '../../adapters/host/shown-certificate.ts';
import {
  channelCertificateFindings,
  notEnrolled,
  siteFindings,
} from '../../doctor/certificate-findings.ts';
import { channelClockFindings } from '../../doctor/channel-clock-findings.ts';
import { clockFindings, type TimeAnswer } from '../../doctor/clock-findings.ts';
import { diskFindings } from '../../doctor/disk-findings.ts';
import { entropyFindings } from '../../doctor/entropy-findings.ts';
import {
  bundleFileFindings,
  type ServiceUser,
  WRITTEN_FOLDERS,
  writableFindings,
} from '../../doctor/file-findings.ts';
import { type Finding, unknown } from '../../doctor/finding.ts';
import {
  channelFindings,
  type HealthAnswer,
  healthFindings,
} from '../../doctor/health-findings.ts';
import { hostReportText, isSound, sortedFindings } from '../../doctor/host-report.ts';
import { issuingFindings } from '../../doctor/issuing-findings.ts';
import { kernelFindings } from '../../doctor/kernel-findings.ts';
import { establishedPorts, listeningSockets } from '../../doctor/listening-sockets.ts';
import { nameFindings, nameQuestions } from '../../doctor/name-findings.ts';
import { gatewaySettings, type NodeSettings, proxySettings } from '../../doctor/node-settings.ts';
import { holderOf, type OwnProcess, ownProcesses } from '../../doctor/own-processes.ts';
import { serversFor } from '../../doctor/planned-servers.ts';
import { isOwnAddress, portFindings } from '../../doctor/port-findings.ts';
import { processFindings } from '../../doctor/process-findings.ts';
import {
  type ShownCertificate,
  shownCertificateFindings,
} from '../../doctor/shown-certificate-findings.ts';
import type { SystemView } from '../../doctor/system-view.ts';
import { derive, ISSUING_SEAL } from '../../domain/derived-key.ts';
import type { NetworkPlan } from '../../plan/network-plan.ts';
import { bundleIdentity } from '../bundle/bundle-identity.ts';
import { WAITING_KEY } from '../bundle/node-request.ts';
import { failure, type Outcome, verdict } from '../outcome.ts';
import type { Surroundings } from '../surroundings.ts';
import { planNamed } from './doctor-zone.ts';

/** Which host is looked at: the one it runs on, by a bundle. */
export interface DoctorHostOptions {
  readonly bundle: string;
  readonly state?: string;
  /** The plan: its time servers are asked. */
  readonly against?: string;
  readonly all?: boolean;
  readonly strict?: boolean;
}

/** What this command knows of its machine; tests put another in its place. */
export interface HostMachine {
  readonly system: SystemView;
  readonly addresses: () => readonly string[];
  readonly askHealth: typeof askHealth;
  readonly askNames: typeof askNames;
  readonly askTime: typeof askTime;
  readonly shownCertificate: typeof shownCertificate;
}

const THIS_MACHINE: HostMachine = {
  system: localSystem,
  addresses: localAddresses,
  askHealth,
  askNames,
  askTime,
  shownCertificate,
};

/** Where packages keep what programs write, by the name of the node. */
const STATE_FOLDER = '/var/lib/sallyport';
const LOOPBACK = ['127.0.0.1', '::1'];
/** Whoever answers at an address of another machine says nothing of this one. */
const NO_ANSWER: HealthAnswer = { status: 0, text: '', metrics: '' };

/** `sallyport doctor --bundle`: judges the host it runs on; 1 where there is a fault. */
export async function doctorHost(
  options: DoctorHostOptions,
  surroundings: Surroundings,
  machine: HostMachine = THIS_MACHINE,
): Promise<Outcome> {
  const bundle = resolve(surroundings.folder, options.bundle);
  const identity = await bundleIdentity(bundle);
  if (!identity.ok) return identity.error;
  const read = await settingsIn(bundle, identity.value, surroundings.nowMs());
  if (!read.ok) {
    return failure(
      `${options.bundle}: ${read.error}`,
      'sallyport check, and write the bundle anew',
    );
  }
  const known = options.against && planNamed(options.against, surroundings.folder);
  if (known && !('plan' in known)) return known;
  const planned = known ? known.plan : undefined;
  const times = await timeAnswers(planned, machine, surroundings);
  const settings = withPlannedServers(read.value.settings, planned, machine.addresses());
  const findings = sortedFindings([
    ...clockFindings(machine.system, bundle, surroundings.nowMs(), times),
    ...read.value.siteProblems,
    ...(await hostFindings(bundle, settings, identity.value, options, machine, surroundings)),
  ]);
  const isGood = isSound(findings, options.strict === true);
  const { role, node, site } = settings;
  return verdict(isGood, [hostReportText(node, findings, options.all === true)], {
    answer: { site, node, role, findings },
  });
}

async function hostFindings(
  bundle: string,
  settings: NodeSettings,
  identity: ChannelIdentity,
  { state }: DoctorHostOptions,
  machine: HostMachine,
  { folder, nowMs }: Surroundings,
): Promise<readonly Finding[]> {
  const { system, addresses } = machine;
  const written = writtenFolders(bundle, settings, state && resolve(folder, state));
  const processes = ownProcesses(system, [...new Set([bundle, realpathSync(bundle)])]);
  const user = userOf(processes);
  const tables = socketTables(system);
  const isRunning = processes.length > 0;
  const own = [...addresses(), ...LOOPBACK];
  const isHere = isOwnAddress(settings.health.host, own);
  const answer = isHere ? await machine.askHealth(settings.health) : NO_ANSWER;
  const shown = isRunning ? await certificatesShown(settings, machine) : [];
  const view = {
    sockets: listeningSockets(tables),
    addresses: own,
    processes,
    holderOf: (inode: string) => holderOf(system, inode),
  };
  return [
    ...entropyFindings(system),
    ...bundleFileFindings(system, bundle, user),
    ...writableFindings(system, written, user),
    ...diskFindings(system, written),
    ...portFindings(settings, view),
    ...kernelFindings(system, settings),
    ...processFindings(settings, processes),
    ...ownCertificate(bundle, written, identity, nowMs()),
    ...(settings.role === 'gateway' ? issuingAuthority(bundle, nowMs()) : []),
    ...shownCertificateFindings(shown, nowMs()),
    ...nameFindings(
      settings,
      await machine.askNames(nameQuestions(settings), settings.nameservers),
    ),
    ...healthFindings(settings, isRunning, answer),
    ...channelFindings(settings, isRunning, answer, establishedPorts(tables)),
    ...(isRunning ? channelClockFindings(settings, answer) : []),
  ];
}

interface ReadSettings {
  readonly settings: NodeSettings;
  readonly siteProblems: readonly Finding[];
}

async function settingsIn(
  bundle: string,
  { role, node }: ChannelIdentity,
  nowMs: number,
): Promise<Result<ReadSettings, string>> {
  if (role === 'proxy') {
    const settings = proxySettings(textIn(bundle, 'proxy.json'));
    return settings.ok
      ? ok({ settings: settings.value, siteProblems: [] })
      : err(`proxy.json: ${settings.error}`);
  }
  const read = await readSiteFolder(bundle);
  if (read.parsed === undefined) return err(read.problems[0]?.message ?? 'holds no site.yaml');
  const settings = gatewaySettings(read.parsed.site.content, node);
  if (!settings.ok) return settings;
  const site = siteInFiles(read, nowMs);
  const problems = site.ok ? site.value.warnings : site.error;
  return ok({ settings: settings.value, siteProblems: siteFindings(problems) });
}

function ownCertificate(
  bundle: string,
  written: readonly string[],
  identity: ChannelIdentity,
  nowMs: number,
): readonly Finding[] {
  const keyPem = textIn(bundle, 'channel.key');
  if (keyPem === '' && existsSync(join(bundle, 'channel.key'))) {
    const where = join(bundle, 'channel.key');
    return [unknown('channel-certificate', where, 'this user may not read it', 'look as root')];
  }
  const certificatePem = textIn(bundle, 'channel.crt');
  if (keyPem === '' && certificatePem === '') {
    const isWaiting = existsSync(join(bundle, WAITING_KEY));
    return [notEnrolled(bundle, identity, isWaiting)];
  }
  const caPem = textIn(bundle, 'channel-ca.crt');
  const renewed = written.map((path) => textIn(path, 'channel.pem')).find((text) => text !== '');
  return channelCertificateFindings({ certificatePem, keyPem, caPem }, renewed, identity, nowMs);
}

function issuingAuthority(bundle: string, nowMs: number): readonly Finding[] {
  const shut = ['channel-issuing.key', 'cluster.key'].find(
    (name) => textIn(bundle, name) === '' && existsSync(join(bundle, name)),
  );
  if (shut !== undefined) {
    const where = join(bundle, shut);
    return [unknown('channel-issuing', where, 'this user may not read it', 'look as root')];
  }
  const certificatePem = textIn(bundle, 'channel-issuing.crt');
  const sealedKey = textIn(bundle, 'channel-issuing.key').trim();
  const clusterKey = Buffer.from(textIn(bundle, 'cluster.key').trim(), 'base64');
  const seal = derive(clusterKey, ISSUING_SEAL);
  const opened = openIssuingAuthority({ certificatePem, sealedKey }, seal);
  const keyPem = opened.ok ? opened.value.privateKeyPem : undefined;
  const caPem = textIn(bundle, 'channel-ca.crt');
  return issuingFindings({ certificatePem, keyPem, caPem }, nowMs);
}

async function certificatesShown(
  { partnerPlaces }: NodeSettings,
  machine: HostMachine,
): Promise<readonly ShownCertificate[]> {
  const shown: ShownCertificate[] = [];
  for (const place of partnerPlaces) {
    shown.push({ ...place, certificate: await machine.shownCertificate(place) });
  }
  return shown;
}

/** Time servers that the plan lets this host ask; none without a plan. */
async function timeAnswers(
  plan: NetworkPlan | undefined,
  { addresses, askTime: ask }: HostMachine,
  { nowMs }: Surroundings,
): Promise<readonly TimeAnswer[]> {
  const answers: TimeAnswer[] = [];
  for (const { address, port } of plan ? serversFor('time', plan, addresses()) : []) {
    answers.push({ server: address, aheadMs: await ask(address, port, nowMs) });
  }
  return answers;
}

/** A proxy is told its name servers by a gateway; on its disk only the plan names them. */
function withPlannedServers(
  settings: NodeSettings,
  plan: NetworkPlan | undefined,
  addresses: readonly string[],
): NodeSettings {
  if (plan === undefined || settings.nameservers.length > 0) return settings;
  const nameservers = serversFor('names', plan, addresses).map(({ address, port }) =>
    hostPort(address, port),
  );
  return { ...settings, nameservers };
}

/** Below the bundle, or where packages keep them. */
function writtenFolders(
  bundle: string,
  { role, node }: NodeSettings,
  given: string | undefined,
): readonly string[] {
  const names = [...WRITTEN_FOLDERS].filter((name) => (name === 'spool') === (role === 'proxy'));
  const packaged = join(STATE_FOLDER, node);
  const above = given ?? (existsSync(packaged) ? packaged : bundle);
  const found = names
    .map((name) => [join(bundle, name), join(above, name)].find(existsSync))
    .filter((path) => path !== undefined);
  // A gateway with a database elsewhere has no folder for its own.
  return found.length > 0 ? found : [join(above, role === 'proxy' ? 'spool' : 'run')];
}

/** The process that does the work: a worker, or the gateway. */
function userOf(processes: readonly OwnProcess[]): ServiceUser | undefined {
  const process = processes.find(({ kind }) => kind !== 'launcher') ?? processes[0];
  const numbers = (name: string) =>
    (process?.status.get(name) ?? '')
      .split(/\s+/)
      .filter((text) => text !== '')
      .map(Number);
  const [uid] = numbers('Uid');
  if (uid === undefined) return undefined;
  return { uid, gids: [...numbers('Gid').slice(0, 1), ...numbers('Groups')] };
}

const FILE_CHARS_MAX = 1_048_576;

/** Empty where there is none: whoever judges it says what is missing. */
function textIn(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'latin1').slice(0, FILE_CHARS_MAX);
  } catch {
    return '';
  }
}
