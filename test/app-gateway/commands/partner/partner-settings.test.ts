import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type SettingsParameters,
  settingsOf,
} from '@sallyport/app-gateway/commands/partner/partner-settings.ts';

const RIGHT = { domain: ['globex.example'], method: ['MESSAGE'] };

/** What an option says wrongly, and the setting that is named: as in a partner's file. */
const ROWS: readonly (readonly [SettingsParameters, RegExp])[] = [
  [{ ...RIGHT, domain: ['globex.example', 'globex example'] }, /^domains\[1\]: is no domain name/],
  [{ ...RIGHT, endpoint: ['192.0.2.7:70000'] }, /^endpoints\[0\]\.port: must be at most 65535$/],
  [{ domain: RIGHT.domain }, /^methods: is missing$/],
];

describe('settings of a partner by command', () => {
  for (const [given, message] of ROWS) {
    it(`are refused by place: ${message.source}`, () => {
      const settings = settingsOf(given, undefined);
      assert.ok(!settings.ok);
      assert.match(settings.error.message, message);
    });
  }

  it('have the usual port where an endpoint names none', () => {
    const settings = settingsOf({ ...RIGHT, endpoint: ['sip.globex.example'] }, undefined);
    assert.ok(settings.ok);
    assert.deepEqual(settings.value.endpoints, [
      { host: 'sip.globex.example', port: 5061, transport: 'tls' },
    ]);
  });
});
