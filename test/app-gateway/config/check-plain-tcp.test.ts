import { describe } from 'node:test';
import { PARTNER_YAML } from '../site-fixture.ts';
import { checkTable } from './check-table.ts';

const LISTEN = 'listen: [{ host: 0.0.0.0, port: 5061 }]';
const WITH_TCP: readonly [string, string] = [
  LISTEN,
  'listen: [{ host: 0.0.0.0, port: 5061 }, { host: 0.0.0.0, port: 5060, transport: tcp }]',
];
const PLAIN = `${PARTNER_YAML}plainTcp: true\nsourceNetworks: [192.0.2.0/24]\n`;

function plainPartner(id: string, network: string): string {
  return PLAIN.replace('id: globex', `id: ${id}`)
    .replace('globex.example', `${id}.example`)
    .replace('192.0.2.0/24', network);
}

describe('plain TCP', () => {
  checkTable([
    {
      name: 'of one partner, with its networks and a listener',
      site: WITH_TCP,
      partners: [PLAIN],
      problems: [],
    },
    {
      name: 'from anywhere',
      site: WITH_TCP,
      partners: [`${PARTNER_YAML}plainTcp: true\n`],
      problems: ['error partners/globex.yaml sourceNetworks: is empty'],
    },
    {
      name: 'from every address',
      site: WITH_TCP,
      partners: [PLAIN.replace('192.0.2.0/24', '0.0.0.0/0')],
      problems: ['error partners/globex.yaml sourceNetworks[0]: means every address'],
    },
    {
      name: 'of two partners side by side',
      site: WITH_TCP,
      partners: [PLAIN, plainPartner('initech', '192.0.3.0/24')],
      problems: [],
    },
    {
      name: 'of two partners in one network',
      site: WITH_TCP,
      partners: [PLAIN, plainPartner('initech', '192.0.2.128/25')],
      problems: ['error partners/initech.yaml plainTcp: overlap with those of globex'],
    },
    {
      name: 'of a partner in the network of one with TLS alone',
      site: WITH_TCP,
      partners: [PLAIN, plainPartner('initech', '192.0.2.0/24').replace('plainTcp: true\n', '')],
      problems: [],
    },
    {
      name: 'without a partner who may',
      site: WITH_TCP,
      problems: ['warning site.yaml proxies[0].listen[1].transport: lets nobody in'],
    },
    {
      name: 'without a listener',
      partners: [PLAIN],
      problems: ['warning partners/globex.yaml plainTcp: has no effect'],
    },
    {
      name: 'that we dial alone',
      partners: [`${PLAIN}endpoints: [{ host: 192.0.2.5, port: 5060, transport: tcp }]\n`],
      problems: [],
    },
    {
      name: 'that we dial, of a partner who may not',
      partners: [`${PARTNER_YAML}endpoints: [{ host: 192.0.2.5, port: 5060, transport: tcp }]\n`],
      problems: ['error partners/globex.yaml endpoints[0].transport: plainTcp: true alone'],
    },
    {
      name: 'that we dial in a network of somebody else',
      partners: [`${PLAIN}endpoints: [{ host: 192.0.3.5, port: 5060, transport: tcp }]\n`],
      problems: ['error partners/globex.yaml endpoints[0].host: is not in sourceNetworks'],
    },
    {
      name: 'and TLS, one to fall back to',
      partners: [
        `${PLAIN}endpoints: [{ host: 192.0.2.5, port: 5061 }, { host: 192.0.2.5, port: 5060, transport: tcp }]\n`,
      ],
      problems: ['error partners/globex.yaml endpoints[1].transport: all for TLS or all for TCP'],
    },
    {
      name: 'of a partner without any key',
      site: WITH_TCP,
      partners: [PLAIN.replace('anchors: [globex.crt]', 'trustSets: []')],
      problems: [],
    },
    {
      name: 'of a partner without any key, which we dial',
      partners: [
        `${PLAIN.replace('anchors: [globex.crt]', 'trustSets: []')}endpoints: [{ host: 192.0.2.5, port: 5060, transport: tcp }]\n`,
      ],
      problems: [],
    },
    {
      name: 'of a partner without any key, which we are to dial by TLS',
      site: WITH_TCP,
      partners: [
        `${PLAIN.replace('anchors: [globex.crt]', 'trustSets: []')}endpoints: [{ host: 192.0.2.5, port: 5061 }]\n`,
      ],
      problems: ['warning partners/globex.yaml endpoints[0].transport: no key of this partner'],
    },
    {
      name: 'of a partner with keys, which we dial by TLS',
      site: WITH_TCP,
      partners: [`${PLAIN}endpoints: [{ host: sip.globex.example, port: 5061 }]\n`],
      problems: [],
    },
  ]);
});

describe('firewalls that are planned', () => {
  const network = (plainTcpFrom: string) =>
    `network: { zones: [{ zone: outer-dmz, networks: [10.0.1.0/24] }], hosts: [{ name: a, addresses: [10.0.1.5], nodes: [edge-1] }], plainTcpFrom: [${plainTcpFrom}] }\nidentities:`;
  const partners = [PLAIN.replace('[192.0.2.0/24]', '[192.0.2.0/24, 2001:db8::/48]')];
  const kept = (at: number) =>
    `warning partners/globex.yaml sourceNetworks[${at}]: keep this partner out`;
  const unused = 'warning partners/globex.yaml plainTcp: has no effect';
  checkTable(
    [
      ['192.0.2.0/24, 2001:db8::/32', []],
      ['192.0.0.0/16, 2001:db8::/48', []],
      ['192.0.2.0/25, 2001:db8::/32', [kept(0)]],
      ['192.0.2.0/24', [kept(1)]],
      ['', [kept(0), kept(1)]],
    ].map(([plainTcpFrom, problems]) => ({
      name: `let in ${String(plainTcpFrom) || 'nobody'}`,
      site: ['identities:', network(String(plainTcpFrom))] as const,
      partners,
      problems: [unused, ...(problems as readonly string[])],
    })),
  );
});
