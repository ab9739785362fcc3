import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { issuingFindings } from '@sallyport/app-gateway/doctor/issuing-findings.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { createIssuingAuthority } from '@sallyport/certs/site-root.ts';
import { NOW_MS, YEAR } from '../site-fixture.ts';
import { glance } from './fake-system.ts';

const DAY_MS = 86_400_000;
const root = await createAuthority({ commonName: 'Site CA', ...YEAR });
const strange = await createAuthority({ commonName: 'Site CA', ...YEAR });
const issuing = await createIssuingAuthority(root, 'acme', NOW_MS);
const other = await createIssuingAuthority(root, 'acme', NOW_MS);

const GOOD = {
  certificatePem: issuing.certificatePem,
  keyPem: issuing.privateKeyPem,
  caPem: root.certificatePem,
};

describe('the authority that a gateway renews channel certificates with', () => {
  for (const [what, change, atMs, expected] of [
    ['good', {}, NOW_MS, ['ok channel-issuing']],
    ['ends within the month', {}, NOW_MS + 710 * DAY_MS, ['warning channel-issuing']],
    ['ended', {}, NOW_MS + 800 * DAY_MS, ['fault channel-issuing']],
    ['of another root', { caPem: strange.certificatePem }, NOW_MS, ['fault channel-issuing']],
    ['with no root to lead to', { caPem: '' }, NOW_MS, ['fault channel-issuing']],
    [
      'is no authority',
      { certificatePem: root.certificatePem, caPem: '' },
      NOW_MS,
      ['fault channel-issuing', 'fault channel-issuing'],
    ],
    [
      'with another key',
      { certificatePem: other.certificatePem },
      NOW_MS,
      ['fault channel-issuing'],
    ],
    ['whose key does not open', { keyPem: undefined }, NOW_MS, ['fault channel-issuing']],
    ['unreadable', { certificatePem: 'x' }, NOW_MS, ['fault channel-issuing']],
    ['not there', { certificatePem: '' }, NOW_MS, ['warning channel-issuing']],
  ] as const) {
    it(what, () => {
      const found = issuingFindings({ ...GOOD, ...change }, atMs);
      assert.deepEqual(glance(found), expected);
      assert.ok(found.every(({ level, next }) => level === 'ok' || next !== ''));
    });
  }
});
