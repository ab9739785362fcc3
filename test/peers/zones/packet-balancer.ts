import type { PlanBalancer } from '@sallyport/app-gateway/plan/network-plan.ts';
import {
  nftablesBalancer,
  nftablesBalancerSysctl,
} from '@sallyport/app-gateway/plan/render/nftables-balancer.ts';
import { nftablesRotation } from '@sallyport/app-gateway/plan/render/nftables-rotation.ts';
import type { Program } from '../support/program.ts';
import type { Stage } from '../support/stage.ts';
import type { ZoneNetwork } from './zone-network.ts';

/** Settings that a test machine has for all namespaces together, or not at all. */
const ELSEWHERE = /nf_conntrack_tcp_timeout/;

/** Loads a balancer's generated rules and the kernel's settings beside them: all proxies are in rotation. */
export function loadBalancer(
  network: ZoneNetwork,
  balancer: PlanBalancer,
  host = balancer.host,
): void {
  const space = network.at(host);
  const settings = nftablesBalancerSysctl().matchAll(/^([a-z0-9_.]+) = (\S+)$/gm);
  space.system(
    Object.fromEntries(
      [...settings]
        .map(([, name = '', value = '']) => [name, value] as const)
        .filter(([name]) => !ELSEWHERE.test(name)),
    ),
  );
  space.run('nft', ['-f', '-'], nftablesBalancer(network.plan, balancer));
}

/** Starts the generated program that asks the proxies, as a user who may do nothing but change packet rules. */
export async function startRotation(
  stage: Stage,
  network: ZoneNetwork,
  balancer: PlanBalancer,
  host = balancer.host,
): Promise<Program> {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const right = ['--inh-caps=-all,+net_admin', '--ambient-caps=-all,+net_admin'];
  const bounds = ['--bounding-set=-all,+net_admin', '--no-new-privs'];
  const program = ['bash', '-c', nftablesRotation(network.plan, balancer)];
  const args = [...nobody, ...right, ...bounds, ...program];
  return await stage.start(
    { name: host, ...network.at(host).command('setpriv', args) },
    ({ log }) => log.includes('in rotation: '),
  );
}
