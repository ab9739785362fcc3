import type { NetworkPlan, PlanHost } from '../network-plan.ts';
import { commandOn, ownHosts } from './checklist-hosts.ts';
import { loginAt, STAGE, stagedAt } from './checklist-place.ts';

/** Results are kept beside the plan's folder, which is the plan's alone. */
const RESULTS = '../proof';

/** Every host looks at itself and around itself; what they saw becomes one document. */
export function proofSteps(plan: NetworkPlan): readonly string[] {
  const own = ownHosts(plan);
  const gateway = own.find(({ roles }) => roles.includes('gateway'));
  const gatewayNode = gateway?.nodes.at(-1) ?? '';
  return [
    ...own.flatMap((host) => [
      ...(!host.roles.includes('gateway') && gateway !== undefined
        ? [
            `here: the command line, which ${host.name} does not have, for the proof: \`scp -3 ${loginAt(gateway)}:/usr/lib/sallyport/sallyport-gateway ${stagedAt(host, 'sallyport')}\`.`,
          ]
        : []),
      ...host.nodes.map(
        (node) =>
          `${host.name}: \`${commandOn(host)} doctor --bundle /etc/sallyport/${node}\`; what it calls a fault is mended first.`,
      ),
      `${host.name}: \`${commandOn(host)} doctor --from-zone ${host.zone} --against matrix.json --as ${host.name} ${signedBy(host)} --out ${host.name}.json\`.`,
    ]),
    'From a machine in the internet and one in each zone: the same with its `--from-zone`, without `--as`, signed by an operator (`--operator-key FILE`).',
    `here: \`mkdir -p ${RESULTS}\`, and the results into it: ${own.map((host) => `\`scp ${stagedAt(host, `${host.name}.json`)} ${RESULTS}\``).join(', ')}.`,
    `here: \`sallyport doctor --report ${own.map(({ name }) => `${RESULTS}/${name}.json`).join(' ')} --against matrix.json --keys hosts/${gateway?.name}/${gatewayNode}/witnesses.json --out ${RESULTS}/proof.html\`, with the other machines’ results and \`--keys OPERATOR.pub\`; keep it with the date.`,
    'Counters of the firewalls: `nft list counters table inet sallyport`; what the doctor tried in vain has risen there.',
    `${own.map(({ name }) => name).join(', ')}: \`rm -r ${STAGE}\`, with the command line and the copies.`,
  ];
}

function signedBy({ nodes: [node] }: PlanHost): string {
  return node === undefined ? '--operator-key FILE' : `--bundle /etc/sallyport/${node}`;
}
