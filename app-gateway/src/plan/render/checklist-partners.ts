import type { NetworkPlan } from '../network-plan.ts';
import { isPrivate } from '../zone-map.ts';
import { translations } from './translations.ts';

/** What partners have to know of the network, and what is tried before anybody is let in. */
export function partnerSteps(plan: NetworkPlan): readonly string[] {
  const origins = originsOf(plan);
  return [
    '`sallyport partner add` or a file in `partners/` for each; compare fingerprints by telephone (`docs/certificates.md`).',
    `Tell partners your public names and ports (\`sallyport partner offer\` does) and the addresses that you dial from, for their firewalls: ${origins.join(', ')}.`,
    '`sallyport partner check` against each before it is activated.',
  ];
}

/** From where partners see our proxies dial them: a private address is translated on its way out. */
function originsOf(plan: NetworkPlan): readonly string[] {
  const outermost = plan.firewalls.filter(({ joins }) => joins.includes('internet'));
  const sources = outermost.flatMap((firewall) =>
    translations(plan, firewall).sources.map((source) => ({ ...source, firewall: firewall.name })),
  );
  const own = plan.flows
    .filter(({ kind }) => kind === 'to-partners')
    .flatMap(({ from }) => from.networks);
  const seen = own.flatMap((address) => {
    if (!isPrivate(address)) return [address];
    const ways = sources.filter(({ from }) => from.includes(address));
    return ways.map(({ to, firewall }) => to ?? `the outer address of ${firewall}`);
  });
  return [...new Set(seen)];
}
