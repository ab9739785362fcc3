import type { NetworkPlan } from '../network-plan.ts';
import { familyOf } from '../zone-map.ts';
import { portWords } from './flow-words.ts';

/** What gateways need before they start, and what none of our programs makes. */
export function databaseSteps({ hosts, flows }: NetworkPlan): readonly string[] {
  const own = flows.filter(({ kind }) => kind === 'database');
  return hosts
    .filter(({ roles }) => roles.includes('database'))
    .flatMap(({ name }) => {
      const [first, ...others] = own.filter(({ to }) => to.host === name);
      if (first === undefined) return [];
      const places = first.to.networks;
      const from = [first, ...others]
        .flatMap((flow) => flow.from.networks)
        .filter((address) => places.some((place) => familyOf(place) === familyOf(address)));
      return [
        `${name}: PostgreSQL answers at ${places.join(', ')} port ${portWords(first)} with TLS; its certificate stands for the name in \`database\` of \`site.yaml\`. Presets bring one: \`database/server.crt\` and \`.key\` in the site’s folder.`,
        `${name}: user and database of \`site.yaml\`, the password that of \`passwordFile\`: \`CREATE ROLE sallyport LOGIN PASSWORD …; CREATE DATABASE sallyport OWNER sallyport\`. \`pg_hba.conf\` has \`hostssl\` and \`scram-sha-256\` for ${[...new Set(from)].join(', ')}, and lets in nobody else.`,
      ];
    });
}
