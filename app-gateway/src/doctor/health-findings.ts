import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { DATABASE_AGE_MAX } from '../config/database-schema.ts';
import { type Finding, fine, unknown } from './finding.ts';
import type { NodeSettings } from './node-settings.ts';

/** What a health port answered. */
export interface HealthAnswer {
  /** 0: nobody answered. */
  readonly status: number;
  /** Of `/health`. */
  readonly text: string;
  /** Of `/metrics`; a proxy’s is of whichever worker was reached. */
  readonly metrics: string;
}

/** TCP connections that stand, by the port of this machine. */
export type EstablishedPorts = ReadonlyMap<number, number>;

const NEXT: Readonly<Record<string, string>> = {
  'no-snapshot': 'no gateway has sent its configuration yet: see the channel, and the gateways',
  'no-gateway': 'see the channel, and whether the gateways run',
  draining: 'it is being stopped',
  'audit-full': 'the spool is full: see the disk, and the gateways’ journals',
};

const DAY_S = 86_400;

/** What the program says of itself. */
export function healthFindings(
  { health }: NodeSettings,
  isRunning: boolean,
  answer: HealthAnswer,
): readonly Finding[] {
  const id = 'health';
  const where = hostPort(health.host, health.port);
  if (answer.status === 0) {
    if (!isRunning) return [unknown(id, where, 'nothing runs that could answer')];
    const next = 'see its log: the port opens when the program has started';
    return [{ id, level: 'fault', what: 'the program runs and does not answer', where, next }];
  }
  const further = [renewalFinding, ageFinding, siemFinding].flatMap((look) => look(answer, where));
  if (answer.status === 200) return [fine(id, where, 'up'), ...further];
  const reason = /"reason":"([a-z-]{1,40})"/.exec(answer.text)?.[1] ?? `status ${answer.status}`;
  const next = NEXT[reason] ?? 'see its log, and "/health"';
  return [{ id, level: 'fault', what: `down: ${reason}`, where, next }, ...further];
}

/** A gateway tells how many of the numbers that its database gives to changes are spent. */
function ageFinding({ metrics }: HealthAnswer, where: string): readonly Finding[] {
  const age = /^sallyport_gateway_database_age (\d+)$/m.exec(metrics)?.[1];
  if (age === undefined) return [];
  const id = 'database-age';
  const spent = Number(age) / DATABASE_AGE_MAX;
  const what = `${(100 * spent).toFixed(1)} % of the transactions that its database can number are spent`;
  if (spent < 0.5) return [fine(id, where, what)];
  const next =
    'embedded: "backup", and "restore" into a new database, or move to a PostgreSQL server; a server: its VACUUM does not come round';
  return [{ id, level: spent < 0.9 ? 'warning' : 'fault', what, where, next }];
}

/** Whether the ledger gets to where the site wants it outside, and how long what waits is kept. */
function siemFinding({ metrics }: HealthAnswer, where: string): readonly Finding[] {
  const gauge = (name: string) =>
    new RegExp(`^sallyport_gateway_siem_${name} (\\d+)$`, 'm').exec(metrics)?.[1];
  const destinations = Number(gauge('destinations') ?? 0);
  if (destinations === 0) return [];
  const id = 'siem';
  const failing = Number(gauge('failing') ?? 0);
  const ending = Number(gauge('ending') ?? 0);
  if (failing + ending === 0)
    return [fine(id, where, `destinations that are fed: ${destinations}`)];
  const daysLeft = gauge('days_left');
  const kept =
    daysLeft === undefined ? '' : `; retention takes the first of them in ${daysLeft} days`;
  const what = `destinations that get nothing: ${failing}; records that wait: ${gauge('waiting_records')}${kept}`;
  const next =
    ending > 0
      ? 'bring the server back, or see why it is slow, or keep records longer before that: "audit.retentionDays"'
      : 'its log, events "siem-…", says why; nothing is lost while the ledger keeps it';
  return [{ id, level: ending > 0 ? 'fault' : 'warning', what, where, next }];
}

/** A running proxy shows a renewed certificate; what lies in its bundle says nothing about that. */
function renewalFinding({ metrics }: HealthAnswer, where: string): readonly Finding[] {
  const seconds = /"certificateSecondsLeft":(\d+)/.exec(metrics)?.[1];
  if (seconds === undefined) return [];
  const id = 'channel-certificate-shown';
  const left = Number(seconds);
  if (left === 0) {
    const next = '"sallyport-dmz-proxy request" on this host, and "node approve" at a gateway';
    return [{ id, level: 'fault', what: 'the certificate in use has ended', where, next }];
  }
  return [fine(id, where, `the certificate in use ends in ${(left / DAY_S).toFixed(1)} days`)];
}

/**
 * Whether each worker of a proxy holds a channel with each gateway, as far as this host can see.
 *
 * A proxy that is dialled has one port a worker, so that connections can be counted there. A gateway names the workers
 * that report to it. Since when a channel stands, nothing here knows: the logs say it (`channel-ready`).
 */
export function channelFindings(
  settings: NodeSettings,
  isRunning: boolean,
  answer: HealthAnswer,
  established: EstablishedPorts,
): readonly Finding[] {
  if (!isRunning) return [unknown('channel', settings.node, 'nothing runs that could have one')];
  if (settings.role === 'gateway') return gatewayChannels(settings, answer);
  if (settings.channelPlaces.length === 0) return [dialledOut(answer)];
  return settings.channelPlaces.map(({ host, port, purpose }) => {
    const where = `${hostPort(host, port)} (${purpose})`;
    const count = established.get(port) ?? 0;
    return count > 0
      ? fine('channel', where, `${count} connected`)
      : {
          id: 'channel',
          level: 'fault',
          what: 'no gateway is connected',
          where,
          next: CHANNEL_NEXT,
        };
  });
}

const CHANNEL_NEXT =
  'see the firewall between (doctor --from-zone at the gateway), its certificate, and whether the gateways run';

/** Which worker was asked is chance: what one says stands for it alone. */
function dialledOut({ metrics }: HealthAnswer): Finding {
  const id = 'channel';
  const where = 'one worker of this proxy';
  const count = /"gateways":(\d+)/.exec(metrics)?.[1];
  if (count === undefined) return unknown(id, where, 'it does not say how many channels it has');
  return count === '0'
    ? { id, level: 'fault', what: 'no gateway is connected', where, next: CHANNEL_NEXT }
    : fine(id, where, `${count} connected`);
}

/** A worker reports only after some seconds: until then it is one of the channels that are counted and not named. */
function gatewayChannels(
  { proxies, node }: NodeSettings,
  { status, text, metrics }: HealthAnswer,
): readonly Finding[] {
  if (status === 0) return [unknown('channel', node, 'the health port does not answer')];
  const workers = proxies.flatMap(({ node: proxy, workers: count }) =>
    Array.from({ length: count }, (_, worker) => ({
      where: `worker ${worker} of ${proxy}`,
      isNamed: metrics.includes(`sallyport_proxy_gateways{proxy="${proxy}",worker="${worker}"}`),
    })),
  );
  const named = workers.filter(({ isNamed }) => isNamed).length;
  const unnamed = Number(/"channels":(\d+)/.exec(text)?.[1] ?? named) - named;
  return workers.map(({ where, isNamed }): Finding => {
    if (isNamed || unnamed >= workers.length - named) return fine('channel', where, 'connected');
    if (unnamed > 0) {
      return unknown('channel', where, 'perhaps connected just now', 'look again in a minute');
    }
    const next = 'see the firewall between, that worker’s log, and its certificate';
    return { id: 'channel', level: 'fault', what: 'no channel with it', where, next };
  });
}
