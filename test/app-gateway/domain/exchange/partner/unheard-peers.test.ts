import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkOpenings } from '@sallyport/app-gateway/domain/exchange/partner/unheard-peers.ts';
import { ann, codeOf, olga, settings } from '../exchange-fixture.ts';

const plain = (change: Record<string, unknown> = {}) =>
  settings({ plainTcp: true, sourceNetworks: ['192.0.2.0/24'], ...change });
const delegated = (...domains: string[]) =>
  settings({ domains, delegations: [{ certificate: 'host.example', domains }] });

describe('who is let in without a key that two people heard', () => {
  const rows = [
    ['a partner with keys', undefined, settings(), undefined],
    [
      'of one with keys, networks and domains',
      settings(),
      settings({ domains: ['g.example'], sourceNetworks: ['192.0.2.0/24'] }),
      undefined,
    ],
    ['a partner without TLS', undefined, plain(), 'plainTcp'],
    ['TLS is taken from it', settings({ sourceNetworks: ['192.0.2.0/24'] }), plain(), 'plainTcp'],
    [
      'without TLS, another network',
      plain(),
      plain({ sourceNetworks: ['192.0.2.0/24', '198.51.100.0/24'] }),
      'sourceNetworks',
    ],
    [
      'without TLS, another domain',
      plain(),
      plain({ domains: ['globex.example', 'g.example'] }),
      'domains',
    ],
    ['without TLS, something else', plain(), plain({ messagesPerSecond: 5 }), undefined],
    ['without TLS, less', plain({ domains: ['globex.example', 'g.example'] }), plain(), undefined],
    ['TLS again', plain(), settings(), undefined],
    ['a delegation', settings(), delegated('globex.example'), 'delegations'],
    ['a partner with a delegation', undefined, delegated('globex.example'), 'delegations'],
    [
      'another domain in it',
      delegated('globex.example'),
      delegated('globex.example', 'g.example'),
      'delegations',
    ],
    [
      'fewer in it',
      delegated('globex.example', 'g.example'),
      delegated('globex.example'),
      undefined,
    ],
    ['none any more', delegated('globex.example'), settings(), undefined],
  ] as const;
  for (const [title, before, after, setting] of rows) {
    it(`${title}: ${setting ?? 'an operator may'}`, () => {
      assert.equal(codeOf(checkOpenings(before, after, olga)), 'done');
      const asked = checkOpenings(before, after, ann);
      assert.equal(codeOf(asked), setting === undefined ? 'done' : 'officer-opens');
      if (!asked.ok) assert.equal(asked.error.detail['setting'], setting);
    });
  }
});
