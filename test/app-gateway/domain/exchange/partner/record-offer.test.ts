import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { activatePresentation } from '@sallyport/app-gateway/domain/exchange/identity/activate-presentation.ts';
import { presentedKeyOf } from '@sallyport/app-gateway/domain/exchange/identity/presented-key.ts';
import { recordOffer } from '@sallyport/app-gateway/domain/exchange/partner/record-offer.ts';
import { notePresented } from '@sallyport/app-gateway/domain/exchange/sighting/note-presented.ts';
import {
  ann,
  codeOf,
  DAY_MS,
  done,
  identity,
  identityKey,
  NOW_MS,
  partner,
  program,
  settings,
  sighting,
} from '../exchange-fixture.ts';

const main = identity('main', [
  identityKey('k1', 'retired'),
  identityKey('k2', 'active'),
  identityKey('k3', 'ready'),
  identityKey('k4', 'requested'),
]);
const second = identity('second', [identityKey('k1', 'active')], 1);
const identities = [second, main];
const offer = (...keys: string[]) => ({
  keys: keys.map((key) => ({ identity: 'main', key })),
  expiresAtMs: NOW_MS + DAY_MS,
});
const told = done(recordOffer(partner(), identities, offer('k2', 'k3'), ann, NOW_MS)).record;
const shown = (key: string) => sighting(`main/${key}`, 0, { direction: 'presented' });

describe('a partner is told of our keys', () => {
  const rows = [
    [['k2'], 'done'],
    [['k3'], 'done'],
    [['k4'], 'key-state'],
    [['k1'], 'key-state'],
    [['k9'], 'key-unknown'],
    [[], 'offer-empty'],
  ] as const;
  for (const [keys, expected] of rows) {
    it(`of ${keys.join() || 'none'}: ${expected}`, () => {
      assert.equal(
        codeOf(recordOffer(partner(), identities, offer(...keys), ann, NOW_MS)),
        expected,
      );
    });
  }

  it('not of an identity that there is not', () => {
    const strange = { ...offer(), keys: [{ identity: 'x', key: 'k1' }] };
    assert.equal(
      codeOf(recordOffer(partner(), identities, strange, ann, NOW_MS)),
      'identity-unknown',
    );
  });

  it('with numbers that rise, and keeps what it was told before', () => {
    const seen = done({ ok: true, value: notePresented(told, shown('k2'), program, NOW_MS) });
    assert.ok(seen !== undefined);
    const again = done(recordOffer(seen.record, identities, offer('k2'), ann, NOW_MS));
    assert.equal(again.sequence, 2);
    assert.deepEqual(
      again.record.presentations.map(({ key, state, sequence }) => [key, state, sequence]),
      [
        ['k2', 'seen', 1],
        ['k3', 'offered', 1],
      ],
    );
  });
});

describe('a key of ours is seen by a partner', () => {
  const rows = [
    ['offered', shown('k3'), true],
    ['never offered', shown('k4'), false],
    ['by another partner', { ...shown('k3'), partner: 'initech' }, false],
    ['a key of theirs', { ...shown('k3'), direction: 'accepted' as const }, false],
    ['before the offer', { ...shown('k3'), lastAtMs: NOW_MS - 1 }, false],
  ] as const;
  for (const [what, seen, expected] of rows) {
    it(`${what}: ${expected}`, () => {
      assert.equal(notePresented(told, seen, program, NOW_MS) !== undefined, expected);
    });
  }
});

describe('a partner is shown a key ahead of the others', () => {
  const keyOf = (record = told) => presentedKeyOf(record, identities)?.key.id;

  it('and back again', () => {
    assert.equal(keyOf(), 'k2');
    const ahead = done(activatePresentation(told, main, 'k3', ann, NOW_MS)).record;
    assert.equal(keyOf(ahead), 'k3');
    assert.equal(
      codeOf(activatePresentation(ahead, main, 'k3', ann, NOW_MS)),
      'presentation-state',
    );
    const back = done(activatePresentation(ahead, main, 'k2', ann, NOW_MS)).record;
    assert.equal(keyOf(back), 'k2');
    assert.deepEqual(
      back.presentations.map(({ key, state }) => [key, state]),
      [
        ['k2', 'active'],
        ['k3', 'seen'],
      ],
    );
  });

  const rows = [
    ['k1', 'key-state'],
    ['k4', 'key-state'],
    ['k9', 'key-unknown'],
  ] as const;
  for (const [key, expected] of rows) {
    it(`not ${key}: ${expected}`, () => {
      assert.equal(codeOf(activatePresentation(told, main, key, ann, NOW_MS)), expected);
    });
  }

  it('not one that it was never told', () => {
    const refused = activatePresentation(partner(), main, 'k3', ann, NOW_MS);
    assert.equal(codeOf(refused), 'presentation-unknown');
  });

  it('of the identity agreed, or else the first', () => {
    const nameOf = (record = partner()) => presentedKeyOf(record, identities)?.identity.name;
    assert.equal(nameOf(), 'main');
    assert.equal(nameOf(partner([], { settings: settings({ ownIdentity: 'second' }) })), 'second');
    assert.equal(nameOf(partner([], { settings: settings({ ownIdentity: 'gone' }) })), undefined);
    assert.equal(
      presentedKeyOf(partner(), [identity('new', [identityKey('k1', 'ready')])]),
      undefined,
    );
  });
});
