import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planOf, problems, type SiteDraft, standalone } from './site-on-a-network.ts';

const NAT = { address: '203.0.113.8', port: 5061 };

describe('a site in which something meets that must not', () => {
  const ROWS: readonly (readonly [string, (site: SiteDraft) => void, RegExp])[] = [
    [
      'overlapping networks of IPv6',
      (site) => site.network.zones[1].networks.push('2001:db8:1::/80'),
      /^network\.zones\[1\]\.networks\[1\]: 2001:db8:1::\/80 of inner-dmz overlaps 2001:db8:1::\/64 of outer-dmz/,
    ],
    [
      'overlapping networks, one of them IPv4-mapped',
      (site) => site.network.zones[1].networks.push('::ffff:10.3.4.0/120'),
      /^network\.zones\[2\]\.networks\[0\]: 10\.3\.0\.0\/16 of intranet overlaps ::ffff:10\.3\.4\.0\/120/,
    ],
    [
      'a zone that is everything',
      (site) => {
        site.network.zones[2].networks = ['0.0.0.0/0'];
      },
      /^network\.zones\[2\]\.networks\[0\]: 0\.0\.0\.0\/0 is no network of intranet/,
    ],
    [
      'a zone of link-local addresses',
      (site) => site.network.zones[0].networks.push('fe80::/10'),
      /^network\.zones\[0\]\.networks\[3\]: fe80::\/10 is no network of outer-dmz/,
    ],
    [
      'a host with a multicast address',
      (site) => site.network.hosts[0].addresses.push('224.0.0.1'),
      /^network\.hosts\[0\]\.addresses\[2\]: 224\.0\.0\.1 is no address of one host/,
    ],
    [
      'a name of two hosts',
      (site) => {
        site.network.hosts[0].names = ['sip1.acme.example'];
      },
      /^network\.hosts\[4\]\.names\[0\]: sip1\.acme\.example is a name of edge-a as well/,
    ],
    [
      'a channel at the port that partners come to',
      (site) => {
        site.proxies[0].channel = { host: '192.0.2.11', port: 5061 };
      },
      /^proxies\[0\]\.channel: edge-a cannot listen at port 5061 for channel of edge-1: it does so for partners already/,
    ],
    [
      'the same behind a listener on every address',
      (site) => {
        site.proxies[0].listen[0].host = '0.0.0.0';
        site.proxies[0].channel.port = 5061;
      },
      /^proxies\[0\]\.channel: edge-a cannot listen at port 5061/,
    ],
    [
      'a second worker’s channel at the health port',
      (site) => {
        site.proxies[0].channel = { host: '192.0.2.11', port: 8080 };
      },
      /^proxies\[0\]\.channel: edge-a cannot listen at port 8081 for channel of edge-1: it does so for health of edge-1/,
    ],
    [
      'two gateways of one host at one port',
      (site) => {
        site.network.hosts[2].nodes = ['gateway-1', 'gateway-2'];
        site.network.hosts.splice(3, 1);
      },
      /^gateways\[1\]\.inner: app-a cannot listen at port 5071 for inner servers of gateway-2/,
    ],
    [
      'administration at the channel’s port',
      (site) => {
        site.network.administration.port = 7443;
      },
      /^network\.administration\.port: edge-a cannot listen at port 7443 for SSH: it does so for channel of edge-1/,
    ],
    [
      'a listener at an address of another host',
      (site) => {
        site.proxies[1].listen[1].host = '192.0.2.11';
      },
      /^proxies\[1\]\.listen\[1\]\.host: 192\.0\.2\.11 is no address of edge-b/,
    ],
    [
      'a gateway that inner servers cannot dial',
      (site) => {
        site.gateways[0].inner.host = '127.0.0.1';
      },
      /^gateways\[0\]\.inner\.host: 127\.0\.0\.1 is reached on app-a alone, and sip-server must dial it/,
    ],
    [
      'a proxy that no partner can come to',
      (site) => {
        site.network.balancers = [];
        site.proxies[0].listen = [{ host: '127.0.0.1', port: 5061 }];
      },
      /^proxies\[0\]\.listen: edge-1 listens on addresses that its host alone reaches/,
    ],
    [
      'one public address for two listeners',
      (site) => {
        site.network.balancers = [];
        for (const proxy of site.proxies) {
          const nat = { address: '203.0.113.9', port: 5061 };
          const host = String(proxy.channel.host);
          proxy.listen = [{ host, port: 5061, nat }];
        }
      },
      /^proxies\[1\]\.listen\[0\]\.nat: 203\.0\.113\.9 port 5061 leads to another listener already/,
    ],
    [
      'a public address inside a zone',
      (site) => {
        site.network.balancers[0].nat = { address: '192.0.2.99', port: 5061 };
      },
      /^network\.balancers\[0\]\.nat: 192\.0\.2\.99 lies in outer-dmz/,
    ],
    [
      'a public address of another family',
      (site) => {
        site.network.balancers[0].nat = { address: '2001:db9::1', port: 5061 };
      },
      /^network\.balancers\[0\]\.nat: 2001:db9::1 and 192\.0\.2\.5 are not of one family/,
    ],
    [
      'a public address that is nobody’s',
      (site) => {
        site.network.balancers[0].nat = { address: '0.0.0.0', port: 5061 };
      },
      /^network\.balancers\[0\]\.nat: 0\.0\.0\.0 is no address of one host/,
    ],
    [
      'a public port that leads nowhere',
      (site) => {
        site.public.port = 5062;
      },
      /^public\.port: partners are told sip\.acme\.example port 5062, and come in by port 5061 alone/,
    ],
    [
      'an advertised port that leads nowhere',
      (site) => {
        site.proxies[1].listen[1].advertise = { host: 'b.acme.example', port: 443 };
      },
      /^proxies\[1\]\.listen\[1\]\.advertise\.port: partners are told b\.acme\.example port 443/,
    ],
    [
      'a public address that is another one',
      (site) => {
        site.public.host = '198.51.100.77';
      },
      /^public\.host: partners are told 198\.51\.100\.77, and come in by 192\.0\.2\.5, 2001:db8:1::12 alone/,
    ],
    [
      'plain partners of a family that the listener has not',
      (site) => {
        site.proxies[1].listen.push({ host: '192.0.2.12', port: 5060, transport: 'tcp' });
        site.network.plainTcpFrom = ['2001:db8:99::/48'];
      },
      /^proxies\[1\]\.listen\[2\]: internet and edge-b \(192\.0\.2\.12\) have no address of the same family/,
    ],
    [
      'plain SIP for half of everybody',
      (site) => {
        site.network.plainTcpFrom = ['0.0.0.0/1', '128.0.0.0/1'];
      },
      /^network\.plainTcpFrom\[1\]: 128\.0\.0\.0\/1 is no network of one partner/,
    ],
    [
      'plain SIP from inside',
      (site) => {
        site.network.plainTcpFrom = ['10.3.4.0/24'];
      },
      /^network\.plainTcpFrom\[0\]: 10\.3\.4\.0\/24 overlaps intranet/,
    ],
    [
      'a balancer with a proxy twice',
      (site) => {
        site.network.balancers[0].to = ['edge-1', 'edge-1'];
      },
      /^network\.balancers\[0\]\.to\[1\]: edge-1 is listed twice/,
    ],
    [
      'a balancer that sends to a gateway',
      (site) => {
        site.network.balancers[0].to = ['gateway-1'];
      },
      /^network\.balancers\[0\]\.to\[0\]: gateway-1 is no proxy/,
    ],
    [
      'a packet mover without a target of its family',
      (site) => {
        site.network.hosts[0].addresses.push('2001:db8:1::11');
        Object.assign(site.network.balancers[0], {
          kind: 'keepalived',
          mode: 'pass-through',
          to: ['edge-1'],
        });
        site.proxies[0].listen = [{ host: '2001:db8:1::11', port: 5061 }];
      },
      /^network\.balancers\[0\]\.to\[0\]: edge-1 listens on no IPv4 address, and partners dial 192\.0\.2\.5: keepalived passes packets on as they are/,
    ],
    [
      'the SIEM in the outer DMZ',
      (site) => {
        site.siem[0].host = '192.0.2.50';
      },
      /^siem: siem-192-0-2-50 \(siem\) stands in outer-dmz/,
    ],
    [
      'a directory in the outer DMZ',
      (site) => {
        Object.assign(site.network.services[0], { kind: 'directory', addresses: ['192.0.2.70'] });
      },
      /^network\.services: directory-192-0-2-70 \(directory\) stands in outer-dmz/,
    ],
    [
      'a service that stands in two zones',
      (site) => site.network.services[0].addresses.push('192.0.2.70'),
      /^network\.services\[0\]: directory stands in intranet and outer-dmz/,
    ],
    [
      'administration from everywhere',
      (site) => {
        site.network.administration.networks = ['0.0.0.0/0'];
      },
      /^network\.administration\.networks\[0\]: 0\.0\.0\.0\/0 is in no zone of this site, or not as a whole/,
    ],
    [
      'administration from more than a zone',
      (site) => {
        site.network.zones[2].networks = ['10.4.0.0/24', '10.3.0.0/16'];
        site.network.administration.networks = ['10.4.0.0/16'];
      },
      /^network\.administration\.networks\[0\]: 10\.4\.0\.0\/16 is in no zone of this site, or not as a whole/,
    ],
    [
      'administration from the proxies’ own network',
      (site) => {
        site.network.administration.networks = ['192.0.2.0/24'];
      },
      /^network\.administration\.networks\[0\]: 192\.0\.2\.0\/24 holds edge-a itself/,
    ],
    [
      'monitoring from the outer DMZ',
      (site) => {
        site.network.monitoring.networks = ['192.0.2.128/28'];
      },
      /^network\.monitoring\.networks\[0\]: 192\.0\.2\.128\/28 stands in outer-dmz, and app-a further inside/,
    ],
    [
      'a firewall that joins a zone with itself',
      (site) => {
        site.network.firewalls = [
          { name: 'a', joins: ['internet', 'internet', 'outer-dmz'] },
          { name: 'b', joins: ['outer-dmz', 'inner-dmz', 'intranet'] },
        ];
      },
      /^network\.firewalls\[0\]\.joins: a joins a zone with itself/,
    ],
    [
      'a firewall between the internet and the intranet alone',
      (site) => {
        site.network.firewalls = [
          { name: 'a', joins: ['internet', 'intranet'] },
          { name: 'b', joins: ['outer-dmz', 'inner-dmz'] },
          { name: 'c', joins: ['inner-dmz', 'intranet'] },
        ];
      },
      /^network\.firewalls: the way from internet to outer-dmz leads through intranet, .*joins internet and outer-dmz/,
    ],
    [
      'a firewall around the inner DMZ',
      (site) => {
        site.network.firewalls = [
          { name: 'a', joins: ['internet', 'outer-dmz'] },
          { name: 'b', joins: ['outer-dmz', 'intranet'] },
          { name: 'c', joins: ['inner-dmz', 'intranet'] },
        ];
      },
      /^network\.firewalls: the way from outer-dmz to inner-dmz leads through intranet/,
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
    });
  }
});

describe('a site that looks doubtful, and is fine', () => {
  const FINE: readonly (readonly [string, (site: SiteDraft) => void])[] = [
    [
      'one firewall with a leg in every zone',
      (site) => {
        const joins = ['internet', 'outer-dmz', 'inner-dmz', 'intranet'];
        site.network.firewalls = [{ name: 'all', joins }];
      },
    ],
    [
      'time from the internet',
      (site) => {
        site.network.timeServers = ['198.51.100.1'];
      },
    ],
    [
      'two listeners of one port at two addresses',
      (site) => site.proxies[1].listen.push({ host: '10.1.0.12', port: 5061, nat: NAT }),
    ],
    [
      'a public address with another port before a listener',
      (site) => {
        site.network.balancers = [];
        site.public.port = 443;
        for (const [at, proxy] of site.proxies.entries()) {
          const nat = { address: `203.0.113.${at + 1}`, port: 443 };
          const host = String(proxy.channel.host);
          proxy.listen = [{ host, port: 15_061, nat }];
        }
      },
    ],
    [
      'an advertised name of its own before one of two proxies',
      (site) => {
        site.proxies[1].listen[1].advertise = { host: 'b.acme.example', port: 5061 };
      },
    ],
    [
      'the database beside the gateways',
      (site) => {
        site.database.host = '10.2.0.30';
      },
    ],
    [
      'the directory and the SIEM on one host',
      (site) => {
        Object.assign(site.network.services[0], { kind: 'directory', addresses: ['10.3.0.50'] });
      },
    ],
    [
      'administration from the inner DMZ, beside the gateways',
      (site) => {
        site.network.administration.networks = ['10.2.0.128/28'];
      },
    ],
    [
      'plain partners of the smallest network that is taken',
      (site) => {
        site.proxies[1].listen.push({ host: '192.0.2.12', port: 5060, transport: 'tcp' });
        site.network.plainTcpFrom = ['11.0.0.0/8'];
      },
    ],
    ['proxy and gateway on one host, each with its ports', standalone],
  ];
  for (const [name, change] of FINE) {
    it(name, () => {
      const made = planOf(change);
      assert.ok(made.ok, made.ok ? '' : problems(change).join('\n'));
    });
  }
});
