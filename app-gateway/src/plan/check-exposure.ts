import type { SettingPath } from '../config/site-problem.ts';
import type { SiteFile } from '../config/site-schema.ts';
import type { HostRole, PlanHost, ZoneName } from './network-plan.ts';
import { type PlanFinding, planError } from './plan-draft.ts';

const OUTSIDE: readonly ZoneName[] = ['internet', 'outer-dmz', 'dmz'];

/** Roles whose hosts hold what an attacker in the outer DMZ is after. */
const INNER_ROLES: Partial<Record<HostRole, SettingPath>> = {
  database: ['database', 'host'],
  community: ['communities'],
  siem: ['siem'],
  directory: ['network', 'services'],
};

const BALANCER_ZONES: readonly ZoneName[] = ['outer-dmz', 'dmz'];

/** What must not stand where others could reach it, though every rule would be kept. */
export function checkExposure(site: SiteFile, hosts: readonly PlanHost[]): readonly PlanFinding[] {
  return [
    ...hosts.flatMap((host) => exposed(host)),
    ...hosts
      .filter(({ roles, zone }) => roles.includes('balancer') && !BALANCER_ZONES.includes(zone))
      .map(({ name, zone }) =>
        planError(['network', 'balancers'], `${name} stands in ${zone}, and proxies in the DMZ`),
      ),
    ...plainListeners(site),
  ];
}

function exposed({ name, zone, roles }: PlanHost): readonly PlanFinding[] {
  if (!OUTSIDE.includes(zone)) return [];
  return roles.flatMap((role) => {
    const path = INNER_ROLES[role];
    if (path === undefined) return [];
    const where = zone === 'internet' ? 'in no zone of this site' : `in ${zone}`;
    return [
      planError(
        path,
        `${name} (${role}) stands ${where}: who takes a proxy would reach it; it belongs behind the inner firewall`,
      ),
    ];
  });
}

function plainListeners(site: SiteFile): readonly PlanFinding[] {
  return site.proxies.flatMap(({ listen }, at) =>
    listen.flatMap(({ transport }, index) =>
      transport !== 'tcp'
        ? []
        : [
            {
              severity: 'warning' as const,
              path: ['proxies', at, 'listen', index],
              message: 'is plain SIP over TCP: everyone on the way reads it, and posture is low',
            },
          ],
    ),
  );
}
