import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DerReader } from '@sallyport/shared/x509/der-reader.ts';
import { type GeneralName, readGeneralName } from '@sallyport/shared/x509/general-name.ts';
import { allowsNames, readNameConstraints } from '@sallyport/shared/x509/name-constraints.ts';
import { der, generalName, sequence } from '../../x509-builder.ts';

// permitted, excluded, the name, allowed
type Row = readonly [permitted: string, excluded: string, name: string, isAllowed: boolean];
const table: readonly Row[] = [
  ['dns:example.com', '', 'dns:example.com', true],
  ['dns:example.com', '', 'dns:EXAMPLE.com', true],
  ['dns:example.com', '', 'dns:a.b.example.com', true],
  ['dns:example.com', '', 'dns:badexample.com', false],
  ['dns:example.com', '', 'dns:com', false],
  ['dns:example.com', '', 'dns:*.example.com', true],
  ['dns:example.com', '', 'dns:*.com', false],
  ['dns:example.com', '', 'dns:.example.com', false],
  ['dns:example.com', '', 'dns:a..example.com', false],
  ['dns:example.com', '', 'dns:example.com.', false],
  ['dns:example.com', '', 'dns:a_b.example.com', true],
  ['dns:example.com', '', 'email:a@other.example', true],
  ['dns:', '', 'dns:anything.example', true],
  ['', 'dns:example.com', 'dns:a.example.com', false],
  ['', 'dns:example.com', 'dns:other.example', true],
  ['', 'dns:a.example.com', 'dns:*.example.com', false],
  ['', 'dns:a.b.example.com', 'dns:*.example.com', false],
  ['', 'dns:a.example.com', 'dns:*.EXAMPLE.com', false],
  ['', 'dns:A.EXAMPLE.com', 'dns:*.example.com', false],
  ['', 'email:EXAMPLE.com', 'email:a@example.com', false],
  ['', 'dns:a.example.com', 'dns:b.example.com', true],
  ['', 'dns:', 'dns:other.example', false],
  ['dns:example.com', 'dns:a.example.com', 'dns:a.example.com', false],
  ['dns:example.com', 'dns:a.example.com', 'dns:b.example.com', true],
  ['uri:host.example.com', '', 'uri:https://host.example.com/x', true],
  ['uri:host.example.com', '', 'uri:https://user@HOST.example.com:80?x', true],
  ['uri:host.example.com', '', 'uri:https://a.host.example.com/', false],
  ['uri:.example.com', '', 'uri:https://host.example.com', true],
  ['uri:.example.com', '', 'uri:https://example.com', false],
  ['uri:.example.com', '', 'uri:sip:host.example.com', false],
  ['uri:.example.com', '', 'uri:https://192.0.2.1/', false],
  ['uri:.example.com', '', 'uri:https://[2001:db8::1]/', false],
  ['uri:.example.com', '', 'uri:https://evil.example\\@host.example.com/', false],
  ['', 'uri:.example.com', 'uri:sip:host.example.com', false],
  ['', 'uri:.example.com', 'uri:https://other.example/', true],
  ['email:a@example.com', '', 'email:a@EXAMPLE.com', true],
  ['email:a@example.com', '', 'email:A@example.com', false],
  ['email:example.com', '', 'email:b@example.com', true],
  ['email:example.com', '', 'email:b@sub.example.com', false],
  ['email:.example.com', '', 'email:b@sub.example.com', true],
  ['email:.example.com', '', 'email:b@example.com', false],
  ['email:example.com', '', 'email:a@b@example.com', false],
  ['email:example.com', '', 'email:@example.com', false],
  ['', 'email:a@example.com', 'email:"a"@example.com', false],
  ['email:example.com', '', 'email:"a"@example.com', false],
  ['email:example.com', '', 'email:a b@example.com', false],
  ["email:a+b'c*@example.com", '', "email:a+b'c*@example.com", true],
  ['', 'email:a@example.com', 'email:"b"@other.example', false],
  ['', 'email:example.com', 'email:a@example.com', false],
  ['ip:c0000200ffffff00', '', 'ip:c0000263', true],
  ['ip:c0000200ffffff00', '', 'ip:c0000363', false],
  ['ip:c0000200ffffff00', '', `ip:20010db8${'00'.repeat(12)}`, false],
  [`ip:20010db8${'00'.repeat(12)}ffffffff${'00'.repeat(12)}`, '', 'ip:c0000201', false],
  ['', `ip:20010db8${'00'.repeat(12)}ffffffff${'00'.repeat(12)}`, 'ip:c0000201', true],
  ['', 'ip:0a0a0a0affff0000', 'ip:0a0a6363', false],
  ['ip:c0a80100ffffff00', '', `ip:${'00'.repeat(10)}ffffc0a80101`, false],
  ['ip:c0000200ffffff00', '', 'dns:example.com', true],
  ['', 'ip:c0000200ffffff00', 'ip:c0000263', false],
  ['', `ip:${'00'.repeat(32)}`, `ip:20010db8${'00'.repeat(12)}`, false],
  ['dns:a.example', '', 'dns:', false],
  ['dns:a.example', '', 'dns:x a.example', false],
  ['', 'dns:a.example', 'dns:', false],
  ['', 'dns:a.example', 'dns:x a.example', false],
  ['dn:C=DE,O=Acme', '', 'dn:C=DE,O=Acme,CN=x', true],
  ['dn:C=DE,O=Acme', '', 'dn:c=DE,O=ACME', false],
  ['dn:C=DE,O=Acme', '', 'dn:C=de,O= ACME ,CN=x', true],
  ['dn:C=DE,O=Acme', '', 'dn:C=DE,CN=x', false],
  ['dn:C=DE,O=Acme', '', 'dn:C=DE', false],
  ['', 'dn:C=DE', 'dn:C=DE,O=Acme', false],
  ['rid:1.2.3', '', 'rid:1.2.3', false],
  ['', 'rid:1.2.3', 'rid:2.5.6', false],
  ['rid:1.2.3', '', 'dns:example.com', true],
];

describe('name constraints (RFC 5280 §4.2.1.10)', () => {
  for (const [permitted, excluded, name, isAllowed] of table) {
    it(`${permitted || 'anything'} but ${excluded || 'nothing'} ${isAllowed ? 'allows' : 'forbids'} ${name}`, () => {
      const constraints = read(bytesOf([permitted].filter(Boolean), [excluded].filter(Boolean)));
      assert.ok(constraints);
      assert.equal(allowsNames(constraints, [nameFrom(name)]), isAllowed);
    });
  }

  it('one of several permitted subtrees is enough, every name needs one', () => {
    const constraints = read(bytesOf(['dns:a.example', 'dns:b.example'], []));
    assert.ok(constraints);
    const names = (...texts: string[]) => texts.map(nameFrom);
    assert.equal(allowsNames(constraints, names('dns:a.example', 'dns:x.b.example')), true);
    assert.equal(allowsNames(constraints, names('dns:a.example', 'dns:c.example')), false);
    assert.equal(allowsNames(constraints, []), true);
    const mailboxes = read(bytesOf(['email:a@a.example', 'email:b@a.example'], []));
    assert.ok(mailboxes);
    assert.equal(allowsNames(mailboxes, names('email:a@a.example', 'email:b@a.example')), true);
    assert.equal(allowsNames(mailboxes, names('email:c@a.example')), false);
  });

  it('a minimum of zero that is written out says nothing', () => {
    const written = sequence(generalName('dns:a.example'), der(0x80, Buffer.from([0])));
    const plain = read(bytesOf(['dns:a.example'], []));
    assert.ok(plain);
    assert.deepEqual(read(sequence(der(0xa0, written))), plain);
  });

  const malformed: readonly (readonly [string, Buffer])[] = [
    ['neither list', sequence()],
    ['an empty list', sequence(der(0xa0))],
    ['NULL lists', sequence(der(0xa0, der(0x05)), der(0xa1, der(0x05)))],
    [
      'a minimum',
      sequence(der(0xa0, sequence(generalName('dns:a.example'), der(0x80, Buffer.from([1]))))),
    ],
    [
      'a minimum and a maximum',
      sequence(
        der(
          0xa0,
          sequence(
            generalName('dns:a.example'),
            der(0x80, Buffer.from([0])),
            der(0x81, Buffer.from([1])),
          ),
        ),
      ),
    ],
    [
      'a maximum',
      sequence(der(0xa0, sequence(generalName('dns:a.example'), der(0x81, Buffer.from([1]))))),
    ],
    ['an address without mask', bytesOf(['ip:c0000201'], [])],
    ['a mask with holes', bytesOf(['ip:c0000200ff00ff00'], [])],
    ['a wildcard', bytesOf(['dns:*.example.com'], [])],
    ['a leading dot in a host name', bytesOf(['dns:.example.com'], [])],
    ['a leading dot in an excluded host name', bytesOf([], ['dns:.example.com'])],
    ['an empty label', bytesOf(['dns:a..example'], [])],
    ['two at signs', bytesOf(['email:a@b@example.com'], [])],
    ['a mailbox in quotes', bytesOf([], ['email:"a"@example.com'])],
    [
      'excluded before permitted',
      sequence(subtrees(0xa1, ['dns:a.example']), subtrees(0xa0, ['dns:b.example'])),
    ],
  ];
  for (const [name, bytes] of malformed) {
    it(`${name} is malformed`, () => assert.equal(read(bytes), undefined));
  }

  it('250 subtrees are read, 251 are not', () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => `dns:h${n}.example`);
    assert.equal(read(bytesOf(many(250), []))?.permitted.length, 250);
    assert.equal(read(bytesOf(many(251), [])), undefined);
  });
});

function read(bytes: Buffer) {
  const reader = DerReader.over(bytes);
  const constraints = readNameConstraints(reader);
  return reader.failed ? undefined : constraints;
}

function bytesOf(permitted: readonly string[], excluded: readonly string[]): Buffer {
  return sequence(subtrees(0xa0, permitted), subtrees(0xa1, excluded));
}

function subtrees(tag: number, names: readonly string[]): Buffer {
  if (names.length === 0) return Buffer.alloc(0);
  return der(tag, ...names.map((name) => sequence(generalName(name))));
}

function nameFrom(text: string): GeneralName {
  return readGeneralName(DerReader.over(generalName(text)));
}
