import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { htmlPage, htmlTable } from '@sallyport/app-gateway/ledger/render/html-page.ts';

describe('a page of HTML', () => {
  const page = htmlPage({ title: 'May', style: 'p { margin: 0 }', body: '<p>text</p>' });

  it('lets nothing in from elsewhere, and runs nothing', () => {
    assert.match(page, /"Content-Security-Policy" content="default-src 'none'; style-src/);
    assert.doesNotMatch(page, /<script|<link|src=|url\(/);
  });

  it('has its title twice, its style and its body', () => {
    assert.ok(page.includes('<title>May</title>'));
    assert.ok(page.includes('<h1>May</h1>\n<p>text</p>\n</body>'));
    assert.ok(page.includes('p { margin: 0 }\n</style>'));
  });

  it('has tables; one of no rows says so', () => {
    const row = '<tr><td>1</td></tr>';
    assert.equal(
      htmlTable(['a', 'b'], [row, row]),
      `<div class="table"><table><thead><tr><th>a</th><th>b</th></tr></thead>\n<tbody>${row}\n${row}</tbody></table></div>`,
    );
    assert.equal(htmlTable(['a'], []), '<p>none</p>');
    assert.match(htmlTable([{ number: 'b' }], [row]), /<th class="number">b<\/th>/);
  });
});
