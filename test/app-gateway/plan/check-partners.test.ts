import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSite } from '@sallyport/app-gateway/config/parse-site.ts';
import { checkPartners } from '@sallyport/app-gateway/plan/check-partners.ts';
import { PARTNER_YAML, SITE_YAML } from '../site-fixture.ts';

const NETWORK = `network:
  zones: [{ zone: outer-dmz, networks: [10.0.1.0/24] }]
  hosts: [{ name: edge-a, addresses: [10.0.1.5] }]
  partnerPorts:`;

function doubts(ports: string, partner: string): readonly string[] {
  const { parsed, problems } = parseSite(
    { file: 'site.yaml', text: `${SITE_YAML}${NETWORK} ${ports}\n` },
    [{ file: 'partners/globex.yaml', text: `${PARTNER_YAML}${partner}` }],
  );
  assert.ok(parsed, JSON.stringify(problems));
  assert.deepEqual(problems, []);
  return checkPartners(parsed).map(({ severity, file, path }) => `${severity} ${file} ${path}`);
}

const LISTS = 'warning partners/globex.yaml revocation';
const ROWS: readonly (readonly [
  what: string,
  ports: string,
  partner: string,
  doubts: readonly string[],
])[] = [
  ['a partner that wants nothing', '[5061]', '', []],
  [
    'an endpoint at such a port',
    '[5061]',
    'endpoints: [{ host: sip.globex.example, port: 5061 }]',
    [],
  ],
  [
    'an endpoint at another port',
    '[5061]',
    'endpoints: [{ host: sip.globex.example, port: 5071 }]',
    ['warning partners/globex.yaml endpoints[0].port'],
  ],
  ['lists that are fetched', '[5061]', 'revocation: { mode: hard-fail }', [LISTS]],
  ['lists that are fetched on trial', '[5061]', 'trial: { revocation: soft-fail }', [LISTS]],
  ['lists that may be fetched', '[5061, 80]', 'revocation: { mode: hard-fail }', []],
  ['lists that are files', '[5061]', 'revocation: { mode: hard-fail, fetch: false }', []],
  ['a partner that is disabled', '[5061]', 'enabled: false\nrevocation: { mode: hard-fail }', []],
];

describe('what partners want that no rule allows', () => {
  for (const [what, ports, partner, expected] of ROWS) {
    it(`${what}: ${expected.length === 0 ? 'no doubt' : 'told'}`, () => {
      assert.deepEqual(doubts(ports, partner), expected);
    });
  }
});
