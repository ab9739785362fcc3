import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { planCommand } from '@sallyport/app-gateway/cli/plan/plan-command.ts';
import { planOrPreset } from '@sallyport/app-gateway/cli/plan/plan-preset.ts';

/** The entry of a node in a list of the site file. */
const entryOf = (text: string, node: string) =>
  new RegExp(`  - node: ${node}\\n(?:    .*\\n)+`).exec(text)?.[0] ?? '';
const hostOf = (text: string, node: string) =>
  new RegExp(`.*nodes: \\[${node}\\].*\\n`).exec(text)?.[0] ?? '';
const third = (text: string) =>
  text
    .replaceAll('edge-2', 'edge-3')
    .replaceAll('edge-b', 'edge-c')
    .replaceAll('192.0.2.12', '192.0.2.13')
    .replaceAll('::12', '::13');

type Row = readonly [
  change: string,
  apply: (text: string) => string,
  steps: readonly string[],
  shown: readonly RegExp[],
];

const RELOADS = [
  'host core-a: new bundle of gateway-1, then reload it',
  'host core-b: new bundle of gateway-2, then reload it',
];

const ROWS: readonly Row[] = [
  [
    'one more proxy',
    (text) => {
      const [entry, host] = [entryOf(text, 'edge-2'), hostOf(text, 'edge-2')];
      return text
        .replace(entry, entry + third(entry))
        .replace(host, host + third(host))
        .replace('to: [edge-1, edge-2]', 'to: [edge-1, edge-2, edge-3]');
    },
    [
      'firewall fw-3: load its rules again',
      'firewall fw-2: load its rules again',
      'firewall fw-1: load its rules again',
      'host balancer-a: load its rules again',
      'host core-a: load its rules again; new bundle of gateway-1, then reload it',
      'host core-b: load its rules again; new bundle of gateway-2, then reload it',
      'host edge-c: is new: go through checklist.md for it',
      'balancer balancer-a: new configuration, then reload it',
    ],
    [/^ {2}\+ channel: core-a .* to edge-c \(outer-dmz\) 192\.0\.2\.13, tcp 7443-7444$/m],
  ],
  [
    'one gateway less',
    (text) => text.replace(entryOf(text, 'gateway-2'), '').replace(hostOf(text, 'gateway-2'), ''),
    [
      'firewall fw-3: load its rules again',
      'firewall fw-2: load its rules again',
      'host core-a: new bundle of gateway-1, then reload it',
      'host core-b: is no longer in the plan: stop what runs there, take rules and bundles away',
      'host edge-a: load its rules again',
      'host edge-b: load its rules again',
      'host data: lets in 198.51.100.22 no longer (pg_hba.conf, then reload PostgreSQL)',
      'host sip-a: dials 198.51.100.22 port 5071 no longer',
    ],
    [/^ {2}- database: core-b \(inner-dmz\)/m, /removed: hosts\/core-b\/gateway-2\/gateway\.json/],
  ],
  [
    'another port',
    (text) => text.replace('198.51.100.21, port: 5071', '198.51.100.21, port: 5075'),
    [
      'firewall fw-3: load its rules again',
      'host core-a: load its rules again; new bundle of gateway-1, then reload it',
      'host core-b: new bundle of gateway-2, then reload it',
      'host sip-a: dials 198.51.100.21 port 5075 as well',
      'host sip-a: dials 198.51.100.21 port 5071 no longer',
    ],
    [
      /^ {2}- SIP with community main: .* tcp 5071$/m,
      /^ {2}\+ SIP with community main: .* tcp 5075$/m,
      /changed: hosts\/core-b\/gateway-2\/site\.yaml, as hosts\/core-a\/gateway-1\/site\.yaml/,
    ],
  ],
  [
    'another address',
    (text) => text.replaceAll('198.51.100.21', '198.51.100.27'),
    [
      'firewall fw-3: load its rules again',
      'firewall fw-2: load its rules again',
      'host core-a: load its rules again; new bundle of gateway-1, then reload it',
      'host core-b: new bundle of gateway-2, then reload it',
      'host edge-a: load its rules again',
      'host edge-b: load its rules again',
      'host data: lets in 198.51.100.27 (pg_hba.conf, then reload PostgreSQL)',
      'host data: lets in 198.51.100.21 no longer (pg_hba.conf, then reload PostgreSQL)',
      'host sip-a: dials 198.51.100.27 port 5071 as well',
      'host sip-a: dials 198.51.100.21 port 5071 no longer',
    ],
    [
      /^ {2}~ channel: core-a .* 198\.51\.100\.21 /m,
      /^ {4}now channel: core-a .* 198\.51\.100\.27 /m,
    ],
  ],
  [
    'a partner network',
    (text) =>
      text
        .replace('partnerPorts: [5061]', 'partnerPorts: [5061]\n  plainTcpFrom: [198.18.0.0/24]')
        .replace(
          /( +)- \{ host: 192\.0\.2\.11, port: 5061.*\n/,
          '$&$1- { host: 192.0.2.11, port: 5060, transport: tcp }\n',
        ),
    [
      'firewall fw-1: load its rules again',
      ...RELOADS,
      'host edge-a: load its rules again; new bundle of edge-1, then restart it (proxy.json)',
    ],
    [/^ {2}\+ partners connect \(plain SIP over TCP\): internet 198\.18\.0\.0\/24 to edge-a/m],
  ],
  [
    'another kind of balancer',
    (text) =>
      text
        .replace('kind: haproxy', 'kind: keepalived')
        .replace('mode: proxy-protocol', 'mode: pass-through')
        .replaceAll('proxyProtocolFrom: [192.0.2.5]', 'proxyProtocolFrom: []'),
    [
      'host balancer-a: load its rules again',
      ...RELOADS,
      'host edge-a: load its rules again; new bundle of edge-1, then restart it (proxy.json)',
      'host edge-b: load its rules again; new bundle of edge-2, then restart it (proxy.json)',
      'balancer balancer-a: new configuration, then reload it',
    ],
    [
      /removed: balancers\/balancer-a\/haproxy\.cfg/,
      /\+\+\+ b\/balancers\/balancer-a\/keepalived\.conf/,
    ],
  ],
  [
    'another name of a host',
    (text) => text.replace('name: core-b', 'name: core-x'),
    [
      'host core-b is called core-x now: load its rules and bundles from hosts/core-x; nothing there has to stop',
      'firewall fw-3: load its rules again',
      'firewall fw-2: load its rules again',
      'host core-a: new bundle of gateway-1, then reload it',
      'host edge-a: load its rules again',
      'host edge-b: load its rules again',
    ],
    [/^ {2}\+ channel: core-x \(inner-dmz\)/m],
  ],
  [
    'no IPv6',
    (text) => text.replace(/ +- \{ host: "2001.*\n/g, '').replace(/, "2001:[^"]*"/g, ''),
    [
      'firewall fw-3: load its rules again',
      'firewall fw-2: load its rules again',
      'firewall fw-1: load its rules again',
      'host balancer-a: load its rules again',
      'host core-a: load its rules again; new bundle of gateway-1, then reload it',
      'host core-b: load its rules again; new bundle of gateway-2, then reload it',
      'host edge-a: load its rules again; new bundle of edge-1, then restart it (proxy.json)',
      'host edge-b: load its rules again; new bundle of edge-2, then restart it (proxy.json)',
    ],
    [/^ {2}- partners connect \(SIP over TLS\): .* 2001:db8:1::11, tcp 5061/m],
  ],
  [
    'another network of administrators',
    (text) => text.replace('203.0.113.96/28', '203.0.113.64/28'),
    [
      'firewall fw-3: load its rules again',
      'firewall fw-2: load its rules again',
      'firewall fw-1: load its rules again',
      'host balancer-a: load its rules again',
      'host core-a: load its rules again; new bundle of gateway-1, then reload it',
      'host core-b: load its rules again; new bundle of gateway-2, then reload it',
      'host edge-a: load its rules again',
      'host edge-b: load its rules again',
    ],
    [/^ {4}now administration \(SSH\): intranet 203\.0\.113\.64\/28 to edge-a/m],
  ],
];

/** What both gateways, and nobody else, have to do. */
const bothGateways = (step: string) => [
  `host core-a: new bundle of gateway-1, then ${step}`,
  `host core-b: new bundle of gateway-2, then ${step}`,
];

/** Changes that no host outside notices; some of them no gateway before it is started anew. */
const INSIDE: readonly Row[] = [
  [
    'who gets the records, and for how long',
    (text) => `${text}\naudit: { retentionDays: 30, proxyBytesPerSecond: 2097152 }\n`,
    bothGateways('reload it'),
    [],
  ],
  [
    'no audit, and another journal',
    (text) => `${text}\naudit: { enabled: false, journalBytesMax: 536870912 }\n`,
    bothGateways('restart it (audit.enabled, audit.journalBytesMax)'),
    [],
  ],
  [
    'more connections to the database',
    (text) => text.replace('  kind: postgresql\n', '  kind: postgresql\n  connectionsMax: 9\n'),
    bothGateways('restart it (database.connectionsMax)'),
    [],
  ],
  [
    'our names in another order',
    (text) =>
      text.replace(
        'serverNames: [acme.example, sip.acme.example]',
        'serverNames: [sip.acme.example, acme.example]',
      ),
    bothGateways(
      'reload it; once it has run, its database holds "identities": change that by command',
    ),
    [],
  ],
];

describe('what a change of the site asks of people', () => {
  let scratch = '';
  let yaml = '';
  const site = () => join(scratch, 'example/site');
  const out = () => join(scratch, 'example/plan');
  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'plan-steps-'));
    const preset = { preset: 'dual-dmz', out: join(scratch, 'example') } as const;
    assert.equal((await planOrPreset(undefined, preset, Date.now)).exitCode, 0);
    yaml = readFileSync(join(site(), 'site.yaml'), 'utf8');
  });
  after(() => rmSync(scratch, { recursive: true }));

  for (const [change, apply, steps, shown] of [...ROWS, ...INSIDE]) {
    it(`${change}: ${steps.length} places, and nothing else`, async () => {
      const changed = apply(yaml);
      assert.notEqual(changed, yaml);
      writeFileSync(join(site(), 'site.yaml'), changed);
      const { exitCode, text, json } = await planCommand(
        site(),
        { out: out(), diff: true },
        Date.now,
      );
      writeFileSync(join(site(), 'site.yaml'), yaml);
      assert.equal(exitCode, 1, text);
      assert.deepEqual(json['steps'], steps);
      for (const step of steps) assert.ok(text.includes(`  ${step}\n`), step);
      for (const each of shown) assert.match(text, each);
      assert.ok(!text.includes('SHA256SUMS'));
    });
  }

  for (const [file, step] of [
    [
      'partners/example.yaml',
      'reload it; once it has run, its database holds partners/example.yaml: change that by command',
    ],
    ['communities/community-ca.crt', 'reload it'],
    ['database/ca.crt', 'restart it (database/ca.crt)'],
  ] as const) {
    it(`another ${file}: ${step}`, async () => {
      const path = join(site(), file);
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, `${text}\n# changed\n`);
      const { json } = await planCommand(site(), { out: out(), diff: true }, Date.now);
      writeFileSync(path, text);
      assert.deepEqual(json['steps'], bothGateways(step));
    });
  }

  it('another layout: every firewall and bundle, and what is gone', async () => {
    const changed = yaml
      .replace('layout: dual-dmz', 'layout: single-dmz')
      .replace('zone: outer-dmz', 'zone: dmz')
      .replace(/.*zone: inner-dmz.*\n/, '')
      .replace('203.0.113.0/25', '203.0.113.0/25, 198.51.100.0/24')
      .replace('"2001:db8:3::/64"', '"2001:db8:3::/64", "2001:db8:2::/64"')
      .replace(
        / {2}firewalls:\n(?: {4}.*\n)+/,
        '  firewalls:\n    - { name: fw-1, joins: [internet, dmz] }\n    - { name: fw-2, joins: [dmz, intranet] }\n',
      );
    writeFileSync(join(site(), 'site.yaml'), changed);
    const { text, json } = await planCommand(site(), { out: out(), diff: true }, Date.now);
    writeFileSync(join(site(), 'site.yaml'), yaml);
    const steps = (json['steps'] ?? []) as readonly string[];
    assert.ok(steps.includes('firewall fw-3: is no longer in the plan: take its rules away'), text);
    assert.ok(steps.includes('firewall fw-1: load its rules again'));
  });
});
