import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Site } from '@sallyport/app-gateway/config/site.ts';
import { requiredPostureProblems } from '@sallyport/app-gateway/posture/required-posture.ts';
import { loadSite, PARTNER_YAML, SITE_YAML, siteTexts, type Texts } from '../site-fixture.ts';

const ASKED = `${PARTNER_YAML}revocation: { mode: soft-fail }\n`;

describe('posture that a site demands of itself', () => {
  let texts: Texts;
  before(async () => {
    texts = await siteTexts();
  });

  function site(demands: string, partner: string): Site {
    const loaded = loadSite(`${SITE_YAML}${demands}`, [partner], texts);
    assert.ok(loaded.ok, JSON.stringify(loaded));
    return loaded.value;
  }

  //  demands                   partner       problems at
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    ['', PARTNER_YAML, []],
    ['requirePosture: low\n', PARTNER_YAML, []],
    ['requirePosture: medium\n', ASKED, []],
    ['requirePosture: medium\n', PARTNER_YAML, ['partners/globex: revocation']],
    [
      'requirePosture: high\nmissingServerName: refuse\n',
      ASKED,
      [
        'partners/globex: revocation',
        'partners/globex: sourceNetworks',
        'partners/globex: acceptNoExtendedKeyUsage',
        'partners/globex: endpoints',
      ],
    ],
  ];
  for (const [demands, partner, places] of table) {
    it(`${demands.trim() || 'none'}: ${places.length} problems`, () => {
      const problems = requiredPostureProblems(site(demands, partner));
      assert.equal(problems.length, places.length, JSON.stringify(problems));
      for (const [at, place] of places.entries()) {
        const message = problems[at]?.message ?? '';
        assert.match(message, /to raise it: /);
        assert.ok(message.includes(place), message);
        assert.equal(problems[at]?.severity, 'error');
        assert.equal(problems[at]?.path, 'requirePosture');
      }
    });
  }

  it('names twenty and counts the rest', () => {
    const one = site('requirePosture: medium\n', PARTNER_YAML);
    const [partner] = one.partners;
    assert.ok(partner);
    const many = (count: number) => ({
      ...one,
      partners: Array.from({ length: count }, (_, at) => ({ ...partner, id: `p${at}` })),
    });
    assert.equal(requiredPostureProblems(many(20)).length, 20);
    const problems = requiredPostureProblems(many(25));
    assert.equal(problems.length, 21);
    assert.match(problems.at(-1)?.message ?? '', /^and 5 more/);
  });
});
