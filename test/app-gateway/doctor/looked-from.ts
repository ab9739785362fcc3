import type { Seen } from '@sallyport/app-gateway/doctor/judge-pair.ts';
import { questionFor, type Target, targetsFrom } from '@sallyport/app-gateway/doctor/pairs.ts';
import type { Try, ZoneResult } from '@sallyport/app-gateway/doctor/zone-result.ts';
import type { NetworkPlan, ZoneName } from '@sallyport/app-gateway/plan/network-plan.ts';
import { PlanVerdicts } from '@sallyport/app-gateway/plan/verdict.ts';
import { familyOf } from '@sallyport/app-gateway/plan/zone-map.ts';

/** What a test lets somebody see otherwise than planned. */
export type Otherwise = (one: Try) => Seen | undefined;

export const MADE_AT_MS = Date.UTC(2026, 10, 21, 12);

/** The result of a site that is exactly as planned, but for what a test changes. */
export function lookedFrom(
  { plan, sha256 }: { readonly plan: NetworkPlan; readonly sha256: string },
  { zone, host, addresses }: { zone: ZoneName; host?: string; addresses: readonly string[] },
  otherwise: Otherwise = () => undefined,
): ZoneResult {
  const verdicts = new PlanVerdicts(plan);
  const tryOf = ({ socket }: Target): Try => {
    const { host: target, address, protocol, port } = socket;
    const source = addresses.find((own) => familyOf(own) === familyOf(address));
    const place = { host: target, address, protocol, port };
    if (source === undefined) return { ...place, seen: 'not-tried' };
    const isAllowed = verdicts.of({ zone, address: source }, socket).kind === 'allowed';
    const isMute = questionFor(socket) === undefined;
    const one: Try = {
      ...place,
      source,
      seen: isMute ? 'not-tried' : isAllowed ? 'open' : 'silent',
    };
    return { ...one, seen: otherwise(one) ?? one.seen };
  };
  const own = plan.sockets.filter((socket) => socket.host === host);
  return {
    site: plan.site,
    planSha256: sha256,
    zone,
    ...(host !== undefined && { host }),
    addresses,
    madeAtMs: MADE_AT_MS,
    tookMs: 1000,
    tries: targetsFrom(plan, { zone, host }).map(tryOf),
    ...(host !== undefined && {
      listening: {
        places: own.map(({ protocol, address, port }) => ({ protocol, address, port })),
        ephemeral: { first: 32_768, last: 60_999 },
      },
    }),
  };
}

/** The places of the example site from which a whole proof needs a look. */
export const PLACES = [
  { zone: 'internet', addresses: ['198.51.100.7', '2001:db8:f::7'] },
  { zone: 'outer-dmz', host: 'edge-a', addresses: ['192.0.2.11', '10.1.0.11'] },
  { zone: 'outer-dmz', host: 'edge-b', addresses: ['192.0.2.12', '2001:db8:1::12'] },
  { zone: 'inner-dmz', host: 'app-a', addresses: ['10.2.0.21'] },
  { zone: 'inner-dmz', host: 'app-b', addresses: ['10.2.0.22'] },
  { zone: 'intranet', host: 'sip-server', addresses: ['10.3.0.40'] },
  // From where hosts are administered: nobody else can see that SSH is alive on a balancer.
  { zone: 'intranet', addresses: ['10.3.9.5'] },
] as const;
