import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkOpenings } from '@sallyport/app-gateway/domain/exchange/partner/unheard-peers.ts';
import { ann, codeOf, olga, partner, settings, trustSet } from '../exchange-fixture.ts';

const plain = (change: Record<string, unknown> = {}) =>
  settings({ plainTcp: true, sourceNetworks: ['192.0.2.0/24'], ...change });
const SERVER = { host: 'sip.globex.example', port: 5061, transport: 'tls' };
const WITHOUT_TLS = { ...SERVER, transport: 'tcp' };
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
    [
      'without TLS, another server',
      plain(),
      plain({ endpoints: [{ host: 'sip.elsewhere.example', port: 5060, transport: 'tcp' }] }),
      'endpoints',
    ],
    [
      'with TLS, another server of one that may come without',
      plain(),
      plain({ endpoints: [SERVER] }),
      undefined,
    ],
    [
      'TLS is taken from a server',
      plain({ endpoints: [SERVER] }),
      plain({ endpoints: [WITHOUT_TLS] }),
      'endpoints',
    ],
    [
      'TLS again at a server',
      plain({ endpoints: [WITHOUT_TLS] }),
      plain({ endpoints: [SERVER] }),
      undefined,
    ],
    ['with TLS, another server', settings(), settings({ endpoints: [SERVER] }), undefined],
    ['without TLS, one server less', plain({ endpoints: [SERVER] }), plain(), undefined],
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
      const known = before && partner([], { settings: before });
      assert.equal(codeOf(checkOpenings(known, after, olga)), 'done');
      const asked = checkOpenings(known, after, ann);
      assert.equal(codeOf(asked), setting === undefined ? 'done' : 'officer-opens');
      if (!asked.ok) assert.equal(asked.error.detail['setting'], setting);
    });
  }
});

describe('who is let in for a domain that nobody heard of', () => {
  const wider = settings({ domains: ['globex.example', 'g.example'] });
  const heard = partner([trustSet('t1', 'retired'), trustSet('t2', 'active')]);

  it('by a set that vouches for any name: an officer says so', () => {
    assert.equal(codeOf(checkOpenings(heard, wider, olga)), 'done');
    const refused = checkOpenings(heard, wider, ann);
    assert.equal(codeOf(refused), 'officer-adds-domains');
    assert.ok(!refused.ok);
    const { message, detail } = refused.error;
    assert.match(message, /^t2 of globex .* for g\.example .*ann is operator$/);
    assert.deepEqual(
      [detail['partner'], detail['set'], detail['domains']],
      ['globex', 't2', ['g.example']],
    );
  });

  it('fewer domains, or another setting: an operator may', () => {
    const known = { ...heard, settings: wider };
    assert.equal(codeOf(checkOpenings(known, settings(), ann)), 'done');
    const methods = { ...wider, methods: ['MESSAGE', 'INVITE'] };
    assert.equal(codeOf(checkOpenings(known, methods, ann)), 'done');
  });

  it('before anything is heard, or afterwards: an operator may', () => {
    const known = partner([trustSet('t1', 'retired'), trustSet('t2', 'received')]);
    assert.equal(codeOf(checkOpenings(known, wider, ann)), 'done');
  });
});
