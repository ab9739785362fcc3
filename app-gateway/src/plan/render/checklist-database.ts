import type { NetworkPlan } from '../network-plan.ts';
import { familyOf } from '../zone-map.ts';
import type { ChecklistSite } from './checklist-site.ts';
import { portWords } from './flow-words.ts';

const USUAL = { database: 'sallyport', user: 'sallyport' };

/** What gateways need before they start, and what none of our programs makes. */
export function databaseSteps(
  { hosts, flows }: NetworkPlan,
  { database: names = USUAL }: Pick<ChecklistSite, 'database'>,
): readonly string[] {
  const { database, user } = names;
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
      const lines = [...new Set(from)].map(
        (address) =>
          `\`hostssl ${database} ${user} ${address}/${familyOf(address) === 6 ? 128 : 32} scram-sha-256\``,
      );
      return [
        `${name}: PostgreSQL answers at ${places.join(', ')} port ${portWords(first)} with TLS (\`listen_addresses\`, \`ssl_cert_file\`, \`ssl_key_file\`); its certificate stands for the name in \`database\` of \`site.yaml\`. Presets bring one: \`database/server.crt\` and \`.key\` in the site’s folder.`,
        `${name}: in \`psql\`, with the password that is in \`passwordFile\`: \`CREATE ROLE "${user}" LOGIN PASSWORD 'PASSWORD';\` and \`CREATE DATABASE "${database}" OWNER "${user}" ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;\`.`,
        `${name}: \`pg_hba.conf\` lets in over the network ${lines.join(' and ')}, and nobody else; then \`systemctl restart postgresql\`.`,
      ];
    });
}
