import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import {
  type HeldCertificates,
  heldCertificates,
  heldProspects,
} from '@sallyport/app-gateway/domain/exchange/forecast/forecast-held.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { basicConstraints, buildCertificate, ecKey } from '../../../../x509-builder.ts';
import { loadSite, SITE_YAML, siteTexts } from '../../../site-fixture.ts';
import { DAY_MS, NOW_MS } from '../exchange-fixture.ts';

const key = ecKey();
const pem = (subject: string, days: number) =>
  encodePem(
    buildCertificate({
      subject,
      key,
      notAfterMs: NOW_MS + days * DAY_MS,
      extensions: [basicConstraints(true)],
    }),
    'CERTIFICATE',
  );

describe('a forecast of the certificates in the files of a site', () => {
  const told = (subject: string, kind: HeldCertificates['kind'], text: string) =>
    heldProspects([{ subject, kind, pem: text }], certificatesOfPem).map(
      ({ what, whenMs, breaks, message }) =>
        `${what} ${(whenMs - NOW_MS) / DAY_MS} ${breaks}: ${message}`,
    );

  it('tells each authority by itself', () => {
    const both = pem('CN=Chat CA', 5) + pem('O=Chat', 40);
    assert.deepEqual(told('community/staff', 'authority', both), [
      'authority-ends 5 false: the authority Chat CA ends',
      'authority-ends 40 false: the authority Chat ends',
    ]);
  });

  it('tells a chain of ours by the first of it that ends', () => {
    const chain = pem('CN=gateway', 40) + pem('CN=issuing', 5);
    assert.deepEqual(told('siem/soc', 'own', chain), [
      'own-certificate-ends 5 false: the certificate that we show there, gateway, ends',
    ]);
    assert.deepEqual(told('siem/soc', 'own', ''), []);
  });

  let held: readonly HeldCertificates[] = [];
  before(async () => {
    const site = loadSite(SITE_YAML, [], await siteTexts());
    assert.ok(site.ok);
    const [community] = site.value.communities;
    assert.ok(community);
    const { caPem, identity } = community;
    const soc = { name: 'soc', host: 'soc', port: 6514, format: 'cef' as const, caPem };
    const siem = [soc, { ...soc, name: 'two', identity }];
    const all = { ...site.value, siem, databaseCaPem: caPem };
    held = heldCertificates(all, { rootPem: 'r', issuingPem: 'i' });
  });

  it('looks at the channels’ authorities, that of the database, communities and what gets the ledger', () => {
    assert.deepEqual(
      held.filter((one) => one.pem !== '').map(({ subject, kind }) => `${subject} ${kind}`),
      [
        'authority/site-ca authority',
        'authority/channel-issuing authority',
        'authority/database authority',
        'community/staff authority',
        'community/staff own',
        'siem/soc authority',
        'siem/two authority',
        'siem/two own',
      ],
    );
  });
});
