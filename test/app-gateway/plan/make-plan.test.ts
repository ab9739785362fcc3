import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planned, problems, standalone } from './site-on-a-network.ts';

describe('the plan of a site', () => {
  it('lets through what the site needs, each conversation once', () => {
    const flows = planned().flows.map(
      ({ id, from, to }) => `${id} ${from.networks.join()} > ${to.networks.join()}`,
    );
    const any = '0.0.0.0/0,::/0';
    assert.deepEqual(flows, [
      `edge-a>internet:tcp/5061 192.0.2.11 > ${any}`,
      'edge-a>nameserver-192-0-2-53:udp/53 192.0.2.11,10.1.0.11 > 192.0.2.53',
      'edge-a>nameserver-192-0-2-53:tcp/53 192.0.2.11,10.1.0.11 > 192.0.2.53',
      `internet>edge-b:tcp/5061 ${any} > 2001:db8:1::12`,
      `edge-b>internet:tcp/5061 192.0.2.12,2001:db8:1::12 > ${any}`,
      'edge-b>nameserver-192-0-2-53:udp/53 192.0.2.12,10.1.0.12,2001:db8:1::12 > 192.0.2.53',
      'edge-b>nameserver-192-0-2-53:tcp/53 192.0.2.12,10.1.0.12,2001:db8:1::12 > 192.0.2.53',
      `internet>balancer:tcp/5061 ${any} > 192.0.2.5`,
      'balancer>edge-a:tcp/5061 192.0.2.5 > 192.0.2.11',
      'balancer>edge-a:tcp/8081 192.0.2.5 > 192.0.2.11',
      'balancer>edge-b:tcp/5061 192.0.2.5 > 192.0.2.12',
      'app-a>edge-a:tcp/7443-7444 10.2.0.21 > 10.1.0.11',
      'app-b>edge-a:tcp/7443-7444 10.2.0.22 > 10.1.0.11',
      'app-a>edge-b:tcp/7443-7444 10.2.0.21 > 10.1.0.12',
      'app-b>edge-b:tcp/7443-7444 10.2.0.22 > 10.1.0.12',
      'app-a>sip-server:tcp/5081 10.2.0.21 > 10.3.0.40',
      'app-b>sip-server:tcp/5081 10.2.0.22 > 10.3.0.40',
      'sip-server>app-a:tcp/5071 10.3.0.40 > 10.2.0.21',
      'sip-server>app-b:tcp/5071 10.3.0.40 > 10.2.0.22',
      'app-a>database-10-3-0-30:tcp/5432 10.2.0.21 > 10.3.0.30',
      'app-b>database-10-3-0-30:tcp/5432 10.2.0.22 > 10.3.0.30',
      'app-a>siem-10-3-0-50:tcp/6514 10.2.0.21 > 10.3.0.50',
      'app-b>siem-10-3-0-50:tcp/6514 10.2.0.22 > 10.3.0.50',
      'edge-a>time-server-192-0-2-60:udp/123 192.0.2.11,10.1.0.11 > 192.0.2.60',
      'edge-b>time-server-192-0-2-60:udp/123 192.0.2.12,10.1.0.12,2001:db8:1::12 > 192.0.2.60',
      'app-a>time-server-10-3-0-60:udp/123 10.2.0.21 > 10.3.0.60',
      'app-a>time-server-192-0-2-60:udp/123 10.2.0.21 > 192.0.2.60',
      'app-b>time-server-10-3-0-60:udp/123 10.2.0.22 > 10.3.0.60',
      'app-b>time-server-192-0-2-60:udp/123 10.2.0.22 > 192.0.2.60',
      'balancer>time-server-192-0-2-60:udp/123 192.0.2.5 > 192.0.2.60',
      'app-a>service-10-3-0-70:tcp/636 10.2.0.21 > 10.3.0.70',
      'app-b>service-10-3-0-70:tcp/636 10.2.0.22 > 10.3.0.70',
      'intranet>edge-a:tcp/22 10.3.9.0/24 > 192.0.2.11,10.1.0.11',
      'intranet>edge-b:tcp/22 10.3.9.0/24 > 192.0.2.12,10.1.0.12,2001:db8:1::12',
      'intranet>app-a:tcp/22 10.3.9.0/24 > 10.2.0.21',
      'intranet>app-b:tcp/22 10.3.9.0/24 > 10.2.0.22',
      'intranet>balancer:tcp/22 10.3.9.0/24 > 192.0.2.5',
      'intranet>edge-a:tcp/8081 10.3.8.0/24 > 192.0.2.11',
    ]);
  });

  it('says of each what it is for, to programs and to people', () => {
    const { flows } = planned((site) => {
      site.network.plainTcpFrom = ['198.51.100.0/24'];
      site.proxies[1].listen.push({ host: '192.0.2.12', port: 5060, transport: 'tcp' });
      site.network.services = [
        {
          name: 'people',
          kind: 'directory',
          addresses: ['10.3.0.70'],
          port: 636,
          usedBy: 'gateways',
        },
        { name: 'lists', kind: 'web', addresses: ['198.51.100.80'], port: 80, usedBy: 'proxies' },
        { name: 'administration', addresses: ['10.3.0.71'], port: 9000, usedBy: 'gateways' },
      ];
    });
    const kinds = flows.map(({ id, kind, purpose }) => `${id}: ${kind}: ${purpose}`);
    for (const expected of [
      'internet>balancer:tcp/5061: partners: partners connect (SIP over TLS)',
      'internet>edge-b:tcp/5060: partners-plain: partners connect (plain SIP over TCP)',
      'edge-a>internet:tcp/5061: to-partners: we connect to partners',
      'balancer>edge-a:tcp/5061: balancer: balancer connects and checks',
      'balancer>edge-a:tcp/8081: health: balancer asks for health',
      'app-a>edge-a:tcp/7443-7444: channel: channel',
      'app-a>sip-server:tcp/5081: signalling-inside: SIP with community main',
      'sip-server>app-a:tcp/5071: signalling-inside: SIP with community main',
      'app-a>database-10-3-0-30:tcp/5432: database: database',
      'app-a>siem-10-3-0-50:tcp/6514: siem: audit ledger to the SIEM',
      'edge-a>nameserver-192-0-2-53:udp/53: dns: DNS',
      'edge-a>time-server-192-0-2-60:udp/123: time: time',
      'intranet>edge-a:tcp/22: administration: administration (SSH)',
      'intranet>edge-a:tcp/8081: monitoring: health and metrics',
      'app-a>directory-10-3-0-70:tcp/636: directory: people',
      'edge-a>service-198-51-100-80:tcp/80: web: lists',
      'app-a>service-10-3-0-71:tcp/9000: service: administration',
    ]) {
      assert.ok(kinds.includes(expected), `${expected} in\n${kinds.join('\n')}`);
    }
  });

  it('joins no two flows of different kinds', () => {
    const { flows } = planned((site) => {
      site.network.services = [
        {
          name: 'people',
          kind: 'directory',
          addresses: ['10.3.0.50'],
          port: 6514,
          usedBy: 'gateways',
        },
      ];
    });
    assert.deepEqual(
      flows
        .filter(({ from, to }) => from.host === 'app-a' && to.host === 'siem-10-3-0-50')
        .map(({ id, kind }) => `${id} ${kind}`),
      ['app-a>siem-10-3-0-50:tcp/6514 siem', 'app-a>siem-10-3-0-50:tcp/6514#2 directory'],
    );
  });

  it('lets nothing in through the inner firewall that a proxy begins', () => {
    const { firewalls } = planned();
    const inwards = firewalls
      .filter(({ name }) => name !== 'firewall-1')
      .flatMap(({ crossings }) => crossings)
      .filter(({ from }) => from === 'internet' || from === 'outer-dmz');
    assert.deepEqual(inwards, []);
  });

  it('lets proxies dial where the site asks for it, and only the channel', () => {
    const { flows, firewalls } = planned((site) => {
      site.channel = { dial: 'outside-in' };
      for (const proxy of site.proxies) delete proxy.channel;
      site.gateways[0].channel = { host: '10.2.0.21', port: 7443 };
      site.gateways[1].channel = { host: '10.2.0.22', port: 7443 };
    });
    const channels = flows.filter(({ kind }) => kind === 'channel');
    assert.deepEqual(
      channels.map(({ id }) => id),
      [
        'edge-a>app-a:tcp/7443',
        'edge-b>app-a:tcp/7443',
        'edge-a>app-b:tcp/7443',
        'edge-b>app-b:tcp/7443',
      ],
    );
    const inwards = firewalls[1]?.crossings.filter(({ from }) => from === 'outer-dmz');
    assert.deepEqual(
      inwards?.map(({ flowId }) => flowId),
      channels.map(({ id }) => id),
    );
  });

  it('has packets moved to the listener of their own family, and partners of the other come themselves', () => {
    const { flows, balancers } = planned((site) => {
      Object.assign(site.network.balancers[0], { kind: 'nftables', mode: 'pass-through' });
      site.network.balancers[0].to = ['edge-2'];
      site.proxies[1].listen = [
        { host: '2001:db8:1::12', port: 5061 },
        { host: '192.0.2.12', port: 5061 },
      ];
    });
    assert.deepEqual(
      balancers[0]?.targets.map(({ address }) => address),
      ['192.0.2.12'],
    );
    const own = flows.find(({ id }) => id.startsWith('internet>edge-b:tcp/5061'));
    assert.deepEqual(own?.to.networks, ['2001:db8:1::12']);
  });

  it('has HAProxy connect to a proxy of the other family, as it connects anew', () => {
    const { balancers } = planned((site) => {
      site.network.balancers[0].addresses.push('2001:db8:1::5');
      site.network.balancers[0].to = ['edge-2'];
      site.proxies[1].listen = [
        { host: '2001:db8:1::12', port: 5061, proxyProtocolFrom: ['2001:db8:1::5'] },
      ];
    });
    assert.deepEqual(
      balancers[0]?.targets.map(({ address }) => address),
      ['2001:db8:1::12'],
    );
  });

  it('takes partners through a balancer that moves packets, and opens no firewall for the proxy behind it', () => {
    const { flows, firewalls } = planned((site) => {
      site.network.balancers[0].kind = 'keepalived';
      site.network.balancers[0].mode = 'pass-through';
      site.network.balancers[0].to = ['edge-1'];
      site.proxies[0].listen[0].proxyProtocolFrom = [];
    });
    const direct = flows.find(({ via }) => via === 'balancer');
    assert.equal(direct?.id, 'internet>edge-a@balancer:tcp/5061');
    const crossing = firewalls.flatMap(({ crossings }) => crossings.map(({ flowId }) => flowId));
    assert.equal(crossing.includes(direct?.id ?? ''), false);
  });

  const TURNED_AWAY = /^network\.balancers\[0\]\.to\[0\]: balancer may connect from 192\.0\.2\.7,/;
  //  where else the balancer is, and whose header the proxy takes: what is said
  const beside: readonly (readonly [string[], string[], RegExp | undefined])[] = [
    [['192.0.2.7'], ['192.0.2.5'], TURNED_AWAY],
    [['192.0.2.7'], ['192.0.2.5', '192.0.2.7'], undefined],
    [['192.0.2.7'], ['192.0.2.5', '192.0.2.4/30'], undefined],
    // Not on the wire of the proxy's listener: it is not dialled from there.
    [['10.1.0.7', '2001:db8:1::7'], ['192.0.2.5'], undefined],
  ];
  for (const [more, from, expected] of beside) {
    it(`${expected ? 'warns of' : 'has nothing against'} ${more.join()} beside 192.0.2.5, with headers from ${from.join()}`, () => {
      const found = problems((site) => {
        site.network.balancers[0].addresses.push(...more);
        site.network.balancers[0].to = ['edge-1'];
        site.proxies[0].listen[0].proxyProtocolFrom = from;
      }).filter((text) => text.includes('may connect from'));
      assert.equal(found.length, expected === undefined ? 0 : 1);
      if (expected) assert.match(found[0] ?? '', expected);
    });
  }

  it('keeps public and translated address apart', () => {
    const { flows } = planned((site) => {
      site.network.balancers = [];
      site.proxies[0].listen = [
        { host: '10.1.0.11', port: 15_061, nat: { address: '203.0.113.9', port: 5061 } },
      ];
    });
    const partners = flows.find(({ id }) => id === 'internet>edge-a:tcp/15061');
    assert.deepEqual(partners?.nat, { address: '203.0.113.9', port: 5061 });
    assert.deepEqual(partners?.to.networks, ['10.1.0.11']);
  });

  it('opens a plain listener to the named networks alone', () => {
    const { flows } = planned((site) => {
      site.proxies[1].listen.push({ host: '192.0.2.12', port: 5060, transport: 'tcp' });
      site.network.plainTcpFrom = ['198.51.100.0/24'];
    });
    const plain = flows.find(({ id }) => id === 'internet>edge-b:tcp/5060');
    assert.deepEqual(plain?.from.networks, ['198.51.100.0/24']);
  });

  it('needs no firewall between programs of one host', () => {
    const plan = planned(standalone);
    assert.deepEqual(
      plan.flows.filter(({ kind }) => kind === 'channel'),
      [],
    );
    assert.deepEqual(
      plan.firewalls.map(({ joins }) => joins.join()),
      ['internet,dmz', 'dmz,intranet'],
    );
  });

  it('says what is doubtful', () => {
    assert.deepEqual(
      problems((site) => {
        site.nameservers = [];
      }),
      [
        'nameservers: is empty: proxies ask whatever server their host is set to, and no rule lets them; name the servers',
      ],
    );
  });

  it('is the same whenever it is made', () => {
    assert.deepEqual(planned(), planned());
  });
});
