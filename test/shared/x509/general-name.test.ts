import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DerReader } from '@sallyport/shared/x509/der-reader.ts';
import { readSubjectAltName } from '@sallyport/shared/x509/general-name.ts';
import { der, generalName, sequence } from '../../x509-builder.ts';

describe('subjectAltName (RFC 5280 §4.2.1.6)', () => {
  it('sorts the names by their form and keeps them as written', () => {
    const names = read(
      [
        'dns:A.example',
        'uri:sip:b.example',
        'email:c@d.example',
        'ip:c0000201',
        'dn:CN=x',
        'rid:1.2.3',
        'dns:*.e.example',
      ],
      true,
    );
    assert.ok(names);
    assert.deepEqual(names.dns, ['A.example', '*.e.example']);
    assert.deepEqual(names.uri, ['sip:b.example']);
    assert.deepEqual(names.email, ['c@d.example']);
    assert.deepEqual(names.ip, ['192.0.2.1']);
    assert.equal(names.names.length, 7);
    assert.equal(names.isCritical, true);
  });

  //  form of RFC 5280 §4.2.1.6    identifier
  const others: readonly (readonly [string, number])[] = [
    ['otherName, an XMPP address or a login', 0xa0],
    ['x400Address', 0xa3],
    ['ediPartyName', 0xa5],
    ['registeredID', 0x88],
  ];
  for (const [form, tag] of others) {
    it(`steps over ${form}: it says nothing to us, and the names beside it stay`, () => {
      const content = der(0x06, Buffer.from([0x2a, 0x03]));
      const names = sequence(generalName('dns:a.example'), der(tag, content));
      const reader = DerReader.over(names);
      const value = readSubjectAltName(reader, false);
      assert.equal(reader.failed, false);
      assert.deepEqual(value.dns, ['a.example']);
      assert.deepEqual(value.names[1], { kind: 'other', tag });
    });
  }

  it('may be without any name, which is not the same as absent', () => {
    assert.deepEqual(read([], true), {
      isCritical: true,
      dns: [],
      uri: [],
      email: [],
      ip: [],
      names: [],
    });
  });

  it('keeps empty names and such with spaces, which nobody is asked for', () => {
    const names = read(['dns:', 'uri:', 'dns:Our Own Root', 'email:']);
    assert.deepEqual(names?.dns, ['', 'Our Own Root']);
    assert.deepEqual([names?.uri, names?.email], [[''], ['']]);
  });

  it('writes IPv6 in its one text', () => {
    assert.deepEqual(read([`ip:20010db8${'00'.repeat(11)}01`])?.ip, ['2001:db8::1']);
  });

  const table: readonly (readonly [string, Buffer])[] = [
    ['a NUL', sequence(generalName('dns:a.example\0b'))],
    ['a line break', sequence(generalName('uri:sip:a\r\nb'))],
    ['an eighth bit', sequence(generalName('dns:caf\u00e9.example'))],
    ['an address of 5 octets', sequence(generalName('ip:c000020100'))],
    ['an address with mask', sequence(generalName('ip:c0000201ffffffff'))],
    ['an unknown form', sequence(der(0x89))],
    ['a form built the wrong way', sequence(der(0xa2, Buffer.from('a')))],
    ['a name beside the sequence', Buffer.concat([sequence(generalName('dns:a')), der(0x05)])],
  ];
  for (const [name, bytes] of table) {
    it(`refuses ${name}`, () => {
      const reader = DerReader.over(bytes);
      readSubjectAltName(reader, false);
      reader.finish();
      assert.equal(reader.failed, true);
    });
  }

  it('reads 500 names and not 501', () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => `dns:h${n}.example`);
    assert.equal(read(many(500))?.dns.length, 500);
    assert.equal(read(many(501)), undefined);
  });
});

function read(names: readonly string[], isCritical = false) {
  const reader = DerReader.over(sequence(...names.map(generalName)));
  const value = readSubjectAltName(reader, isCritical);
  reader.finish();
  return reader.failed ? undefined : value;
}
