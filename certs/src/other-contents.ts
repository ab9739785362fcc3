import type { BerElement } from './ber-element.ts';

const KEY = 'a private key, which its owner alone should have';
const PUBLIC_KEY = 'a public key without certificate';
const REQUEST = 'a certificate request: send the certificate that the CA made of it';
const LIST = 'a revocation list';

/** What PEM files hold instead of certificates, by the end of their label (RFC 7468, and OpenSSL's own). */
const LABELS: readonly (readonly [label: string, what: string])[] = [
  ['PRIVATE KEY', KEY],
  ['CERTIFICATE REQUEST', REQUEST],
  [
    'TRUSTED CERTIFICATE',
    'a certificate in a form of OpenSSL alone: openssl x509 -in FILE writes it anew',
  ],
  ['ATTRIBUTE CERTIFICATE', 'an attribute certificate, which is of no use here'],
  ['X509 CRL', LIST],
  ['PUBLIC KEY', PUBLIC_KEY],
  ['PARAMETERS', 'parameters without certificate'],
];

/** How files begin that people take for certificates. */
const BEGINNINGS: readonly (readonly [hex: string, what: string])[] = [
  ['504b0304', 'it is a ZIP archive: unpack it first'],
  ['1f8b', 'it is compressed: unpack it first'],
  ['25504446', 'it is a PDF document'],
  [
    'feedfeed',
    'it is a Java key store: keytool -importkeystore with -deststoretype PKCS12 converts it',
  ],
  ['0000000043455254', 'it is a Windows store of certificates (.sst): export PKCS#7 (.p7b)'],
];

/** What the blocks of a PEM file without certificates are, for whoever brought it; empty if unknown. */
export function otherPemContents(labels: readonly string[]): string {
  const found = labels.flatMap((label) => LABELS.find(([end]) => label.endsWith(end))?.[1] ?? []);
  return found.length === 0 ? '' : `it holds ${[...new Set(found)].join(', and ')}`;
}

/** What a file of no format that is read is known by; empty if unknown. */
export function otherBeginning(bytes: Buffer): string {
  const hex = bytes.toString('hex', 0, 8);
  return BEGINNINGS.find(([beginning]) => hex.startsWith(beginning))?.[1] ?? '';
}

/** Shapes that other DER files have: the tags of the outer sequence, and behind the bar those of its first member. */
const SHAPES: readonly (readonly [tags: RegExp, what: string])[] = [
  [/^30 30 03\|02 30 30(?: a0)?$/, REQUEST],
  [/^30 30 03\|(?:02 )?30 30 1[78]/, LIST],
  // PKCS#8 (RFC 5208), RSA (RFC 8017 §A.1.2), EC (RFC 5915), and PKCS#8 encrypted.
  [/^02 30 04(?: a[01])*\|/, KEY],
  [/^02(?: 02){8}\|/, KEY],
  [/^02 04(?: a[01])*\|/, KEY],
  [/^30 04\|06/, KEY],
  [/^30 03\|06/, PUBLIC_KEY],
  [/^0a(?: a0)?\|/, 'an OCSP answer about revocation'],
];

/** What a DER file is by its shape, when it is no certificate; empty if unknown. */
export function otherDerContents(file: BerElement): string {
  const [first] = file.children;
  const tags = `${tagsOf(file)}|${first === undefined ? '' : tagsOf(first)}`;
  const what = SHAPES.find(([shape]) => shape.test(tags))?.[1];
  return what === undefined ? '' : `it holds ${what}`;
}

function tagsOf({ children }: BerElement): string {
  return children.map(({ tag }) => tag.toString(16).padStart(2, '0')).join(' ');
}
