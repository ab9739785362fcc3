import {
  authorityKeyId,
  basicConstraints,
  der,
  extendedKeyUsage,
  extension,
  generalName,
  integer,
  keyUsage,
  Oid,
  sequence,
} from '../../x509-builder.ts';
import { keyOf } from './chain-keys.ts';
import { bits } from './odd-der.ts';
import { ANYWHERE, BELOW, CAS, LEAF, type Oddity, odd } from './oddity.ts';

/** Who may be an authority, of what depth, and what a key is for (RFC 5280 §4.2.1.3, §4.2.1.9, §4.2.1.12). */
export const usageOdd: readonly Oddity[] = [
  odd('basicConstraints missing', CAS, { basicConstraints: null }),
  odd('basicConstraints false', CAS, { basicConstraints: basicConstraints(false) }),
  odd('basicConstraints not critical', CAS, {
    basicConstraints: basicConstraints(true, undefined, false),
  }),
  odd('pathLen 0', CAS, { basicConstraints: basicConstraints(true, 0) }),
  odd('pathLen 1', CAS, { basicConstraints: basicConstraints(true, 1) }),
  odd('pathLen 2', CAS, { basicConstraints: basicConstraints(true, 2) }),
  odd('pathLen 255', CAS, { basicConstraints: basicConstraints(true, 255) }),
  odd('pathLen 256', CAS, { basicConstraints: basicConstraints(true, 256) }),
  odd('pathLen 2147483647', CAS, {
    basicConstraints: extension(
      '2.5.29.19',
      true,
      sequence(der(1, Buffer.of(0xff)), der(2, Buffer.from('7fffffff', 'hex'))),
    ),
  }),
  odd('pathLen -1', CAS, {
    basicConstraints: extension(
      '2.5.29.19',
      true,
      sequence(der(1, Buffer.of(0xff)), der(2, Buffer.of(0xff))),
    ),
  }),
  odd('pathLen without CA', CAS, {
    basicConstraints: extension('2.5.29.19', true, sequence(integer(1))),
  }),
  odd('CA true as 01', CAS, {
    basicConstraints: extension('2.5.29.19', true, sequence(der(1, Buffer.of(1)))),
  }),
  odd('CA false written out', LEAF, {
    basicConstraints: extension('2.5.29.19', true, sequence(der(1, Buffer.of(0)))),
  }),
  odd('empty basicConstraints', LEAF, { basicConstraints: basicConstraints(false) }),
  odd('basicConstraints with pathLen', LEAF, { basicConstraints: basicConstraints(false, 0) }),
  odd('leaf is CA', LEAF, { basicConstraints: basicConstraints(true) }),
  odd('leaf is CA with keyCertSign', LEAF, {
    basicConstraints: basicConstraints(true),
    keyUsage: keyUsage(0, 5),
  }),
  odd('leaf with keyCertSign', LEAF, { keyUsage: keyUsage(0, 5) }),
  odd('no keyUsage', ANYWHERE, { keyUsage: null }),
  odd('keyUsage digitalSignature only', CAS, { keyUsage: keyUsage(0) }),
  odd('keyUsage cRLSign only', CAS, { keyUsage: keyUsage(6) }),
  odd('keyUsage keyCertSign only', CAS, { keyUsage: keyUsage(5) }),
  odd('keyUsage not critical', ANYWHERE, {
    keyUsage: extension('2.5.29.15', false, bits(0, 0x86)),
  }),
  odd('keyUsage keyEncipherment only', LEAF, { keyUsage: keyUsage(2) }),
  odd('keyUsage keyAgreement only', LEAF, { keyUsage: keyUsage(4) }),
  odd('keyUsage empty', ANYWHERE, { keyUsage: extension('2.5.29.15', true, bits(0)) }),
  odd('keyUsage zero', ANYWHERE, { keyUsage: extension('2.5.29.15', true, bits(7, 0)) }),
  odd('keyUsage malformed', ANYWHERE, { keyUsage: extension('2.5.29.15', true, integer(5)) }),
  odd('keyUsage twice', LEAF, { more: [keyUsage(0)] }),
  odd('no key ids', ANYWHERE, { subjectKeyId: null, authorityKeyId: null }),
  odd('authority key id of another', BELOW, { authorityKeyId: authorityKeyId(keyOf('p384', 5)) }),
  odd('subject key id critical', ANYWHERE, {
    subjectKeyId: extension('2.5.29.14', true, der(4, Buffer.alloc(20, 1))),
  }),
  odd('authority key id critical', BELOW, {
    authorityKeyId: extension('2.5.29.35', true, sequence()),
  }),
  odd('authority key id by another issuer and serial', BELOW, {
    authorityKeyId: extension(
      '2.5.29.35',
      false,
      sequence(der(0xa1, generalName('dn:CN=else')), der(0x82, Buffer.of(9))),
    ),
  }),
  odd('EKU none', ANYWHERE, { purposes: null }),
  odd('EKU client', ANYWHERE, { purposes: extendedKeyUsage([Oid.clientAuth]) }),
  odd('EKU both', ANYWHERE, { purposes: extendedKeyUsage([Oid.clientAuth, Oid.serverAuth]) }),
  odd('EKU any', ANYWHERE, { purposes: extendedKeyUsage([Oid.anyPurpose]) }),
  odd('EKU any and mail', ANYWHERE, {
    purposes: extendedKeyUsage([Oid.anyPurpose, Oid.emailProtection]),
  }),
  odd('EKU mail', ANYWHERE, { purposes: extendedKeyUsage([Oid.emailProtection]) }),
  odd('EKU server critical', ANYWHERE, { purposes: extendedKeyUsage([Oid.serverAuth], true) }),
  odd('EKU empty', ANYWHERE, { purposes: extension('2.5.29.37', false, sequence()) }),
  odd('EKU sgc', ANYWHERE, {
    purposes: extendedKeyUsage(['1.3.6.1.4.1.311.10.3.3', '2.16.840.1.113730.4.1']),
  }),
  odd('EKU sip', ANYWHERE, { purposes: extendedKeyUsage([Oid.sipDomain]) }),
  odd('EKU server twice', ANYWHERE, {
    purposes: extendedKeyUsage([Oid.serverAuth, Oid.serverAuth]),
  }),
];
