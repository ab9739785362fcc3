/** A page in three parts, each markup already: whoever puts foreign text in has escaped it. */
export interface HtmlPage {
  readonly title: string;
  /** Rules of style, beside the size of the paper. */
  readonly style: string;
  readonly body: string;
}

/** One page of HTML to print or keep: no script, and no style or picture from elsewhere, which the page itself forbids. */
export function htmlPage({ title, style, body }: HtmlPage): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>
@page { size: A4; margin: 15mm }
@media screen { body { padding: 2mm 6mm } .table { overflow-x: auto } }
h1 { overflow-wrap: anywhere }
body { color: #111; background: #fff }
h2, thead { break-after: avoid } tr, section { break-inside: avoid }
table { border-collapse: collapse } td, th { text-align: left; padding: 1mm 4mm 1mm 0; border-bottom: 1px solid #ccc; vertical-align: top }
td.number, th.number { text-align: right } td.time { white-space: nowrap }
${style}
</style>
</head>
<body>
<h1>${title}</h1>
${body}
</body>
</html>
`;
}

/** What stands over a column: a word, or one over numbers, which stand on the right. */
export type Heading = string | { readonly number: string };

/** A table of rows that are markup already, its headings again on each sheet of paper; where there is none, the word. */
export function htmlTable(headings: readonly Heading[], rows: readonly string[]): string {
  if (rows.length === 0) return '<p>none</p>';
  const head = headings
    .map((heading) =>
      typeof heading === 'string'
        ? `<th>${heading}</th>`
        : `<th class="number">${heading.number}</th>`,
    )
    .join('');
  return `<div class="table"><table><thead><tr>${head}</tr></thead>\n<tbody>${rows.join('\n')}</tbody></table></div>`;
}
