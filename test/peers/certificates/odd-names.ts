import {
  der,
  extension,
  generalName,
  nameOfAttributes,
  oid,
  sequence,
  subjectAltName,
} from '../../x509-builder.ts';
import type { Draft } from './odd-chains.ts';
import { bmp, commonName } from './odd-der.ts';
import { ANYWHERE, CAS, LEAF, type Oddity, odd, shape } from './oddity.ts';

/** The anchor's name as the certificate below writes it. */
const renamed =
  (subject: Buffer): Oddity['apply'] =>
  ({ drafts }) => {
    const [anchor, below] = drafts as [Draft, Draft];
    drafts[1] = { ...below, issuer: { subject, key: anchor.key } };
  };

/** Names of authorities and their comparison (RFC 5280 §7.1), and other names of a leaf (§4.2.1.6). */
export const namesOdd: readonly Oddity[] = [
  shape('issuer in capitals', renamed(commonName(0x0c, 'ANCHOR'))),
  shape('issuer as Printable', renamed(commonName(0x13, 'anchor'))),
  shape('issuer as BMP', renamed(commonName(0x1e, bmp('anchor')))),
  shape('issuer as Teletex', renamed(commonName(0x14, 'anchor'))),
  shape('issuer with inner spaces', renamed(commonName(0x0c, ' anchor  '))),
  odd('name in BMP', ANYWHERE, { subject: commonName(0x1e, bmp('Müller')) }),
  odd('name in Teletex', ANYWHERE, { subject: commonName(0x14, Buffer.from('Müller', 'latin1')) }),
  odd('name in Universal', ANYWHERE, { subject: commonName(0x1c, Buffer.from('0000004d', 'hex')) }),
  odd('name Printable with 8 bits', ANYWHERE, {
    subject: commonName(0x13, Buffer.from('Müller', 'latin1')),
  }),
  odd('name Printable with @ and *', ANYWHERE, { subject: commonName(0x13, 'a@b *') }),
  odd('name IA5 with 8 bits', ANYWHERE, {
    subject: commonName(0x16, Buffer.from('Müller', 'latin1')),
  }),
  odd('name bad UTF-8', ANYWHERE, { subject: commonName(0x0c, Buffer.of(0xc3, 0x28)) }),
  odd('name empty value', ANYWHERE, { subject: commonName(0x0c, '') }),
  odd('name numeric', ANYWHERE, { subject: commonName(0x12, '123') }),
  odd('name with NUL', ANYWHERE, { subject: commonName(0x0c, 'a\0b') }),
  odd('name of two values', ANYWHERE, {
    subject: sequence(
      der(
        0x31,
        sequence(oid('2.5.4.10'), der(0x0c, Buffer.from('O'))),
        sequence(oid('2.5.4.3'), der(0x0c, Buffer.from('C'))),
      ),
    ),
  }),
  odd('country of 3', ANYWHERE, { subject: nameOfAttributes([['2.5.4.6', 0x13, 'DEU']]) }),
  odd('long name', ANYWHERE, { subject: `CN=${'x'.repeat(300)}` }),
  odd('empty set', ANYWHERE, { subject: sequence(der(0x31)) }),
  odd('empty name', CAS, { subject: '' }),
  odd('SAN with mail, URI, IP', LEAF, {
    names: subjectAltName([
      'dns:peer.example',
      'uri:sip:peer.example',
      'email:a@peer.example',
      'ip:0a000001',
    ]),
  }),
  odd('SAN with wildcard', LEAF, { names: subjectAltName(['dns:*.example', 'dns:peer.example']) }),
  odd('SAN trailing dot', LEAF, {
    names: subjectAltName(['dns:peer.example.', 'dns:peer.example']),
  }),
  odd('SAN underscore', LEAF, {
    names: subjectAltName(['dns:_sip.peer.example', 'dns:peer.example']),
  }),
  odd('SAN NUL', LEAF, { names: subjectAltName(['dns:peer.example\0.evil', 'dns:peer.example']) }),
  odd('SAN 8 bit', LEAF, { names: subjectAltName(['dns:p\u00e9er.example', 'dns:peer.example']) }),
  odd('SAN mail in UTF-8', LEAF, {
    names: subjectAltName(['email:p\u00e9@peer.example', 'dns:peer.example']),
  }),
  odd('SAN directory name', LEAF, { names: subjectAltName(['dns:peer.example', 'dn:CN=else']) }),
  odd('SAN registered id', LEAF, { names: subjectAltName(['dns:peer.example', 'rid:1.2.3']) }),
  odd('SAN UPN', LEAF, {
    names: extension(
      '2.5.29.17',
      false,
      sequence(
        generalName('dns:peer.example'),
        der(
          0xa0,
          oid('1.3.6.1.4.1.311.20.2.3'),
          der(0xa0, der(0x0c, Buffer.from('x@peer.example'))),
        ),
      ),
    ),
  }),
  odd('SAN empty', LEAF, { names: extension('2.5.29.17', false, sequence()) }),
  odd('SAN empty name', LEAF, { names: subjectAltName(['dns:', 'dns:peer.example']) }),
  odd('SAN IP 5 octets', LEAF, { names: subjectAltName(['dns:peer.example', 'ip:0a00000001']) }),
  odd('SAN odd URI', LEAF, { names: subjectAltName(['dns:peer.example', 'uri:http://[::1']) }),
  odd('SAN relative URI', LEAF, {
    names: subjectAltName(['dns:peer.example', 'uri:peer.example']),
  }),
  odd('SAN URI with port', LEAF, {
    names: subjectAltName(['dns:peer.example', 'uri:sip:peer.example:5061;transport=tls']),
  }),
  odd('SAN critical', LEAF, { names: subjectAltName(['dns:peer.example'], true) }),
  odd('no SAN', LEAF, { names: null, subject: 'CN=peer.example' }),
  odd('empty subject', LEAF, { subject: '' }),
  odd('empty subject, SAN critical', LEAF, {
    subject: '',
    names: subjectAltName(['dns:peer.example'], true),
  }),
];
