import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  partnerOfSetsSchema,
  partnerSchema,
} from '@sallyport/app-gateway/config/partner-schema.ts';
import { siteSchema } from '@sallyport/app-gateway/config/site-schema.ts';
import { POSTURE_RULES } from '@sallyport/app-gateway/posture/posture.ts';
import { UNRATED_SETTINGS } from '@sallyport/app-gateway/posture/unrated-settings.ts';
import { settingsOf } from '../config/schema-settings.ts';

/** Settings that neither a rule nor the list of unrated ones speaks of, and entries of both that no schema has. */
function compared(settings: readonly string[]): { forgotten: string[]; stale: string[] } {
  const spoken = [...POSTURE_RULES.flatMap((rule) => rule.settings), ...UNRATED_SETTINGS.keys()];
  const fits = (entry: string, setting: string) =>
    entry.endsWith('.*') ? setting.startsWith(entry.slice(0, -1)) : entry === setting;
  return {
    forgotten: settings.filter((setting) => !spoken.some((entry) => fits(entry, setting))),
    stale: spoken.filter((entry) => !settings.some((setting) => fits(entry, setting))),
  };
}

const PARTNER = 'partner.';
const SETTINGS = [
  ...settingsOf(siteSchema, ''),
  ...settingsOf(partnerSchema, PARTNER),
  ...settingsOf(partnerOfSetsSchema, PARTNER),
];

describe('settings that the posture knows', () => {
  it('finds settings at every depth of the schemas', () => {
    for (const setting of [
      'proxies[].listen[].proxyProtocolFrom',
      'database.passwordFile',
      'audit.bodies.auditors[].key',
      'partner.trustSets[].pins',
      'partner.trial.revocation',
    ]) {
      assert.ok(SETTINGS.includes(setting), setting);
    }
  });

  it('are all that the schemas have: each is rated by a rule, or said to be of no account', () => {
    assert.deepEqual(compared(SETTINGS), { forgotten: [], stale: [] });
  });

  it('would miss a setting that is added to a schema', () => {
    const { name, limits } = siteSchema.shape;
    const seeded = siteSchema.extend({
      skipValidation: name,
      limits: limits.unwrap().extend({ debugPort: name }),
    });
    const { forgotten } = compared([...SETTINGS, ...settingsOf(seeded, '')]);
    assert.deepEqual(forgotten, ['limits.debugPort', 'skipValidation']);
  });

  it('would miss a setting that is gone from the schemas', () => {
    const { stale } = compared(SETTINGS.filter((setting) => setting !== 'unknownServerName'));
    assert.deepEqual(stale, ['unknownServerName']);
  });

  it('are not rated and said to be of no account at once', () => {
    const rated = new Set(POSTURE_RULES.flatMap((rule) => rule.settings));
    assert.deepEqual(
      [...UNRATED_SETTINGS.keys()].filter((setting) => rated.has(setting)),
      [],
    );
  });
});
