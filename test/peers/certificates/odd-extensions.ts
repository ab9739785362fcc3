import {
  certificatePolicies,
  der,
  extension,
  generalName,
  integer,
  Oid,
  oid,
  requireExplicitPolicy,
  sequence,
} from '../../x509-builder.ts';
import { bits, bmp } from './odd-der.ts';
import { ANYWHERE, CAS, LEAF, more, type Oddity } from './oddity.ts';

const MADE_UP = '1.3.6.1.4.1.55738.666.1';
const A = '1.3.6.1.4.1.55738.1';
const B = '1.3.6.1.4.1.55738.2';
/** What names an object for whoever has no arc of his own (ITU-T X.667): 2.25 and 128 bits. */
const UUID = der(6, Buffer.from('6983f09da7ebcfdee0c7a1a7b2c0948cc8f9d776', 'hex'));
const policyConstraints = (isCritical: boolean, require?: number, inhibit?: number) =>
  extension(
    '2.5.29.36',
    isCritical,
    sequence(
      ...(require === undefined ? [] : [der(0x80, Buffer.of(require))]),
      ...(inhibit === undefined ? [] : [der(0x81, Buffer.of(inhibit))]),
    ),
  );
const qualified = (isCritical: boolean) =>
  extension(
    '2.5.29.32',
    isCritical,
    sequence(sequence(oid(A), sequence(sequence(oid(MADE_UP), der(5))))),
  );
const inhibitAny = (isCritical: boolean, skip: number) =>
  extension('2.5.29.54', isCritical, integer(skip));
const mappings = (isCritical: boolean, from: string, to: string) =>
  extension('2.5.29.33', isCritical, sequence(sequence(oid(from), oid(to))));

/** Extensions that nobody knows, that some products write, and policies (RFC 5280 §4.2). */
export const extensionsOdd: readonly Oddity[] = [
  more('unknown critical', ANYWHERE, extension(MADE_UP, true, der(5))),
  more('unknown', ANYWHERE, extension(MADE_UP, false, Buffer.from('not DER'))),
  more(
    'unknown twice',
    ANYWHERE,
    extension(MADE_UP, false, der(5)),
    extension(MADE_UP, false, der(5)),
  ),
  more('unknown by a UUID', ANYWHERE, sequence(UUID, der(4, der(5)))),
  more('policy by a UUID', ANYWHERE, extension('2.5.29.32', false, sequence(sequence(UUID)))),
  more(
    'critical false written out',
    ANYWHERE,
    sequence(oid(MADE_UP), der(1, Buffer.of(0)), der(4, der(5))),
  ),
  more('CT poison', LEAF, extension('1.3.6.1.4.1.11129.2.4.3', true, der(5))),
  more(
    'critical distribution points',
    ANYWHERE,
    extension(
      '2.5.29.31',
      true,
      sequence(sequence(der(0xa0, der(0xa0, generalName('uri:http://c.example/l'))))),
    ),
  ),
  more(
    'critical AIA',
    ANYWHERE,
    extension(
      '1.3.6.1.5.5.7.1.1',
      true,
      sequence(sequence(oid('1.3.6.1.5.5.7.48.2'), generalName('uri:http://c.example/l'))),
    ),
  ),
  more(
    'critical issuerAltName',
    ANYWHERE,
    extension('2.5.29.18', true, sequence(generalName('dns:c.example'))),
  ),
  more('critical policies', ANYWHERE, extension('2.5.29.32', true, sequence(sequence(oid(A))))),
  more('critical policies with a qualifier that nobody knows', ANYWHERE, qualified(true)),
  more('policies with a qualifier that nobody knows', ANYWHERE, qualified(false)),
  more('critical ocsp-nocheck', ANYWHERE, extension('1.3.6.1.5.5.7.48.1.5', true, der(5))),
  more('critical Netscape type', ANYWHERE, extension('2.16.840.1.113730.1.1', true, bits(6, 0x40))),
  more(
    'critical application policies',
    ANYWHERE,
    extension('1.3.6.1.4.1.311.21.10', true, sequence(sequence(oid(Oid.serverAuth)))),
  ),
  more(
    'Microsoft template, CA version, application policies',
    ANYWHERE,
    extension('1.3.6.1.4.1.311.20.2', false, der(0x1e, bmp('WebServer'))),
    extension('1.3.6.1.4.1.311.21.1', false, integer(3)),
    extension('1.3.6.1.4.1.311.21.10', false, sequence(sequence(oid(Oid.serverAuth)))),
    extension(
      '1.3.6.1.4.1.311.25.2',
      false,
      sequence(
        der(0xa0, oid('1.3.6.1.4.1.311.25.2.1'), der(0xa0, der(4, Buffer.from('S-1-5-21')))),
      ),
    ),
  ),
  more(
    'Netscape comment',
    ANYWHERE,
    extension('2.16.840.1.113730.1.13', false, der(0x16, Buffer.from('made by hand'))),
  ),
  more(
    'private key usage period',
    ANYWHERE,
    extension('2.5.29.16', false, sequence(der(0x80, Buffer.from('20260101000000Z')))),
  ),
  more('subject directory attributes', ANYWHERE, extension('2.5.29.9', false, sequence())),
  more('logotype', ANYWHERE, extension('1.3.6.1.5.5.7.1.12', false, der(5))),
  more(
    'QC statements',
    ANYWHERE,
    extension('1.3.6.1.5.5.7.1.3', false, sequence(sequence(oid('0.4.0.1862.1.1')))),
  ),
  more('must staple', ANYWHERE, extension('1.3.6.1.5.5.7.1.24', false, sequence(integer(5)))),
  more('explicit policy now', CAS, requireExplicitPolicy(0)),
  more('explicit policy later', CAS, requireExplicitPolicy(4)),
  more('explicit policy now, not critical', CAS, policyConstraints(false, 0)),
  more('explicit policy and A', CAS, policyConstraints(true, 0), certificatePolicies(A)),
  more('inhibit mapping', CAS, policyConstraints(true, undefined, 0)),
  more('inhibit mapping, not critical', CAS, policyConstraints(false, undefined, 0)),
  more('policy constraints empty', CAS, policyConstraints(true)),
  more('policy A', ANYWHERE, certificatePolicies(A)),
  more('policy B', ANYWHERE, certificatePolicies(B)),
  more('any policy', ANYWHERE, certificatePolicies(Oid.anyPolicy)),
  more('policy twice', ANYWHERE, certificatePolicies(A, A)),
  more('inhibit any', CAS, inhibitAny(true, 0)),
  more('inhibit any, not critical', CAS, inhibitAny(false, 0)),
  more('maps A to B', CAS, mappings(true, A, B)),
  more('maps A to B, not critical', CAS, mappings(false, A, B), certificatePolicies(A)),
  more('maps any', CAS, mappings(true, Oid.anyPolicy, B)),
];
