import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { messageLimitsOf } from '@sallyport/app-gateway/config/message-limits-of.ts';
import { loadSite, PARTNER_YAML, SITE_YAML, siteTexts } from '../site-fixture.ts';

describe('limits of a message', () => {
  it('are the site’s, without those of connections', async () => {
    const site = loadSite(SITE_YAML, [PARTNER_YAML], await siteTexts());
    assert.ok(site.ok);
    const { headBytesMax, bodyBytesMax, requestUriBytesMax, lineBytesMax, headersMax } =
      site.value.limits;
    assert.deepEqual(messageLimitsOf(site.value), {
      headBytesMax,
      bodyBytesMax,
      requestUriBytesMax,
      lineBytesMax,
      headersMax,
    });
  });
});
