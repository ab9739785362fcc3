import type { NetworkPlan } from '../network-plan.ts';
import { placedNodes } from './checklist-hosts.ts';
import { stagedAt } from './checklist-place.ts';
import type { ChecklistSite } from './checklist-site.ts';
import { portWords } from './flow-words.ts';

/** Copies are kept beside the plan's folder, which is the plan's alone, until somebody carries them off. */
const KEPT = '../kept';

/** What has to lie elsewhere before anything is lost, and what proves later that nothing was removed. */
export function keepingSteps(plan: NetworkPlan, site: ChecklistSite): readonly string[] {
  const gateways = placedNodes(plan).filter(({ node }) => !site.proxies.includes(node));
  const [first] = gateways;
  if (first === undefined) return [];
  return [
    ...(site.hasLedger
      ? [
          `${first.host.name}: \`sallyport audit keys --bundle /etc/sallyport/${first.node} --out kept\`: public keys of the ledger and a checkpoint, without which nobody can prove later that nothing was removed.`,
          `here: \`scp -r ${stagedAt(first.host, 'kept')} ..\`, and from there to where nobody of this site can write (\`docs/audit.md\`); a newer checkpoint now and then.`,
        ]
      : []),
    ...siemSteps(plan, site),
    ...gateways.map(
      ({ host, node }) =>
        `${host.name}: \`sallyport backup --bundle /etc/sallyport/${node} --out ${node}.backup && sallyport restore --check ${node}.backup\`, both with the passphrase of the backup, which is kept apart from it. Now, after the first partners, and then as often as other backups.`,
    ),
    `here: \`mkdir -p ${KEPT} && scp ${gateways.map(({ host, node }) => stagedAt(host, `${node}.backup`)).join(' ')} ${KEPT}\`, and from there to where backups are kept.`,
    'The folder of the site with `ca/` and `keys/` is in a safe: backups of gateways do not have it.',
  ];
}

/** A SIEM is somebody else's: it has to be ready, and people have to see that something arrives. */
function siemSteps({ flows }: NetworkPlan, site: ChecklistSite): readonly string[] {
  const own = site.hasLedger ? flows.filter(({ kind }) => kind === 'siem') : [];
  const places = own.map((flow) => ({
    host: flow.to.host ?? flow.to.networks.join(', '),
    words: `${flow.to.networks.join(', ')} port ${portWords(flow)}`,
  }));
  return [...new Map(places.map((place) => [place.words, place])).values()].map(
    ({ host, words }) =>
      `${host}: takes syslog over TLS at ${words} (messages of up to 8192 octets), its certificate stands for the name in \`siem\` of \`site.yaml\`, and the ledger arrives from the first record on; the log of one gateway says \`siem-delivers\`, or why not.`,
  );
}
