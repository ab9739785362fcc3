import type { NetworkPlan, PlanHost } from '../network-plan.ts';
import { familyOf } from '../zone-map.ts';
import { commandOn, ownHosts } from './checklist-hosts.ts';
import { loginAt, STAGE, stagedAt } from './checklist-place.ts';

/** Results are kept beside the plan's folder, which is the plan's alone. */
const RESULTS = '../proof';

/** Signs what machines see that have no bundle; neither an operator of the site nor kept for longer than the proof. */
const KEY = 'proof.key';

/** Every host looks at itself and around itself, and somebody from each other zone; what they saw becomes one document. */
export function proofSteps(plan: NetworkPlan): readonly string[] {
  const own = ownHosts(plan);
  const gateway = own.find(({ roles }) => roles.includes('gateway'));
  const gatewayNode = gateway?.nodes.at(-1) ?? '';
  const zones = plan.zones.filter(({ name }) => own.every(({ zone }) => zone !== name));
  const results = [...own, ...zones].map(({ name }) => `${RESULTS}/${name}.json`);
  return [
    `here: \`mkdir -p ${RESULTS} && (cd ${RESULTS} && sallyport operator key proof --new-key ${KEY})\`: a key that signs what machines without a bundle see; it is no operator’s, and it is removed at the end.`,
    ...own.flatMap((host) => hostSteps(host, gateway)),
    ...zones.map(
      ({ name }) =>
        `From a machine in the zone ${name} that stands in no rule of the plan${bothFamilies(plan)}, with the command line, \`matrix.json\` and \`${RESULTS}/${KEY}\` copied to it: \`./sallyport doctor --from-zone ${name} --against matrix.json --operator-key ${KEY} --out ${name}.json\`, and that file into \`${RESULTS}\`.`,
    ),
    `here: the results: ${own.map((host) => `\`scp ${stagedAt(host, `${host.name}.json`)} ${RESULTS}\``).join(', ')}.`,
    `here: \`sallyport doctor --report ${results.join(' ')} --against matrix.json --keys hosts/${gateway?.name}/${gatewayNode}/witnesses.json --keys ${RESULTS}/proof.pub --out ${RESULTS}/proof.html\` says PROVEN; keep it with the date.`,
    'Counters of the firewalls: `nft list counters table inet sallyport`; what the doctor tried in vain has risen there.',
    `${own.map(({ name }) => name).join(', ')}: \`rm -r ${STAGE}\`, with the command line and the copies.`,
    `here: \`rm ${RESULTS}/${KEY}\`, and its copies on the other machines.`,
  ];
}

/** What is reachable by one family alone is not proven from a machine that does not have it. */
function bothFamilies({ zones }: NetworkPlan): string {
  const families = new Set(zones.flatMap(({ networks }) => networks.map(familyOf)));
  return families.size === 2 ? ' and has an address of either family' : '';
}

function hostSteps(host: PlanHost, gateway: PlanHost | undefined): readonly string[] {
  const needsKey = host.nodes.length === 0;
  return [
    ...(!host.roles.includes('gateway') && gateway !== undefined
      ? [
          `here: the command line, which ${host.name} does not have, for the proof: \`scp -3 ${loginAt(gateway)}:/usr/lib/sallyport/sallyport-gateway ${stagedAt(host, 'sallyport')}\`.`,
        ]
      : []),
    ...(needsKey ? [`here: \`scp ${RESULTS}/${KEY} ${stagedAt(host)}\`.`] : []),
    ...host.nodes.map(
      (node) =>
        `${host.name}: \`${commandOn(host)} doctor --bundle /etc/sallyport/${node} --against matrix.json\`; what it calls a fault is mended first.`,
    ),
    `${host.name}: \`${commandOn(host)} doctor --from-zone ${host.zone} --against matrix.json --as ${host.name} ${signedBy(host)} --out ${host.name}.json\`.`,
  ];
}

function signedBy({ nodes: [node] }: PlanHost): string {
  return node === undefined ? `--operator-key ${KEY}` : `--bundle /etc/sallyport/${node}`;
}
