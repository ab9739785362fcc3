import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  channelCertificateFindings,
  notEnrolled,
  siteFindings,
} from '@sallyport/app-gateway/doctor/certificate-findings.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueChannelCertificate } from '@sallyport/certs/channel-certificate.ts';
import { NOW_MS, YEAR } from '../site-fixture.ts';
import { glance } from './fake-system.ts';

const DAY_MS = 86_400_000;
const NODE = { site: 'acme', role: 'proxy', node: 'edge-1' } as const;
const authority = await createAuthority({ commonName: 'Site CA', ...YEAR });

async function issued(change: object = {}) {
  const made = await issueChannelCertificate(authority, { ...NODE, hosts: [], ...YEAR, ...change });
  const { certificatePem, privateKeyPem: keyPem } = made;
  return { certificatePem, keyPem, caPem: authority.certificatePem };
}

const good = await issued();
const strange = await issued({ node: 'edge-2' });
const ended = await issued({ notAfterMs: NOW_MS - DAY_MS });
const inOne = ({ keyPem, certificatePem }: typeof good) => keyPem + certificatePem;

describe('a host that has still to make its channel key', () => {
  const GATEWAY = { ...NODE, role: 'gateway', node: 'gateway-1' } as const;
  for (const [identity, isWaiting, what, next] of [
    [
      NODE,
      false,
      /no key of its own/,
      /^sallyport-dmz-proxy request --bundle \/b > edge-1\.csr; then /,
    ],
    [
      NODE,
      true,
      /waits for/,
      /node approve edge-1\.csr .*; then here: sallyport-dmz-proxy install/,
    ],
    [GATEWAY, false, /no key of its own/, /^sallyport node request --bundle \/b; then /],
    [GATEWAY, true, /waits for/, /--role gateway .*; then here: sallyport node install gateway-1/],
  ] as const) {
    it(`${identity.role}, ${isWaiting ? 'asked' : 'not asked'}: the next step`, () => {
      const finding = notEnrolled('/b', identity, isWaiting);
      assert.equal(finding.level, 'fault');
      assert.match(finding.what, what);
      assert.match(finding.next, next);
    });
  }
});

describe('the certificate of a node for the channel', () => {
  const rows: readonly (readonly [string, typeof good, string | undefined, string])[] = [
    ['good', good, undefined, 'ok'],
    ['ended', ended, undefined, 'fault'],
    ['ended, and renewed since', ended, inOne(good), 'ok'],
    ['ended, and so has the renewed one', ended, inOne(ended), 'fault'],
    ['ended, and what was renewed is no certificate', ended, 'x', 'fault'],
    ['ended, and what was renewed is of another node', ended, inOne(strange), 'fault'],
    ['missing', { ...good, certificatePem: '' }, undefined, 'fault'],
    ['with another key', { ...good, keyPem: ended.keyPem }, undefined, 'fault'],
  ];
  for (const [what, bundle, renewed, level] of rows) {
    it(`${what}: ${level}`, () => {
      const found = channelCertificateFindings(bundle, renewed, NODE, NOW_MS);
      assert.deepEqual(glance(found), [`${level} channel-certificate`]);
    });
  }
});

describe('the site in a gateway’s bundle', () => {
  it('each problem with its place; none is one line', () => {
    assert.deepEqual(glance(siteFindings([])), ['ok site']);
    const [error, warning] = siteFindings([
      { severity: 'error', file: 'site.yaml', line: 7, path: 'domains[0]', message: 'is none' },
      { severity: 'warning', file: 'identities/main.crt', path: '', message: 'expires soon' },
    ]);
    assert.deepEqual(
      [error?.level, error?.where, error?.what],
      ['fault', 'site.yaml:7', 'domains[0]: is none'],
    );
    assert.deepEqual([warning?.level, warning?.where], ['warning', 'identities/main.crt']);
  });
});
