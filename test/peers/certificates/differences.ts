import type { Judge } from './path-judges.ts';

/** Why we and others may say different things of one oddity; in what others are stricter, by whom. */
export interface Difference {
  readonly why: string;
  readonly refusedBy?: readonly Judge[];
  /** All others let it in, and we do not. */
  readonly refusedByUs?: true;
}

const HINT = 'a key identifier is a hint for the search (RFC 5280 §4.2.1.1), the signature decides';
const ANY = 'an authority with anyExtendedKeyUsage grants what is below it (§4.2.1.12)';
const OCTETS = 'names are compared by their texts (§7.1); some compare octets';
const NO_POLICIES = 'an extension about policies that some do not know';
const FOR_CAS = '-x509_strict holds validators to what RFC 5280 asks of CAs';
const SERIAL = '§4.1.2.2: above zero and of 20 octets at most; roots may have others';
const CRITICAL =
  '§4.2.1.10, §4.2.1.11 and §4.2.1.14: it must be critical, and x509-limbo judges so';
const HANDSHAKE = 'RFC 8446 §4.4.2.2: the key signs a handshake';
const LONG_ARC =
  'an arc of an identifier has no bound (X.660), one that is a UUID has 128 bits (X.667)';
const LISTED: readonly Judge[] = ['go', 'gnutls'];

/** By the oddity's name. What is in none of these lists is judged alike by all, or refused by us and some of them. */
export const DIFFERENCES: ReadonlyMap<string, Difference> = new Map<string, Difference>([
  [
    'last second',
    { why: '§4.1.2.5: both ends are included', refusedBy: ['openssl', 'strict', 'gnutls'] },
  ],
  ['from 1949 GeneralizedTime', { why: 'dates begin with 1950', refusedByUs: true }],
  ['key rsaPssKey', { why: 'Go has no keys for RSASSA-PSS alone', refusedBy: ['go'] }],
  ['key p224', { why: 'docs/protocol-coverage.md: keys', refusedByUs: true }],
  ['key ed448', { why: 'docs/protocol-coverage.md: keys', refusedByUs: true }],
  ['ECDSA with NULL parameters', { why: 'RFC 5758 §3.2: absent', refusedByUs: true }],
  [
    'signature of nothing',
    { why: 'what a root signed itself is not looked at', refusedBy: ['gnutls'] },
  ],
  ['serial 0', { why: SERIAL, refusedByUs: true }],
  ['serial -1', { why: SERIAL, refusedByUs: true }],
  ['serial 21 octets, padded', { why: SERIAL, refusedByUs: true }],
  ['serial 21 octets', { why: SERIAL, refusedByUs: true }],
  ['basicConstraints not critical', { why: FOR_CAS, refusedBy: ['strict'] }],
  ['basicConstraints with pathLen', { why: FOR_CAS, refusedBy: ['strict'] }],
  ['no keyUsage', { why: FOR_CAS, refusedBy: ['strict'] }],
  ['no key ids', { why: FOR_CAS, refusedBy: ['strict'] }],
  ['keyUsage keyEncipherment only', { why: HANDSHAKE, refusedByUs: true }],
  ['keyUsage keyAgreement only', { why: HANDSHAKE, refusedByUs: true }],
  ['authority key id of another', { why: HINT, refusedBy: ['openssl', 'strict', 'gnutls'] }],
  [
    'authority key id by another issuer and serial',
    { why: HINT, refusedBy: ['openssl', 'strict'] },
  ],
  ['EKU any', { why: ANY, refusedBy: ['openssl', 'strict', 'gnutls'] }],
  ['EKU any and mail', { why: ANY, refusedBy: ['openssl', 'strict', 'gnutls'] }],
  ['EKU sip', { why: 'RFC 5924', refusedBy: ['go', 'openssl', 'strict', 'gnutls'] }],
  [
    'NC permits a dot',
    { why: 'docs/protocol-coverage.md: no host name begins with a dot', refusedByUs: true },
  ],
  [
    'NC excludes a dot',
    { why: 'docs/protocol-coverage.md: no host name begins with a dot', refusedByUs: true },
  ],
  ['NC on a leaf', { why: '§4.2.1.10: in certificates of CAs only', refusedByUs: true }],
  ['NC dirName empty', { why: 'Go does not know constraints of such names', refusedBy: ['go'] }],
  ['NC registered id', { why: 'no certificate of the path has such a name', refusedBy: LISTED }],
  ['NC other name', { why: 'no certificate of the path has such a name', refusedBy: ['go'] }],
  ['SAN NUL', { why: '§4.2.1.6: no such characters', refusedByUs: true }],
  ['SAN empty', { why: FOR_CAS, refusedBy: ['strict'] }],
  [
    'SAN empty name',
    { why: 'docs/protocol-coverage.md: it counts for nothing', refusedBy: ['gnutls'] },
  ],
  ['SAN odd URI', { why: 'a URI that is no SIP URI is not looked into', refusedBy: ['go'] }],
  ['unknown by a UUID', { why: LONG_ARC, refusedBy: LISTED }],
  ['policy by a UUID', { why: LONG_ARC, refusedBy: ['go'] }],
  [
    'must staple',
    {
      why: 'RFC 7633 §4.2.2 in certificates of authorities: docs/protocol-coverage.md',
      refusedBy: ['gnutls'],
    },
  ],
  [
    'critical distribution points',
    { why: '§4.2.1.13: accepted where lists must be asked, under hard-fail', refusedByUs: true },
  ],
  [
    'critical policies with a qualifier that nobody knows',
    { why: '§4.2.1.4: understood with its qualifiers, or refused', refusedByUs: true },
  ],
  ['NC not critical', { why: CRITICAL, refusedByUs: true }],
  ['explicit policy now, not critical', { why: CRITICAL, refusedByUs: true }],
  ['inhibit mapping, not critical', { why: CRITICAL, refusedByUs: true }],
  ['inhibit any, not critical', { why: CRITICAL, refusedByUs: true }],
  ['explicit policy later', { why: NO_POLICIES, refusedBy: LISTED }],
  ['inhibit mapping', { why: NO_POLICIES, refusedBy: LISTED }],
  ['maps A to B', { why: NO_POLICIES, refusedBy: LISTED }],
  ['inhibit any', { why: NO_POLICIES, refusedBy: ['go'] }],
  [
    'policy twice',
    { why: 'a policy that is named twice is named', refusedBy: ['openssl', 'strict'] },
  ],
  ['issuer in capitals', { why: OCTETS, refusedBy: LISTED }],
  ['issuer as Printable', { why: OCTETS, refusedBy: LISTED }],
  ['issuer as BMP', { why: OCTETS, refusedBy: LISTED }],
  ['issuer as Teletex', { why: OCTETS, refusedBy: LISTED }],
  ['issuer with inner spaces', { why: OCTETS, refusedBy: LISTED }],
  ['name in Universal', { why: 'Go does not read such strings', refusedBy: ['go'] }],
  ['name Printable with @ and *', { why: 'every CA writes it', refusedBy: ['go'] }],
  ['name empty value', { why: 'an empty text is a text', refusedBy: ['gnutls'] }],
  ['two cross-signed in a loop', { why: 'GnuTLS follows one path', refusedBy: ['gnutls'] }],
  ['expired twin of an intermediate', { why: 'GnuTLS follows one path', refusedBy: ['gnutls'] }],
  [
    'trusts the leaf alone',
    {
      why: 'a certificate that is no authority, taken as anchor, lets in its holder',
      refusedBy: ['gnutls'],
    },
  ],
  [
    'key rollover under a tight pathLen',
    { why: '§6.1.4 (l): self-issued ones do not count', refusedBy: LISTED },
  ],
]);
