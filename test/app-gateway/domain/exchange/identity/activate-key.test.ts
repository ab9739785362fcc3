import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { activateKey } from '@sallyport/app-gateway/domain/exchange/identity/activate-key.ts';
import { currentKey } from '@sallyport/app-gateway/domain/exchange/identity/identity-keys.ts';
import { presentedKeyOf } from '@sallyport/app-gateway/domain/exchange/identity/presented-key.ts';
import { retireKey } from '@sallyport/app-gateway/domain/exchange/identity/retire-key.ts';
import type {
  PartnerRecord,
  Presentation,
} from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import {
  ann,
  codeOf,
  DAY_MS,
  done,
  identity,
  identityKey,
  NOW_MS,
  olga,
  partner,
  settings,
  sighting,
  trustSet,
} from '../exchange-fixture.ts';

const main = identity('main', [
  identityKey('k1', 'active'),
  identityKey('k2', 'ready'),
  identityKey('k3', 'requested'),
  identityKey('k4', 'retired'),
]);
const second = identity('second', [identityKey('k1', 'active')], 1);
const identities = [main, second];
const accepted = [trustSet('t1', 'active')];
const force = { reason: 'the old key is lost' };

const presentation = (key: string, state: Presentation['state']): Presentation => ({
  identity: 'main',
  key,
  state,
  sequence: 1,
  offeredAtMs: NOW_MS - DAY_MS,
});
const told = (...presentations: Presentation[]) => partner(accepted, { presentations });
const old = presentation('k1', 'active');
const severed = { atMs: 1, operator: 'ann', reason: 'breach' };

const activate = (partners: readonly PartnerRecord[], key = 'k2', forced?: typeof force) =>
  activateKey(identities, main, partners, { key, ...(forced && { force: forced }) }, olga, NOW_MS);

describe('the next key is activated', () => {
  const rows: readonly (readonly [string, readonly PartnerRecord[], string])[] = [
    ['without partners', [], 'done'],
    ['a partner has it offered', [told(old, presentation('k2', 'offered'))], 'done'],
    ['a partner has seen it', [told(presentation('k2', 'seen'))], 'done'],
    ['a partner was told only the old', [told(old)], 'partners-not-told'],
    ['a partner was told nothing', [told()], 'partners-not-told'],
    ['the partner is severed', [{ ...told(old), severed }], 'done'],
    [
      'the partner is switched off',
      [{ ...told(), settings: settings({ enabled: false }) }],
      'done',
    ],
    ['nothing is accepted of the partner', [partner([trustSet('t1', 'verified')])], 'done'],
    [
      'it sees another name',
      [{ ...told(), settings: settings({ ownIdentity: 'second' }) }],
      'done',
    ],
  ];
  for (const [what, partners, expected] of rows) {
    it(`${what}: ${expected}`, () => assert.equal(codeOf(activate(partners)), expected));
  }

  for (const [key, expected] of [
    ['k1', 'nothing-changes'],
    ['k3', 'key-state'],
    ['k4', 'key-state'],
    ['k9', 'key-unknown'],
  ] as const) {
    it(`not ${key}: ${expected}`, () => assert.equal(codeOf(activate([], key)), expected));
  }

  it('and every partner sees it, those with a key of their own too', () => {
    const ahead = told(old, presentation('k2', 'offered'));
    const { record, partners } = done(activate([ahead]));
    const [moved] = partners;
    assert.ok(moved !== undefined);
    assert.equal(currentKey(record)?.id, 'k2');
    assert.equal(record.keys[0]?.state, 'active');
    assert.equal(presentedKeyOf(moved, [record])?.key.id, 'k2');
  });

  it('by force over partners that were not told, and names them', () => {
    const { record, partners, events } = done(activate([told(old)], 'k2', force));
    assert.deepEqual(events[0].detail['untold'], ['globex']);
    assert.equal(partners[0] && presentedKeyOf(partners[0], [record])?.key.id, 'k2');
    const lowly = activateKey(identities, main, [told(old)], { key: 'k2', force }, ann, NOW_MS);
    assert.equal(codeOf(lowly), 'officer-needed');
  });

  it('and the old one again, though the clock has gone back', () => {
    const { record } = done(activate([]));
    const back = activateKey([record], record, [], { key: 'k1' }, ann, NOW_MS - DAY_MS);
    assert.equal(currentKey(done(back).record)?.id, 'k1');
  });

  it('the first one breaks nobody', () => {
    const fresh = identity('main', [identityKey('k1', 'ready')]);
    const outcome = activateKey([fresh], fresh, [told()], { key: 'k1' }, ann, NOW_MS);
    assert.equal(codeOf(outcome), 'done');
  });
});

describe('a key of ours is retired', () => {
  const rolled = done(activate([])).record;
  const shown = (ageMs: number) => sighting('main/k1', ageMs, { direction: 'presented' });
  const rows = [
    ['unused', 'k1', [], [], 'done'],
    ['the one in use', 'k2', [], [], 'key-current'],
    ['one that waits for its certificate', 'k3', [], [], 'done'],
    ['a retired one', 'k4', [], [], 'key-state'],
    ['shown less than seven days ago', 'k1', [shown(7 * DAY_MS - 1)], [], 'key-still-used'],
    ['shown seven days ago', 'k1', [shown(7 * DAY_MS)], [], 'done'],
    ['a partner\u2019s own', 'k1', [], [told(old)], 'key-presented'],
  ] as const;
  for (const [what, key, sightings, partners, expected] of rows) {
    it(`${what}: ${expected}`, () => {
      const outcome = retireKey(rolled, partners, { key, sightings, unusedDays: 7 }, ann, NOW_MS);
      assert.equal(codeOf(outcome), expected);
    });
  }

  it('with its private half, and every partner\u2019s presentation of it', () => {
    const holder = told({ ...old, state: 'seen' });
    const retirement = { key: 'k1', sightings: [shown(0)], unusedDays: 7, force };
    const { record, partners, events } = done(
      retireKey(rolled, [holder], retirement, olga, NOW_MS),
    );
    assert.deepEqual([record.keys[0]?.state, record.keys[0]?.sealedKey], ['retired', '']);
    assert.equal(partners[0]?.presentations[0]?.state, 'retired');
    assert.equal(events[0].detail['forced'], force.reason);
    assert.equal(codeOf(retireKey(rolled, [holder], retirement, ann, NOW_MS)), 'officer-needed');
  });
});
