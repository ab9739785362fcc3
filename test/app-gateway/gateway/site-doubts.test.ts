import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { SiteProblem } from '@sallyport/app-gateway/config/site-problem.ts';
import { SiteDoubts } from '@sallyport/app-gateway/gateway/site-doubts.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueChannelCertificate } from '@sallyport/certs/channel-certificate.ts';
import { NOW_MS, YEAR } from '../site-fixture.ts';

const NODE = { site: 'acme', role: 'gateway', node: 'gateway-1' } as const;
/** Of a year, with ten days left. */
const ENDING = { ...YEAR, notAfterMs: NOW_MS + 864_000_000 };
const authority = await createAuthority({ commonName: 'Site CA', ...YEAR });
const made = await issueChannelCertificate(authority, { ...NODE, hosts: [], ...ENDING });
const bundle = {
  node: NODE.node,
  channel: {
    certificatePem: made.certificatePem,
    keyPem: made.privateKeyPem,
    caPem: authority.certificatePem,
  },
};
const about = (path: string): SiteProblem => ({
  severity: 'warning',
  file: 'database',
  path,
  message: 'the certificate expires on 2026-12-22, in 29 days',
});

describe('doubts about a site', () => {
  let told: string[];
  let doubts: SiteDoubts;
  beforeEach(() => {
    told = [];
    const warn = (
      event: string,
      { file, path }: object & { file?: unknown; path?: unknown } = {},
    ) => told.push([event, file, path].join(' '));
    doubts = new SiteDoubts({ warn }, () => NOW_MS);
  });
  const tell = (which: 'all' | 'new', ...paths: readonly string[]): readonly string[] => {
    told = [];
    doubts.tell(bundle, { name: 'acme', warnings: paths.map(about) }, which);
    return told;
  };
  const ofPartner = 'site-warning database partner/globex';
  const ofChannel = 'site-warning channel.crt ';

  it('are all told whenever somebody asks, those about the channel’s certificate too', () => {
    assert.deepEqual(tell('all', 'partner/globex'), [ofPartner, ofChannel]);
    assert.deepEqual(tell('all', 'partner/globex'), [ofPartner, ofChannel]);
  });

  it('are told after a change only where they are new, or were gone in between', () => {
    tell('all', 'partner/globex');
    assert.deepEqual(tell('new', 'partner/globex'), []);
    assert.deepEqual(tell('new', 'partner/globex', 'partner/initech'), [
      'site-warning database partner/initech',
    ]);
    assert.deepEqual(tell('new', 'partner/initech'), []);
    assert.deepEqual(tell('new', 'partner/globex', 'partner/initech'), [ofPartner]);
  });
});
