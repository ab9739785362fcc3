import { isBelow, type PostureLevel } from '@sallyport/shared/channel/posture-level.ts';
import type { SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import { isEveryAddress } from '@sallyport/shared/net/every-address.ts';
import { parseNetwork } from '@sallyport/shared/net/network.ts';
import type { ProxyConfig } from './proxy-config.ts';

/** As the gateway's rule has it (app-gateway, `posture/node-rules.ts`). */
const NARROW_BITS = { 4: 24, 6: 64 } as const;

/** A setting of this host that is less than `high`. */
interface OwnFinding {
  readonly level: PostureLevel;
  readonly says: string;
}

/**
 * Why this proxy may not serve under a snapshot that demands a posture; empty where it may.
 *
 * The gateway judged the site as `site.yaml` has it. What only this host can know is what its own `proxy.json` says,
 * which may be older than the site, or changed: that is judged here again. So are partners that would be spoken
 * with in the clear, since it is this host that would do so. All else in a snapshot is the gateway's word.
 */
export function belowRequired(
  config: ProxyConfig,
  { requirePosture, partners }: Pick<SnapshotContent, 'requirePosture' | 'partners'>,
): readonly string[] {
  if (requirePosture === undefined) return [];
  return [...ownFindings(config), ...partners.flatMap(plainPartner)]
    .filter(({ level }) => isBelow(level, requirePosture))
    .map(
      ({ level, says }) => `posture ${requirePosture} is demanded, and this is ${level}: ${says}`,
    );
}

function ownFindings(config: ProxyConfig): readonly OwnFinding[] {
  const { permissionModel, health, channel, listen } = config;
  const found: OwnFinding[] = listen.flatMap(listenerFindings);
  if (permissionModel === 'off') found.push({ level: 'low', says: 'permissionModel: off' });
  if (isEveryAddress(health.host)) {
    found.push({ level: 'medium', says: `health on every address (${health.host})` });
  }
  if (channel.dial === 'outside-in') {
    found.push({ level: 'medium', says: 'channel: outside-in' });
  }
  return found;
}

function listenerFindings(listener: ProxyConfig['listen'][number], at: number): OwnFinding[] {
  const found: OwnFinding[] = [];
  if ((listener.transport ?? 'tls') !== 'tls') {
    found.push({ level: 'low', says: `listen[${at}]: transport is not tls` });
  }
  const widths = listener.proxyProtocolFrom.map((text) => {
    const network = parseNetwork(text);
    if (!network.ok || network.value.prefixBits === 0) return 'low';
    return network.value.prefixBits < NARROW_BITS[network.value.family] ? 'medium' : 'high';
  });
  for (const level of ['low', 'medium'] as const) {
    if (!widths.includes(level)) continue;
    found.push({ level, says: `listen[${at}]: proxyProtocolFrom is a large network` });
  }
  return found;
}

function plainPartner(partner: SnapshotContent['partners'][number]): OwnFinding[] {
  const isPlain = partner.plainTcp === true;
  const isDialled = partner.endpoints.some(({ transport }) => transport === 'tcp');
  return isPlain || isDialled
    ? [{ level: 'low', says: `partner ${partner.id}: in the clear` }]
    : [];
}
