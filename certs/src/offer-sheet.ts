import { hash } from 'node:crypto';
import { minuteText } from '@sallyport/shared/io/time-text.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { formatFingerprint } from '@sallyport/shared/x509/fingerprint-text.ts';
import qrcode from 'qrcode-generator';
import { shownName } from './certificate-problems.ts';
import { formatSpoken } from './fingerprint-words.ts';
import type { Offer } from './offer.ts';

/** White margin around the square code (ISO/IEC 18004 §6.3.8). */
const QUIET_SQUARES = 4;

/** What the square code says: enough to compare on another device, and nothing to follow. */
export function sheetCode(offer: Pick<Offer, 'site' | 'fingerprint'>): string {
  return `sallyport-fingerprint:v1:${offer.site}:${offer.fingerprint}`;
}

/** The sheet for a terminal or a plain letter. */
export function formatSheetText(offer: Offer): string {
  const lines = [
    `Certificates of ${offer.site}, offer ${offer.sequence}`,
    '',
    ...facts(offer).map(([name, value]) => `${`${name}:`.padEnd(14)}${value}`),
    '',
    'Fingerprint in digits:',
    ...groups(offer).map((line) => `  ${line}`),
    '',
    'Fingerprint in words, for the telephone:',
    ...spokenLines(offer).map((line) => `  ${line}`),
    '',
    'SHA-256 of each root:',
    ...rootLines(offer).map((line) => `  ${line}`),
    '',
    ...STEPS.flatMap(([title, ...steps]) => [
      title,
      ...steps.map((step, n) => `  ${n + 1}. ${step}`),
      '',
    ]),
  ];
  return lines.join('\n').replace(/[^\P{C}\n]/gu, '?');
}

/**
 * The sheet as one page of HTML to print: no script, no style or picture from elsewhere.
 *
 * Everything that came from a file or an operator is escaped.
 */
export function formatSheetHtml(offer: Offer): string {
  const rows = facts(offer).map(
    ([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`,
  );
  const steps = STEPS.map(([title, ...list]) => {
    const items = list.map((step) => `<li>${escaped(step)}</li>`);
    return `<h2>${escaped(title)}</h2><ol>${items.join('')}</ol>`;
  });
  const title = escaped(`Certificates of ${offer.site}, offer ${offer.sequence}`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>
@page { size: A4; margin: 15mm }
@media screen { body { padding: 2mm 6mm } }
body { font: 11pt/1.35 sans-serif; max-width: 180mm; margin: auto; color: #000; background: #fff }
h1 { font-size: 16pt } h2 { font-size: 12pt; margin: 4mm 0 1mm }
dl { display: grid; grid-template-columns: 32mm 1fr; margin: 0 } dd { margin: 0; overflow-wrap: anywhere }
pre { font: 13pt/1.5 monospace; margin: 0; white-space: pre-wrap } pre.roots { font-size: 9pt } svg { float: right; width: 42mm; height: 42mm; margin-left: 6mm }
ol { margin: 0; padding-left: 6mm }
@media (max-width: 140mm) { svg { float: none; margin: 0 0 4mm } }
</style>
</head>
<body>
<h1>${title}</h1>
${squareCode(sheetCode(offer))}
<dl>${rows.join('')}</dl>
<h2>Fingerprint in digits</h2>
<pre>${escaped(groups(offer).join('\n'))}</pre>
<h2>Fingerprint in words, for the telephone</h2>
<pre>${escaped(spokenLines(offer).join('\n'))}</pre>
<h2>SHA-256 of each root</h2>
<pre class="roots">${escaped(rootLines(offer).join('\n'))}</pre>
${steps.join('\n')}
</body>
</html>
`;
}

/** What to do, by who does it. */
const STEPS: readonly (readonly [title: string, ...steps: string[]])[] = [
  [
    'With Sallyport',
    'Run "sallyport partner receive" with the offer file.',
    'Call the person above under a number that you know from elsewhere, never from this sheet or its letter.',
    'Let them read the words; type what you hear into "sallyport partner verify". A second operator does the same.',
    'Run "sallyport partner stage", and tell them so.',
  ],
  [
    'Without Sallyport',
    'Take the certificates from the file that ends in .pem or .p7b; they stand in the offer too, below "pem".',
    'Call the person above under a number that you know from elsewhere, never from this sheet or its letter.',
    'Read them the SHA-256 of each root: "openssl x509 -in root.pem -noout -fingerprint -sha256".',
    'Add the roots to what you trust for these domains alone, beside the ones you have, and tell them so.',
    'Remove the old ones only when they have told you that the new ones are in use.',
  ],
];

function facts(offer: Offer): readonly (readonly [name: string, value: string])[] {
  const contacts = offer.contacts.map(({ name, email, phone }) =>
    [name, email, phone].filter((part) => part !== undefined).join(', '),
  );
  const hosts = offer.endpoints.map(({ host, port }) => hostPort(host, port));
  return [
    ['Site', offer.site],
    ['Domains', offer.domains.join(', ')],
    ['Hosts', hosts.join(', ') || 'as DNS says'],
    ['Number', String(offer.sequence)],
    ['Made', minuteOf(offer.issuedAtMs)],
    ['Good until', minuteOf(offer.expiresAtMs)],
    ['Contact', contacts.join('; ') || 'none given'],
  ];
}

/** `2026-11-21 08:00 UTC`: the partner's clock may be another one. */
function minuteOf(timeMs: number): string {
  return `${minuteText(timeMs)} UTC`;
}

function groups({ fingerprint }: Offer): readonly string[] {
  return [fingerprint.slice(0, 32), fingerprint.slice(32)].map(formatFingerprint);
}

function spokenLines({ fingerprint }: Offer): readonly string[] {
  const words = formatSpoken(fingerprint);
  return [words.slice(0, 4), words.slice(4, 8), words.slice(8)].map((line) => line.join(' '));
}

/** For partners who cannot compute the fingerprint of the whole: what their own tools show. */
function rootLines({ anchors }: Offer): readonly string[] {
  if (anchors.length === 0) return ['none in it: our keys themselves are to be pinned'];
  return anchors.flatMap((der) => {
    const parsed = parseCertificate(der);
    const name = parsed.ok ? shownName(parsed.value) : 'unreadable';
    return [name, `  ${formatFingerprint(hash('sha256', der))}`];
  });
}

/** A QR code (ISO/IEC 18004) as one path; level M bears a fold in the paper. */
function squareCode(text: string): string {
  const code = qrcode(0, 'M');
  code.addData(text, 'Byte');
  code.make();
  const count = code.getModuleCount();
  const side = count + 2 * QUIET_SQUARES;
  let path = '';
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      if (code.isDark(row, column))
        path += `M${column + QUIET_SQUARES} ${row + QUIET_SQUARES}h1v1h-1z`;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" role="img" aria-label="${escaped(text)}"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path fill="#000" shape-rendering="crispEdges" d="${path}"/></svg>`;
}

function escaped(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}
