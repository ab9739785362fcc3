import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  PARTNERS_BYTES_MAX,
  partnersBytes,
  tooManyBytes,
} from '@sallyport/app-gateway/config/partners-size.ts';
import { FrameType, payloadBytesMax } from '@sallyport/shared/channel/frame.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { buildRevocationList } from '../../revocation-list-builder.ts';
import { ecKey, extension } from '../../x509-builder.ts';
import { loadSite, PARTNER_YAML, SITE_YAML, siteTexts } from '../site-fixture.ts';

const MIB = 1_048_576;

describe('what proxies are told of partners', () => {
  it('leaves room in a snapshot for the rest of it', () => {
    assert.ok(PARTNERS_BYTES_MAX + 4 * MIB <= payloadBytesMax(FrameType.snapshot));
  });

  it('is counted in octets, as JSON', () => {
    assert.equal(partnersBytes([{ a: '\u00e9\n' }, {}]), '{"a":"xx\\n"}'.length + 2);
    assert.match(tooManyBytes(61.5 * MIB), /has 61\.5 MiB, of which 60\.0 are possible/);
  });

  it('makes a site no site where it is more than fits: proxies could be sent nothing', async () => {
    const filler = extension('1.3.6.1.4.1.99999.1', false, Buffer.alloc(6 * MIB));
    const issuer = { subject: 'CN=Globex CA', key: ecKey() };
    const pem = encodePem(buildRevocationList({ issuer, extensions: [filler] }), 'X509 CRL');
    const names = Array.from({ length: 8 }, (_, at) => `lists/${at}.crl`);
    const texts = new Map([
      ...(await siteTexts()),
      ...names.map((name) => [`partners/${name}`, pem] as const),
    ]);
    const problemsWith = (count: number) => {
      const lists = `revocation: { mode: soft-fail, lists: [${names.slice(0, count).join()}] }\n`;
      const site = loadSite(SITE_YAML, [PARTNER_YAML + lists], texts);
      return site.ok ? [] : site.error.map(({ message }) => message);
    };
    assert.deepEqual(problemsWith(7), []);
    assert.match(problemsWith(8).join(), /told of partners has 6\d\.\d MiB, of which 60\.0 are/);
  });
});
