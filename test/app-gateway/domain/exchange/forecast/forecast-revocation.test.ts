import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { revocationProspects } from '@sallyport/app-gateway/domain/exchange/forecast/forecast-revocation.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { buildRevocationList, issuingPoint } from '../../../../revocation-list-builder.ts';
import { ecKey, utcTime } from '../../../../x509-builder.ts';
import { DAY_MS, NOW_MS, partner, settings, trustSet } from '../exchange-fixture.ts';

const key = ecKey();

/** A list of an authority that lives for forty days. */
function list(daysLeft: number, subject = 'CN=Globex CA', extensions: readonly Buffer[] = []) {
  return encodePem(
    buildRevocationList({
      issuer: { subject, key },
      thisUpdate: utcTime(NOW_MS + (daysLeft - 40) * DAY_MS),
      nextUpdate: utcTime(NOW_MS + daysLeft * DAY_MS),
      extensions,
    }),
    'X509 CRL',
  );
}

const OF_AUTHORITIES = issuingPoint(undefined, 2);
const HARD = { mode: 'hard-fail', fetch: false } as const;

describe('a forecast of revocation lists that were given for a partner', () => {
  const told = (revocation: object, sets = [trustSet('t1', 'active')]) =>
    revocationProspects(partner(sets, { settings: settings({ revocation }) }), NOW_MS).map(
      ({ what, whenMs, breaks, message }) =>
        `${what} ${(whenMs - NOW_MS) / DAY_MS}${breaks ? ' breaks' : ''}: ${message}`,
    );
  const ends = 'the revocation list of Globex CA ends';
  for (const [what, revocation, expected] of [
    ['near its end', { ...HARD, lists: [list(9)] }, [`9 breaks: ${ends} (hard-fail)`]],
    ['past it', { ...HARD, lists: [list(-2)] }, [`-2 breaks: ${ends} (hard-fail)`]],
    ['young', { ...HARD, lists: [list(11)] }, []],
    ['a newer one beside it', { ...HARD, lists: [list(30), list(2)] }, []],
    ['two in one text', { ...HARD, lists: [list(2) + list(30)] }, []],
    [
      'one for authorities alone beside it',
      { ...HARD, lists: [list(30, undefined, [OF_AUTHORITIES]), list(2)] },
      [`2 breaks: ${ends} (hard-fail)`],
    ],
    [
      'of another authority beside it',
      { ...HARD, lists: [list(30), list(2, 'O=Initech')] },
      ['2 breaks: the revocation list of Initech ends (hard-fail)'],
    ],
    ['others are fetched', { ...HARD, fetch: true, lists: [list(2)] }, [`2: ${ends} (hard-fail)`]],
    ['soft', { ...HARD, mode: 'soft-fail', lists: [list(2)] }, [`2: ${ends} (soft-fail)`]],
    ['not asked for', { ...HARD, mode: 'off', lists: [list(2)] }, []],
    ['unreadable', { ...HARD, lists: [encodePem(Buffer.from('x'), 'X509 CRL')] }, []],
  ] as const) {
    it(`${what}: ${expected.length === 0 ? 'nothing' : 'told'}`, () => {
      const all = expected.map((text) => `revocation-list-ends ${text}`);
      assert.deepEqual(told(revocation), all);
    });
  }

  it('of a partner that is not let in: nothing', () => {
    assert.deepEqual(told({ ...HARD, lists: [list(2)] }, [trustSet('t1', 'received')]), []);
  });
});
