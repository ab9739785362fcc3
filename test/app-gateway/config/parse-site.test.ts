import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { filesNamedBy, parseSite } from '@sallyport/app-gateway/config/parse-site.ts';
import { PARTNER_YAML, SITE_YAML } from '../site-fixture.ts';

function problems(site: string, partner = PARTNER_YAML): readonly string[] {
  return parseSite({ file: 'site.yaml', text: site }, [
    { file: 'partners/globex.yaml', text: partner },
  ]).problems.map(({ file, line, path, message }) => `${file}:${line} ${path}: ${message}`);
}

describe('parsing the files of a site', () => {
  it('finds nothing wrong with a right one', () => {
    assert.deepEqual(problems(SITE_YAML), []);
  });

  const rows: readonly (readonly [name: string, from: string, to: string, problem: string])[] = [
    [
      'unknown setting',
      'name: acme',
      'name: acme\nnmae: x',
      'site.yaml:2 nmae: is no known setting; check the spelling',
    ],
    [
      'unknown nested setting',
      'port: 7443 }',
      'port: 7443, prot: 1 }',
      'site.yaml:10 proxies[0].channel.prot: is no known setting; check the spelling',
    ],
    ['missing setting', 'layout: dual-dmz\n', '', 'site.yaml:1 layout: is missing'],
    ['missing nested setting', 'id: staff\n    ', '', 'site.yaml:15 communities[0].id: is missing'],
    [
      'wrong type',
      'port: 7443',
      'port: many',
      'site.yaml:10 proxies[0].channel.port: must be a number',
    ],
    [
      'fraction',
      'port: 7443',
      'port: 7443.5',
      'site.yaml:10 proxies[0].channel.port: must be a whole number',
    ],
    [
      'out of range',
      'port: 7443',
      'port: 65536',
      'site.yaml:10 proxies[0].channel.port: must be at most 65535',
    ],
    [
      'empty list',
      'domains: [acme.example]\npublic',
      'domains: []\npublic',
      'site.yaml:3 domains: must have at least 1 entry',
    ],
    [
      'choice',
      'layout: dual-dmz',
      'layout: none',
      'site.yaml:2 layout: must be one of: dual-dmz, single-dmz, standalone',
    ],
    [
      'wildcard domain',
      'domains: [acme.example]\npublic',
      'domains: ["*.example"]\npublic',
      'site.yaml:3 domains[0]: is no domain name (letters, digits, hyphens; xn-- form; no wildcard)',
    ],
    [
      'path upwards',
      'identities/main.crt, key',
      '../main.crt, key',
      'site.yaml:6 identities[0].chain: must be a relative path without "..": a site is one folder',
    ],
    [
      'duplicate key',
      'layout: dual-dmz',
      'layout: dual-dmz\nlayout: single-dmz',
      'site.yaml:3 : not valid YAML: layout stands here a second time',
    ],
  ];
  for (const [name, from, to, problem] of rows) {
    it(`says what is wrong, and on which line: ${name}`, () => {
      assert.ok(SITE_YAML.includes(from));
      assert.deepEqual(problems(SITE_YAML.replace(from, to)), [problem]);
    });
  }

  const partnerRows: readonly (readonly [name: string, line: string, path: string])[] = [
    ['network', 'sourceNetworks: [10.0.0.0/33]', 'sourceNetworks[0]'],
    ['host bits', 'sourceNetworks: [10.0.0.1/24]', 'sourceNetworks[0]'],
    ['pin', 'pins: [AAAA]', 'pins[0]'],
    ['event package', 'eventPackages: ["a b"]', 'eventPackages[0]'],
    ['rate', 'messagesPerSecond: 0', 'messagesPerSecond'],
    ['endpoint', 'endpoints: [{ host: "a b", port: 1 }]', 'endpoints[0].host'],
    ['keep-alive', 'keepAliveMs: 10', 'keepAliveMs'],
    ['namespace', 'priorityNamespaces: [dsn.flash]', 'priorityNamespaces[0]'],
  ];
  for (const [name, line, path] of partnerRows) {
    it(`refuses a partner with a wrong ${name}`, () => {
      const [problem = '', ...others] = problems(SITE_YAML, `${PARTNER_YAML}${line}\n`);
      assert.deepEqual(others, []);
      assert.ok(problem.startsWith(`partners/globex.yaml:5 ${path}: `), problem);
    });
  }

  it('has no default for what opens a door', () => {
    assert.deepEqual(problems(SITE_YAML, 'id: globex\n'), [
      'partners/globex.yaml:1 domains: is missing',
      'partners/globex.yaml:1 methods: is missing',
      'partners/globex.yaml:1 anchors: is missing',
    ]);
  });

  it('finds the problems of the partners when the site file is broken', () => {
    assert.equal(problems('name: [', 'id: globex\n').length > 3, true);
  });

  it('knows the files that are named, from the folder of the file that names them', () => {
    const { parsed } = parseSite({ file: 'site.yaml', text: SITE_YAML }, [
      { file: 'partners/globex.yaml', text: PARTNER_YAML },
    ]);
    assert.ok(parsed);
    assert.deepEqual(filesNamedBy(parsed), [
      'identities/main.crt',
      'identities/main.key',
      'communities/ca.crt',
      'partners/globex.crt',
    ]);
  });
});
