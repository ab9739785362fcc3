import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ChannelFiles,
  checkChannelCertificate,
} from '@sallyport/app-gateway/config/check-channel-certificate.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueChannelCertificate } from '@sallyport/certs/channel-certificate.ts';
import { NOW_MS, YEAR } from '../site-fixture.ts';

const DAY_MS = 86_400_000;
const NODE = { site: 'acme', role: 'gateway', node: 'gateway-1' } as const;
const authority = await createAuthority({ commonName: 'Site CA', ...YEAR });
const other = await createAuthority({ commonName: 'Site CA', ...YEAR });

async function issued(change: object = {}, by = authority): Promise<ChannelFiles> {
  const made = await issueChannelCertificate(by, { ...NODE, hosts: [], ...YEAR, ...change });
  return {
    certificatePem: made.certificatePem,
    keyPem: made.privateKeyPem,
    caPem: authority.certificatePem,
  };
}

const good = await issued();
const ending = { notAfterMs: NOW_MS + 10 * DAY_MS };
const caOf = async (validity: object) => {
  const ca = await createAuthority({ commonName: 'Site CA', ...YEAR, ...validity });
  const shortLived = { notBeforeMs: NOW_MS - 3_600_000, notAfterMs: NOW_MS + 7 * DAY_MS };
  return { ...(await issued(shortLived, ca)), caPem: ca.certificatePem };
};

const rows: readonly (readonly [name: string, files: ChannelFiles, problems: readonly string[]])[] =
  [
    ['what a bundle holds', good, []],
    [
      'ten days left of a hundred',
      await issued(ending),
      ['warning channel.crt: the certificate expires on 2026-06-11, in 10 days'],
    ],
    [
      'a week old, and not yet to be renewed',
      await issued({ notBeforeMs: NOW_MS - DAY_MS, notAfterMs: NOW_MS + 6 * DAY_MS }),
      [],
    ],
    [
      'out of date',
      await issued({ notAfterMs: NOW_MS - DAY_MS }),
      ['error channel.crt: the certificate expired on 2026-05-31'],
    ],
    [
      'not valid yet',
      await issued({ notBeforeMs: NOW_MS + DAY_MS }),
      ['error channel.crt: the certificate is not valid before 2026-06-02'],
    ],
    [
      'an authority with ten days left',
      await caOf(ending),
      ['warning channel-ca.crt: the certificate expires on 2026-06-11, in 10 days'],
    ],
    [
      'of another node',
      await issued({ node: 'gateway-2' }),
      [
        'error channel.crt: is of urn:sallyport:acme:gateway:gateway-2, not of urn:sallyport:acme:gateway:gateway-1',
      ],
    ],
    [
      'of a proxy',
      await issued({ role: 'proxy' }),
      [
        'error channel.crt: is of urn:sallyport:acme:proxy:gateway-1, not of urn:sallyport:acme:gateway:gateway-1',
      ],
    ],
    [
      'of another authority of the same name',
      await issued({}, other),
      ['error channel.crt: leads not to channel-ca.crt: path-signature-bad'],
    ],
    [
      'the key of another certificate',
      { ...good, keyPem: (await issued()).keyPem },
      ['error channel.key: does not belong to channel.crt'],
    ],
    ['no key', { ...good, keyPem: '' }, ['error channel.key: holds no readable PEM private key']],
    [
      'no certificate',
      { ...good, certificatePem: good.keyPem },
      ['error channel.crt: holds no readable PEM certificate'],
    ],
    [
      'no authority',
      { ...good, caPem: '' },
      ['error channel-ca.crt: holds no readable PEM certificate'],
    ],
  ];

describe('the channel files of a bundle', () => {
  for (const [name, files, expected] of rows) {
    it(`${name} → ${expected.length === 0 ? 'nothing' : expected.join(', ')}`, () => {
      const problems = checkChannelCertificate(files, NODE, NOW_MS);
      assert.deepEqual(
        problems.map(({ severity, file, message }) => `${severity} ${file}: ${message}`),
        expected,
      );
    });
  }
});
