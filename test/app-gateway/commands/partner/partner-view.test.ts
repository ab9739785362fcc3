import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { partnerSummary } from '@sallyport/app-gateway/commands/partner/partner-view.ts';
import type { TrustState } from '@sallyport/app-gateway/config/trust-state.ts';
import { partner, trustSet } from '../../domain/exchange/exchange-fixture.ts';

/** The states of its sets t1, t2 …, and what is to be done. */
const ROWS: readonly (readonly [readonly TrustState[], string | undefined])[] = [
  [[], 'sallyport partner receive globex FILE'],
  [
    ['received'],
    'ring globex, then: sallyport partner verify globex --set t1 --fingerprint "SHA-256 OF ITS ROOT"',
  ],
  [['verified'], 'sallyport partner stage globex --set t1'],
  [['staged'], 'wait until globex uses t1: sallyport partner show globex'],
  [['seen'], 'sallyport partner activate globex --set t1'],
  [['active'], undefined],
  [
    ['active', 'active'],
    'when t1 is out of use for a week: sallyport partner retire globex --set t1',
  ],
  [['active', 'verified'], 'sallyport partner stage globex --set t2'],
  [['received', 'active'], 'sallyport partner reject globex --set t1 --reason TEXT'],
  [['retired', 'active'], undefined],
];

describe('what is to be done next for a partner', () => {
  for (const [states, next] of ROWS) {
    it(`with ${states.join(', ') || 'no keys'}: ${next ?? 'nothing'}`, () => {
      const sets = states.map((state, at) => trustSet(`t${at + 1}`, state));
      assert.equal(partnerSummary(partner(sets)).next, next);
    });
  }

  it('is to say on record what the site’s list says, where it alone cuts the partner off', () => {
    const sets = [trustSet('t1', 'active')];
    const listed = { severed: ['globex'] };
    const cut = partnerSummary(partner(sets), listed);
    assert.equal(cut.state, 'severed by site.yaml');
    assert.match(
      cut.next ?? '',
      /^take it out of severedPartners .* partner sever globex --reason/,
    );
    const severed = { atMs: 0, operator: 'ann', reason: 'key stolen' };
    assert.equal(partnerSummary(partner(sets, { severed }), listed).state, 'severed');
    assert.equal(partnerSummary(partner(sets), { severed: ['hooli'] }).state, 'open');
  });

  it('is to let it read the words, which stand on the sheet of an offer alone', () => {
    const set = trustSet('t1', 'received');
    const offered = { ...set, origin: { ...set.origin, format: 'sallyport' as const } };
    assert.match(partnerSummary(partner([offered])).next ?? '', / --fingerprint "WORDS"$/);
  });
});
