import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeProof } from '@sallyport/app-gateway/doctor/proof.ts';
import { proofHtml } from '@sallyport/app-gateway/doctor/proof-html.ts';
import { planned } from '../plan/site-on-a-network.ts';
import { lookedFrom, MADE_AT_MS, PLACES } from './looked-from.ts';

const known = { plan: planned(), sha256: 'a'.repeat(64) };

function page(file: string): string {
  const result = lookedFrom(known, PLACES[0], (one) => (one.port === 5071 ? 'open' : undefined));
  const signedBy = { kind: 'operator', name: 'anna', publicKey: 'k' } as const;
  const proof = makeProof({
    known,
    given: [{ file, read: { result, signedBy } }],
    keys: { nodes: new Map(), operators: new Set(['k']) },
    nowMs: MADE_AT_MS,
    ageMaxMs: 1000,
  });
  return proofHtml(proof, 'anna');
}

describe('a proof as a page', () => {
  it('says the verdict, why, and each difference', () => {
    const html = page('internet.json');
    assert.match(html, /<p class="verdict unproven">NOT PROVEN<\/p>/);
    assert.match(html, /<li>nobody looked from the host edge-a<\/li>/);
    assert.match(
      html,
      /<td>zone internet<\/td><td>app-a tcp 10\.2\.0\.21:5071 [^<]+<\/td><td>HOLE: forbidden, and open<\/td>/,
    );
    assert.match(html, /Signed by anna/);
    assert.match(html, new RegExp(known.sha256));
  });

  it('breaks no zone and no time over two lines, and only the names of files wherever it must', () => {
    const html = page('a/very/long/name/of/a/result.json');
    assert.match(
      html,
      /<div class="facts"><div class="table"><table>.*<th>zone<\/th><th>when \(UTC\)<\/th>/,
    );
    assert.match(html, /<td>\d{4}-\d\d-\d\d \d\d:\d\d<\/td>/);
    assert.match(html, /<td class="file">a\/very\/long\/name\/of\/a\/result\.json<\/td>/);
    assert.match(html, /\.facts td \{ white-space: nowrap \}/);
  });

  it('has no script, nothing from elsewhere, and escapes what came from outside', () => {
    const html = page('<script>alert("x")</script>\u202e.json');
    assert.doesNotMatch(html, /<script|javascript:|https?:|\u202e/);
    assert.match(html, /&lt;script&gt;alert\(&quot;x&quot;\)/);
    assert.match(html, /default-src 'none'/);
  });
});
