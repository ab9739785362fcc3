import { der, extension, generalName, nameConstraints, oid, sequence } from '../../x509-builder.ts';
import { bmp, commonName } from './odd-der.ts';
import { CAS, LEAF, more, type Oddity } from './oddity.ts';

const subtree = (base: Buffer, ...rest: Buffer[]) => sequence(base, ...rest);
const rawConstraints = (permitted: readonly Buffer[], excluded: readonly Buffer[] = []) =>
  extension(
    '2.5.29.30',
    true,
    sequence(
      ...(permitted.length > 0 ? [der(0xa0, ...permitted)] : []),
      ...(excluded.length > 0 ? [der(0xa1, ...excluded)] : []),
    ),
  );

/** Name constraints (RFC 5280 §4.2.1.10). */
export const constraintsOdd: readonly Oddity[] = [
  more('NC permits the name', CAS, nameConstraints(['dns:peer.example'])),
  more('NC permits the domain', CAS, nameConstraints(['dns:example'])),
  more('NC permits a dot', CAS, nameConstraints(['dns:.example'])),
  more('NC permits a dot and the name', CAS, nameConstraints(['dns:.peer.example'])),
  more('NC permits another', CAS, nameConstraints(['dns:other.example'])),
  more('NC permits in capitals', CAS, nameConstraints(['dns:PEER.Example'])),
  more('NC permits the end of a label', CAS, nameConstraints(['dns:er.example'])),
  more('NC permits all names', CAS, nameConstraints(['dns:'])),
  more('NC excludes all names', CAS, nameConstraints([], ['dns:'])),
  more('NC excludes the name', CAS, nameConstraints([], ['dns:peer.example'])),
  more('NC excludes below it', CAS, nameConstraints([], ['dns:a.peer.example'])),
  more('NC excludes a dot', CAS, nameConstraints([], ['dns:.peer.example'])),
  more('NC excludes a dot of the domain', CAS, nameConstraints([], ['dns:.example'])),
  more('NC permits and excludes', CAS, nameConstraints(['dns:example'], ['dns:peer.example'])),
  more('NC not critical', CAS, nameConstraints(['dns:peer.example'], [], false)),
  more('NC not critical, broken', CAS, nameConstraints(['dns:other.example'], [], false)),
  more('NC on a leaf', LEAF, nameConstraints(['dns:peer.example'])),
  more('NC trailing dot', CAS, nameConstraints(['dns:example.'])),
  more('NC wildcard', CAS, nameConstraints(['dns:*.example'])),
  more('NC empty', CAS, extension('2.5.29.30', true, sequence())),
  more('NC empty subtrees', CAS, extension('2.5.29.30', true, sequence(der(0xa0)))),
  more(
    'NC minimum 0',
    CAS,
    rawConstraints([subtree(generalName('dns:example'), der(0x80, Buffer.of(0)))]),
  ),
  more(
    'NC minimum 1',
    CAS,
    rawConstraints([subtree(generalName('dns:example'), der(0x80, Buffer.of(1)))]),
  ),
  more(
    'NC maximum',
    CAS,
    rawConstraints([subtree(generalName('dns:example'), der(0x81, Buffer.of(9)))]),
  ),
  more('NC dirName of the leaf', CAS, nameConstraints(['dn:CN=leaf'])),
  more('NC dirName another', CAS, nameConstraints(['dn:CN=else'])),
  more('NC dirName empty', CAS, rawConstraints([subtree(der(0xa4, sequence()))])),
  more('NC dirName excluded', CAS, nameConstraints([], ['dn:CN=leaf'])),
  more('NC dirName excluded in capitals', CAS, nameConstraints([], ['dn:CN=LEAF'])),
  more(
    'NC dirName excluded as Printable',
    CAS,
    rawConstraints([], [subtree(der(0xa4, commonName(0x13, 'leaf')))]),
  ),
  more(
    'NC dirName excluded as BMP',
    CAS,
    rawConstraints([], [subtree(der(0xa4, commonName(0x1e, bmp('leaf'))))]),
  ),
  more(
    'NC dirName excluded with spaces',
    CAS,
    rawConstraints([], [subtree(der(0xa4, commonName(0x0c, ' leaf ')))]),
  ),
  more('NC mail', CAS, nameConstraints(['email:example'])),
  more('NC URI', CAS, nameConstraints(['uri:example'])),
  more('NC IP', CAS, nameConstraints(['ip:0a000000ff000000'])),
  more('NC IP odd mask', CAS, nameConstraints(['ip:0a000000ff00ff00'])),
  more('NC IP 5 octets', CAS, nameConstraints(['ip:0a000000ff'])),
  more('NC registered id', CAS, nameConstraints(['rid:1.2.3'])),
  more(
    'NC other name',
    CAS,
    rawConstraints([
      subtree(der(0xa0, oid('1.3.6.1.4.1.311.20.2.3'), der(0xa0, der(0x0c, Buffer.from('x'))))),
    ]),
  ),
];
