import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Actor } from '@sallyport/app-gateway/domain/exchange/actor.ts';
import { addPartner } from '@sallyport/app-gateway/domain/exchange/partner/add-partner.ts';
import { changePartner } from '@sallyport/app-gateway/domain/exchange/partner/change-partner.ts';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import { removePartner } from '@sallyport/app-gateway/domain/exchange/partner/remove-partner.ts';
import { restorePartner } from '@sallyport/app-gateway/domain/exchange/partner/restore-partner.ts';
import { severPartner } from '@sallyport/app-gateway/domain/exchange/partner/sever-partner.ts';
import {
  ann,
  bob,
  codeOf,
  done,
  identity,
  NOW_MS,
  olga,
  partner,
  settings,
  TRUST_STATES,
  trustSet,
} from '../exchange-fixture.ts';

function plainFrom(network: string) {
  return { plainTcp: true, sourceNetworks: [network] };
}

const around = {
  partners: [
    partner(),
    {
      ...partner(),
      id: 'umbrella',
      settings: settings({ domains: ['umbrella.example'], ...plainFrom('192.0.2.0/24') }),
    },
  ],
  identities: [identity('main', [])],
  ownDomains: ['acme.example'],
};

describe('a partner is added', () => {
  const rows = [
    ['initech', { domains: ['initech.example'] }, 'done'],
    ['globex', { domains: ['initech.example'] }, 'partner-known'],
    ['initech', { domains: ['globex.example'] }, 'domains-overlap'],
    ['initech', { domains: ['initech.example'], ...plainFrom('192.0.2.8/29') }, 'networks-overlap'],
    ['initech', { domains: ['initech.example'], ...plainFrom('192.0.3.0/24') }, 'done'],
    ['initech', { domains: ['initech.example'], sourceNetworks: ['192.0.2.8/29'] }, 'done'],
    ['initech', { domains: ['initech.example'], ownIdentity: 'main' }, 'done'],
    ['initech', { domains: ['initech.example'], ownIdentity: 'other' }, 'identity-unknown'],
  ] as const;
  for (const [id, change, expected] of rows) {
    it(`${id} ${JSON.stringify(change)}: ${expected}`, () => {
      assert.equal(codeOf(addPartner(around, id, settings(change), olga, NOW_MS)), expected);
    });
  }

  it('by an officer where it needs no key', () => {
    const plain = settings({ domains: ['initech.example'], ...plainFrom('192.0.3.0/24') });
    assert.equal(codeOf(addPartner(around, 'initech', plain, ann, NOW_MS)), 'officer-opens');
  });

  it('and nothing is accepted of it', () => {
    const given = settings({ domains: ['initech.example'] });
    const { record, events } = done(addPartner(around, 'initech', given, ann, NOW_MS));
    assert.deepEqual(
      [record.trustSets, record.presentations, record.receivedSequence],
      [[], [], 0],
    );
    assert.deepEqual([events[0].kind, events[0].author], ['partner-added', ann.author]);
  });
});

describe('a partner\u2019s settings are changed', () => {
  it('with each difference before and after', () => {
    const wider = settings({ domains: ['globex.example', 'g.example'], ownIdentity: 'main' });
    const { difference, record } = done(changePartner(around, partner(), wider, ann, NOW_MS));
    assert.deepEqual(difference, {
      domains: { before: ['globex.example'], after: ['globex.example', 'g.example'] },
      ownIdentity: { after: 'main' },
    });
    assert.equal(record.settings, wider);
  });

  it('not to what they are, nor over another\u2019s domain', () => {
    const same = changePartner(around, partner(), settings(), ann, NOW_MS);
    assert.equal(codeOf(same), 'nothing-changes');
    const own = settings({ domains: ['acme.example'] });
    assert.equal(codeOf(changePartner(around, partner(), own, ann, NOW_MS)), 'domains-overlap');
  });

  it('to let in who has no key by an officer alone', () => {
    const plain = settings(plainFrom('192.0.3.0/24'));
    assert.equal(codeOf(changePartner(around, partner(), plain, ann, NOW_MS)), 'officer-opens');
    assert.equal(codeOf(changePartner(around, partner(), plain, olga, NOW_MS)), 'done');
  });
});

describe('a partner is removed', () => {
  const removable = ['received', 'verified', 'rejected'];
  for (const state of TRUST_STATES) {
    const expected = removable.includes(state) ? 'done' : 'partner-in-use';
    it(`with a set that is ${state}: ${expected}`, () => {
      assert.equal(codeOf(removePartner(partner([trustSet('t1', state)]), ann, NOW_MS)), expected);
      const severed = { atMs: 1, operator: 'ann', reason: 'breach' };
      const cutOff = partner([trustSet('t1', state)], { severed });
      assert.equal(codeOf(removePartner(cutOff, ann, NOW_MS)), 'done');
    });
  }
});

describe('a partner is severed and restored', () => {
  const record = partner([trustSet('t1', 'active')]);
  const restored = (before: PartnerRecord, by: Actor) =>
    codeOf(restorePartner(before, 'new keys', by, NOW_MS));

  it('each once, each with a reason, and its sets as they were', () => {
    assert.equal(codeOf(severPartner(record, ' ', ann, NOW_MS)), 'reason-needed');
    assert.equal(codeOf(severPartner(record, 'x'.repeat(501), ann, NOW_MS)), 'reason-needed');
    assert.equal(codeOf(severPartner(record, 'two\nlines', ann, NOW_MS)), 'reason-needed');
    assert.equal(codeOf(restorePartner(record, 'why not', ann, NOW_MS)), 'partner-not-severed');
    const severed = done(severPartner(record, ` ${'x'.repeat(500)} `, ann, NOW_MS)).record;
    assert.equal(severed.severed?.reason.length, 500);
    assert.equal(codeOf(severPartner(severed, 'again', ann, NOW_MS)), 'partner-severed');
    assert.equal(codeOf(restorePartner(severed, '', ann, NOW_MS)), 'reason-needed');
    assert.deepEqual(done(restorePartner(severed, 'new keys', olga, NOW_MS)).record, record);
  });

  it('by an officer, unless two people have heard since what is in force', () => {
    const severed = done(severPartner(record, 'key stolen', bob, NOW_MS)).record;
    const heard = (atMs: number, ...people: readonly string[]) => ({
      ...trustSet('t2', 'staged'),
      verifications: people.map((operator) => ({ operator, atMs, method: 'words' as const })),
    });
    const old = trustSet('t1', 'retired');
    const rows = [
      [severed.trustSets, 'officer-restores'],
      [[], 'done'],
      [[old], 'done'],
      [[old, heard(NOW_MS + 1, 'ann', 'bob')], 'done'],
      [[old, heard(NOW_MS, 'ann', 'bob')], 'officer-restores'],
      [[old, heard(NOW_MS + 1, 'ann')], 'officer-restores'],
      [[trustSet('t1', 'seen'), heard(NOW_MS + 1, 'ann', 'bob')], 'officer-restores'],
    ] as const;
    for (const [trustSets, expected] of rows) {
      assert.equal(restored({ ...severed, trustSets }, ann), expected, JSON.stringify(trustSets));
      assert.equal(restored({ ...severed, trustSets }, olga), 'done');
    }
    const plain = { ...severed, trustSets: [], settings: settings(plainFrom('192.0.3.0/24')) };
    assert.deepEqual([restored(plain, ann), restored(plain, olga)], ['officer-opens', 'done']);
  });
});
