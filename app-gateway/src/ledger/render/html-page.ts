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
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>
@page { size: A4; margin: 15mm }
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

/** A table of rows that are markup already; where there is none, the word. */
export function htmlTable(headings: readonly string[], rows: readonly string[]): string {
  if (rows.length === 0) return '<p>none</p>';
  const head = headings.map((heading) => `<th>${heading}</th>`).join('');
  return `<table><tr>${head}</tr>\n${rows.join('\n')}</table>`;
}
