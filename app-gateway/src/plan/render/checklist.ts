import type { NetworkPlan } from '../network-plan.ts';
import { familyOf } from '../zone-map.ts';
import { databaseSteps } from './checklist-database.ts';
import { gatewaySteps, hostSteps, preparationSteps, proxySteps } from './checklist-hosts.ts';
import { keepingSteps } from './checklist-keeping.ts';
import { balancerSteps, firewallSteps, rotationSteps } from './checklist-network.ts';
import { partnerSteps } from './checklist-partners.ts';
import { STAGE } from './checklist-place.ts';
import { proofSteps } from './checklist-proof.ts';
import type { ChecklistSite, ToldPlace } from './checklist-site.ts';
import { natWords } from './flow-words.ts';

/** What people have to do, in an order in which nothing is ever more open than it will be at the end (Markdown). */
export function checklist(plan: NetworkPlan, site: ChecklistSite): string {
  const database = databaseSteps(plan, site);
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Addresses', addressSteps(plan)],
    ['Names', nameSteps(site)],
    ['Certificates', certificateSteps(site)],
    ['What hosts need before they are shut', preparationSteps(plan)],
    ['Firewalls', firewallSteps(plan)],
    ['Hosts', hostSteps(plan, site)],
    ...(plan.balancers.length === 0 ? [] : [['Balancers', balancerSteps(plan, site)] as const]),
    ...(database.length === 0 ? [] : [['Database', database] as const]),
    ['Gateways', gatewaySteps(plan, site)],
    ['Proxies', [...proxySteps(plan, site), ...rotationSteps(plan)]],
    ['What must not get lost', keepingSteps(plan, site)],
    ['Proof', proofSteps(plan)],
    ['Partners', partnerSteps(plan)],
  ];
  const administrators = [
    ...new Set(
      plan.flows
        .filter(({ kind }) => kind === 'administration')
        .flatMap(({ from }) => from.networks),
    ),
  ];
  const text = sections.map(
    ([title, steps], at) =>
      `## ${at + 1}. ${title}\n\n${steps.map((step) => `- [ ] ${step}`).join('\n')}`,
  );
  return `${[`# Checklist of ${plan.site} (${plan.layout})`, introduction(administrators), ...text].join('\n\n')}\n`;
}

function introduction(administrators: readonly string[]): string {
  const where =
    administrators.length === 0
      ? ''
      : `, on a machine in ${administrators.join(', ')}: the rules let in SSH from nowhere else`;
  return [
    'Written by `sallyport plan`. From the inside to the outside; nobody is served before a partner is activated, which is the last step.',
    `A command after “here” is given in the folder of this file${where}, with the command line (from the project’s own folder it is \`npx sallyport\`). After the name of a host it is given there, as root, in \`${STAGE}\`, which the steps make. PACKAGES is the folder that \`npm run package\` wrote.`,
  ].join('\n');
}

function addressSteps({ hosts, flows, zones }: NetworkPlan): readonly string[] {
  const translated = flows.filter(({ nat }) => nat !== undefined);
  return [
    ...zones
      .filter(({ name }) => name !== 'internet')
      .map(({ name, networks }) => `Zone ${name}: ${networks.join(', ')}; routed as written.`),
    ...hosts.map(({ name, zone, addresses }) => `${name} (${zone}): ${addresses.join(', ')}.`),
    ...translated.map(
      (flow) =>
        `${natWords(flow)} leads to the outermost firewall, which sends it on to ${flow.to.networks.join(', ')}.`,
    ),
    'Clocks: every host asks the time servers of the plan; certificates and audit records need it.',
  ];
}

function nameSteps({ places, domains }: ChecklistSite): readonly string[] {
  const hosts = [...new Set(places.map(({ host }) => host))].filter((host) => !isAddress(host));
  const tls = places.filter(({ transport }) => transport === 'tls');
  const tcp = places.filter(({ transport }) => transport === 'tcp');
  const records = (service: string, all: readonly ToldPlace[], remark = '') =>
    domains.flatMap((domain) =>
      all
        .filter(({ host }) => !isAddress(host))
        .map(({ host, port }) => `\`${service}.${domain}. SRV 10 10 ${port} ${host}.\`${remark}`),
    );
  return [
    ...hosts.flatMap((host) => addressRecords(host, places)),
    ...records('_sips._tcp', tls),
    ...records('_sip._tcp', tcp, ' (only if partners who speak plain SIP look it up)'),
    'From outside: all of these resolve, and nothing inside does.',
  ];
}

function addressRecords(name: string, places: readonly ToldPlace[]): readonly string[] {
  const addresses = places.flatMap(({ host, addresses: own }) => (host === name ? own : []));
  if (addresses.length === 0) return [`\`${name}.\`: an address that leads to the listener.`];
  return [...new Set(addresses)]
    .toSorted((a, b) => familyOf(a) - familyOf(b))
    .map((address) => `\`${name}. ${familyOf(address) === 6 ? 'AAAA' : 'A'} ${address}\``);
}

function isAddress(host: string): boolean {
  return /^[0-9.]+$|:/.test(host);
}

function certificateSteps({ domains, places }: ChecklistSite): readonly string[] {
  const names = places.flatMap(({ host, transport }) => (transport === 'tls' ? [host] : []));
  return [
    `A certificate for ${[...new Set([...domains, ...names])].join(', ')} (RFC 5922: domains as SIP URI or DNS name), or that of the site’s own authority.`,
    'Certificates of the inner servers, and ours towards them: `communities` in `site.yaml`.',
    'The root of the site’s channels is offline: `ca/root.passphrase` lies elsewhere.',
  ];
}
