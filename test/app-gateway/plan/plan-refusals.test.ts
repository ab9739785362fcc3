import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planOf, problems, type SiteDraft, standalone } from './site-on-a-network.ts';

describe('a site that cannot be planned, or should not', () => {
  const ROWS: readonly (readonly [string, (site: SiteDraft) => void, RegExp])[] = [
    ['without a network', (site) => delete site.network, /^network: is missing/],
    [
      'the database in the outer DMZ',
      (site) => {
        site.database.host = '192.0.2.30';
      },
      /^database\.host: database-192-0-2-30 \(database\) stands in outer-dmz/,
    ],
    [
      'the database in the internet',
      (site) => {
        site.database.host = '198.51.100.30';
      },
      /^database\.host: .* stands in no zone of this site/,
    ],
    [
      'a proxy in the intranet',
      (site) => {
        site.network.hosts[0].addresses = ['10.3.0.11'];
      },
      /^network\.hosts\[0\]: edge-a has a proxy and stands in intranet/,
    ],
    [
      'a gateway in the outer DMZ',
      (site) => {
        site.network.hosts[2].addresses = ['192.0.2.21'];
      },
      /^network\.hosts\[2\]: app-a has a gateway and stands in outer-dmz/,
    ],
    [
      'a proxy and a gateway on one host',
      (site) => {
        site.network.hosts[2].nodes.push('edge-1');
        site.network.hosts[0].nodes = [];
      },
      /^network\.hosts\[2\]: app-a has a proxy and a gateway/,
    ],
    [
      'standalone with the gateway elsewhere',
      (site) => {
        standalone(site);
        site.network.hosts[0].nodes = ['edge-1'];
      },
      /^network\.hosts\[0\]: edge-a has only one of proxy and gateway/,
    ],
    [
      'overlapping networks of two zones',
      (site) => site.network.zones[1].networks.push('10.3.4.0/24'),
      /^network\.zones\[2\]\.networks\[0\]: 10\.3\.0\.0\/16 of intranet overlaps 10\.3\.4\.0\/24 of inner-dmz/,
    ],
    [
      'a host with legs in two zones',
      (site) => site.network.hosts[2].addresses.push('10.3.0.21'),
      /^network\.hosts\[2\]\.addresses: app-a stands in inner-dmz and intranet/,
    ],
    [
      'a private listener without a public address',
      (site) => {
        site.network.balancers = [];
        site.proxies[0].listen[0] = { host: '10.1.0.11', port: 5061 };
      },
      /^proxies\[0\]\.listen\[0\]: 10\.1\.0\.11 is private, so no partner can address it/,
    ],
    [
      'a private balancer without a public address',
      (site) => {
        site.network.balancers[0].addresses = ['10.1.0.5'];
        site.network.balancers[0].listen.address = '10.1.0.5';
        for (const { listen } of site.proxies) listen[0].proxyProtocolFrom = ['10.1.0.5'];
      },
      /^network\.balancers\[0\]: 10\.1\.0\.5 is private/,
    ],
    [
      'a balancer that the proxy takes for a partner',
      (site) => {
        site.proxies[0].listen[0].proxyProtocolFrom = [];
      },
      /^network\.balancers\[0\]\.to\[0\]: no listener of edge-1 has proxyProtocolFrom/,
    ],
    [
      'HAProxy that hides partners',
      (site) => {
        site.network.balancers[0].mode = 'pass-through';
      },
      /^network\.balancers\[0\]\.mode: HAProxy hides/,
    ],
    [
      'a packet mover that should write headers',
      (site) => {
        site.network.balancers[0].kind = 'keepalived';
      },
      /^network\.balancers\[0\]\.mode: keepalived moves packets/,
    ],
    [
      'a plain listener for everyone',
      (site) => site.proxies[1].listen.push({ host: '192.0.2.12', port: 5060, transport: 'tcp' }),
      /^proxies\[1\]\.listen\[2\]: is plain SIP over TCP, and network\.plainTcpFrom is empty/,
    ],
    [
      'a server that is only a name',
      (site) => {
        site.network.hosts[4].names = [];
      },
      /^communities\[0\]\.hosts\[0\]: sip1\.acme\.example is a name, and a firewall needs addresses/,
    ],
    [
      'a channel address of another host',
      (site) => {
        site.proxies[0].channel.host = '10.1.0.99';
      },
      /^proxies\[0\]\.channel\.host: 10\.1\.0\.99 is no address of edge-a/,
    ],
    [
      'a channel that only its own host reaches',
      (site) => {
        site.proxies[0].channel.host = '127.0.0.1';
      },
      /^proxies\[0\]\.channel\.host: 127\.0\.0\.1 is reached on edge-a alone/,
    ],
    [
      'families that do not meet',
      (site) => {
        site.proxies[1].channel.host = '2001:db8:1::12';
      },
      /^proxies\[1\]\.channel\.host: app-a \(10\.2\.0\.21\) and edge-b \(2001:db8:1::12\) have no address of the same family/,
    ],
    [
      'a name server that one proxy cannot address',
      (site) => {
        site.network.hosts[0].addresses = ['192.0.2.11'];
        site.nameservers = ['2001:db8:1::53'];
      },
      /^nameservers\[0\]: edge-a \(192\.0\.2\.11\) and nameserver-2001-db8-1-53 \(2001:db8:1::53\) have no address of the same family \(IPv4, IPv6\), so DNS cannot be$/,
    ],
    [
      'proxies that ask a name server inside',
      (site) => {
        site.nameservers = ['10.3.0.53'];
      },
      /^nameservers\[0\]: edge-a in outer-dmz would reach nameserver-10-3-0-53 in intranet for DNS/,
    ],
    [
      'proxies without a time server outside',
      (site) => {
        site.network.timeServers = ['10.3.0.60'];
      },
      /^network\.timeServers: edge-a has none/,
    ],
    [
      'a service inside that proxies use',
      (site) => {
        site.network.services[0].usedBy = 'all';
      },
      /^network\.services\[0\]: edge-a in outer-dmz would reach service-10-3-0-70 in intranet for directory/,
    ],
    [
      'administration from the internet',
      (site) => {
        site.network.administration.networks = ['198.51.100.0/24'];
      },
      /^network\.administration\.networks\[0\]: 198\.51\.100\.0\/24 is in no zone/,
    ],
    [
      'a node on no host',
      (site) => {
        site.network.hosts[3].nodes = [];
      },
      /^network\.hosts: none has gateway-2 among its nodes/,
    ],
    [
      'a node on two hosts',
      (site) => site.network.hosts[3].nodes.push('gateway-1'),
      /^network\.hosts\[3\]\.nodes\[1\]: gateway-1 runs on another host already/,
    ],
    [
      'an unknown node',
      (site) => (site.network.hosts[4].nodes = ['gateway-9']),
      /^network\.hosts\[4\]\.nodes\[0\]: gateway-9 is no proxy and no gateway/,
    ],
    [
      'two hosts with one address',
      (site) => site.network.hosts[3].addresses.push('10.2.0.21'),
      /^network\.hosts\[3\]\.addresses\[1\]: 10\.2\.0\.21 is an address of app-a/,
    ],
    [
      'a host of loopback',
      (site) => {
        site.network.hosts[3].addresses = ['127.0.0.1'];
      },
      /^network\.hosts\[3\]\.addresses\[0\]: 127\.0\.0\.1 is reached on the host alone/,
    ],
    [
      'a zone that the layout has not',
      (site) => site.network.zones.push({ zone: 'dmz', networks: ['10.4.0.0/24'] }),
      /^network\.zones\[3\]\.zone: layout dual-dmz has no dmz/,
    ],
    ['a zone too few', (site) => site.network.zones.pop(), /^network\.zones: intranet is missing/],
    [
      'a zone that no firewall leads to',
      (site) => {
        site.network.firewalls = [{ name: 'outer', joins: ['internet', 'outer-dmz'] }];
      },
      /^network\.firewalls: none leads from the internet to inner-dmz/,
    ],
    [
      'a firewall with an interface of no leg',
      (site) => {
        site.network.firewalls = [
          {
            name: 'all',
            joins: ['internet', 'outer-dmz', 'inner-dmz'],
            interfaces: { intranet: 'eth3' },
          },
          { name: 'inner', joins: ['inner-dmz', 'intranet'] },
        ];
      },
      /^network\.firewalls\[0\]\.interfaces: all does not join intranet/,
    ],
  ];
  for (const [name, change, expected] of ROWS) {
    it(name, () => {
      assert.equal(planOf(change).ok, false);
      const found = problems(change);
      assert.ok(
        found.some((problem) => expected.test(problem)),
        found.join('\n'),
      );
      assert.equal(new Set(found).size, found.length, found.join('\n'));
    });
  }

  it('is warned of, and planned, where its public address is private: partners on lines of its own', () => {
    const change = (site: SiteDraft) => {
      site.network.balancers[0].nat = { address: '10.9.9.9', port: 5061 };
    };
    assert.equal(planOf(change).ok, true);
    const [found = ''] = problems(change);
    assert.match(found, /^network\.balancers\[0\]\.nat: 10\.9\.9\.9 is private itself: nobody in/);
  });

  it('is told every reason at once', () => {
    const found = problems((site) => {
      site.database.host = '192.0.2.30';
      site.nameservers = ['10.3.0.53'];
      site.network.balancers[0].mode = 'pass-through';
    });
    assert.ok(found.length >= 3, found.join('\n'));
  });

  it('is told of hosts and of flows at once, and once of each', () => {
    const found = problems((site) => {
      site.network.hosts[3].nodes = [];
      site.database.host = '192.0.2.30';
      site.network.monitoring.networks = ['192.0.2.0/24'];
      site.public.port = 443;
    });
    assert.equal(new Set(found).size, found.length, found.join('\n'));
    for (const path of ['network.hosts:', 'database.host:', 'network.monitoring', 'public.port:']) {
      assert.equal(found.filter((each) => each.startsWith(path)).length, 1, found.join('\n'));
    }
  });
});
