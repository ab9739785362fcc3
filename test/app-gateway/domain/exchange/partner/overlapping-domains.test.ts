import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { overlappingDomains } from '@sallyport/app-gateway/domain/exchange/partner/overlapping-domains.ts';
import { settings } from '../exchange-fixture.ts';

const hosted = (certificate: string, ...domains: string[]) => [{ certificate, domains }];
const known = [
  {
    id: 'globex',
    settings: settings({
      domains: ['globex.example', 'two.example'],
      delegations: hosted('host.example', 'two.example'),
    }),
  },
];

const rows = [
  ['other domains', { domains: ['initech.example'] }, undefined],
  ['a domain below', { domains: ['sub.globex.example'] }, undefined],
  ['the same domain', { domains: ['initech.example', 'two.example'] }, 'two.example globex'],
  ['a host of theirs', { domains: ['host.example'] }, 'host.example globex'],
  ['our domain', { domains: ['acme.example'] }, 'acme.example ourselves'],
  [
    'the same host for both',
    { domains: ['i.example'], delegations: hosted('host.example', 'i.example') },
    'host.example globex',
  ],
  [
    'their domain as host',
    { domains: ['i.example'], delegations: hosted('globex.example', 'i.example') },
    'globex.example globex',
  ],
  [
    'our domain as host',
    { domains: ['i.example'], delegations: hosted('acme.example', 'i.example') },
    'acme.example ourselves',
  ],
  [
    'a host of its own',
    { domains: ['i.example'], delegations: hosted('h.example', 'i.example') },
    undefined,
  ],
] as const;

describe('every name has one owner', () => {
  for (const [what, change, expected] of rows) {
    it(`${what}: ${expected ?? 'free'}`, () => {
      const refusal = overlappingDomains({ id: 'initech', settings: settings(change) }, known, [
        'acme.example',
      ]);
      const names = refusal && [refusal.detail['domain'], refusal.detail['owner']].join(' ');
      assert.equal(names, expected);
      if (refusal !== undefined) assert.equal(refusal.detail['claimant'], 'initech');
    });
  }

  it('without regard to case or a final dot', () => {
    const shouting = { ...settings(), domains: ['GLOBEX.example.'] };
    const refusal = overlappingDomains({ id: 'initech', settings: shouting }, known, []);
    assert.equal(refusal?.code, 'domains-overlap');
  });

  it('a partner does not overlap with itself', () => {
    assert.equal(known[0] && overlappingDomains(known[0], known, []), undefined);
  });

  it('only own domains are delegated', () => {
    const change = { domains: ['i.example'], delegations: hosted('h.example', 'j.example') };
    const refusal = overlappingDomains({ id: 'initech', settings: settings(change) }, [], []);
    assert.equal(refusal?.code, 'delegation-not-own');
  });
});
