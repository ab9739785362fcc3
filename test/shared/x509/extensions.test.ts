import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DerReader } from '@sallyport/shared/x509/der-reader.ts';
import { KeyUsage, noExtensions, readExtensions } from '@sallyport/shared/x509/extensions.ts';
import {
  authorityKeyId,
  basicConstraints,
  certificatePolicies,
  der,
  ecKey,
  extendedKeyUsage,
  extension,
  generalName,
  integer,
  keyUsage,
  nameConstraints,
  Oid,
  oid,
  requireExplicitPolicy,
  sequence,
  subjectKeyId,
} from '../../x509-builder.ts';

const key = ecKey();

const CPS = '1.3.6.1.5.5.7.2.1';
const NOTICE = '1.3.6.1.5.5.7.2.2';
const qualifier = (type: string) => sequence(oid(type), der(0x16));
const policies = (isCritical: boolean, ...qualifiers: readonly Buffer[]) => {
  const qualified = qualifiers.length === 0 ? [] : [sequence(...qualifiers)];
  return extension('2.5.29.32', isCritical, sequence(sequence(oid('1.2.3.4'), ...qualified)));
};

describe('extensions (RFC 5280 §4.2)', () => {
  it('are read into what path validation asks for', () => {
    const read = readAll(
      basicConstraints(true, 2),
      keyUsage(0, 5),
      extendedKeyUsage([Oid.serverAuth, Oid.sipDomain]),
      nameConstraints(['dns:example.com']),
      certificatePolicies('1.2.3', Oid.anyPolicy),
      requireExplicitPolicy(3),
      extension('2.5.29.54', true, integer(1)),
      extension('2.5.29.33', false, sequence(sequence(oid('1.2.3'), oid('1.2.4')))),
    );
    assert.ok(read);
    assert.deepEqual(read.basicConstraints, { isCritical: true, isCa: true, pathLength: 2 });
    assert.equal(read.keyUsage, KeyUsage.digitalSignature | KeyUsage.keyCertSign);
    assert.deepEqual(read.extendedKeyUsage, [Oid.serverAuth, Oid.sipDomain]);
    assert.equal(read.nameConstraints?.permitted.length, 1);
    assert.deepEqual(read.certificatePolicies, ['1.2.3', Oid.anyPolicy]);
    assert.equal(read.requireExplicitPolicy, 3);
    assert.equal(read.inhibitAnyPolicy, 1);
    assert.equal(read.hasPolicyMappings, true);
    assert.deepEqual(read.unhandledCritical, []);
  });

  it('give key identifiers that agree', () => {
    const read = readAll(authorityKeyId(key), subjectKeyId(key));
    assert.ok(read?.subjectKeyId);
    assert.equal(read.authorityKeyId, read.subjectKeyId);
  });

  it('may be absent', () => {
    assert.equal(noExtensions.keyUsage, undefined);
    assert.deepEqual(noExtensions.tlsFeatures, []);
    assert.deepEqual(noExtensions.unhandledCritical, []);
  });

  const features = (isCritical: boolean, ...items: readonly Buffer[]) =>
    extension('1.3.6.1.5.5.7.1.24', isCritical, sequence(...items));
  it('say what a server is bound to offer (RFC 7633)', () => {
    assert.deepEqual(readAll(features(false, integer(5)))?.tlsFeatures, [5]);
    assert.deepEqual(readAll(features(false, integer(17), integer(5)))?.tlsFeatures, [17, 5]);
    assert.equal(readAll(features(false)), undefined);
    assert.equal(readAll(features(false, der(0x04))), undefined);
    assert.equal(readAll(features(false, der(0x02, Buffer.of(1, 0, 0)))), undefined);
  });

  const bc = (isCritical: boolean) =>
    extension('2.5.29.19', isCritical, sequence(der(0x01, Buffer.from([0xff]))));
  const ski = (isCritical: boolean) =>
    extension('2.5.29.14', isCritical, der(0x04, Buffer.from([1])));
  const aki = (isCritical: boolean) => extension('2.5.29.35', isCritical, sequence());
  const explicit = sequence(der(0x80, Buffer.from([0])));
  const points = (isCritical: boolean, value: Buffer) => extension('2.5.29.31', isCritical, value);
  const at = der(0xa0, der(0xa0, generalName('uri:http://lists.example/1')));
  const criticality: readonly (readonly [string, Buffer, readonly string[]])[] = [
    ['critical basicConstraints', bc(true), []],
    ['non-critical basicConstraints', bc(false), []],
    ['critical extendedKeyUsage', extendedKeyUsage([Oid.serverAuth], true), []],
    ['critical name constraints', nameConstraints(['dns:a.example']), []],
    ['non-critical name constraints', nameConstraints(['dns:a.example'], [], false), ['2.5.29.30']],
    ['non-critical policy constraints', extension('2.5.29.36', false, explicit), ['2.5.29.36']],
    ['non-critical inhibitAnyPolicy', extension('2.5.29.54', false, integer(0)), ['2.5.29.54']],
    ['critical subject key identifier', ski(true), ['2.5.29.14']],
    ['non-critical subject key identifier', ski(false), []],
    ['critical authority key identifier', aki(true), ['2.5.29.35']],
    ['critical TLS features', features(true, integer(5)), ['1.3.6.1.5.5.7.1.24']],
    ['non-critical TLS features', features(false, integer(5)), []],
    [
      'critical authority information access',
      extension('1.3.6.1.5.5.7.1.1', true, der(0x05)),
      ['1.3.6.1.5.5.7.1.1'],
    ],
    ['critical policies', policies(true), []],
    ['critical policies with a CPS', policies(true, qualifier(CPS)), []],
    ['critical policies with both', policies(true, qualifier(CPS), qualifier(NOTICE)), []],
    ['an unknown qualifier', policies(true, qualifier('1.2.3')), ['2.5.29.32']],
    ['one beside a CPS', policies(true, qualifier(CPS), qualifier('1.2.3')), ['2.5.29.32']],
    ['one in policies that are not critical', policies(false, qualifier('1.2.3')), []],
    ['what is none, not critical', policies(false, der(0x05)), []],
    ['CRL distribution points of none, critical', points(true, sequence()), ['2.5.29.31']],
    ['CRL distribution points that are cut off', points(true, Buffer.of(0x30, 1)), ['2.5.29.31']],
    ['the same, not critical', points(false, Buffer.of(0x30, 1)), []],
    ['critical CRL distribution points', points(true, sequence(sequence(at))), []],
    [
      'certificate transparency poison',
      extension('1.3.6.1.4.1.11129.2.4.3', true, der(0x05)),
      ['1.3.6.1.4.1.11129.2.4.3'],
    ],
    ['unknown', extension('1.2.3.4', false, Buffer.from('anything')), []],
  ];
  for (const [name, bytes, unhandled] of criticality) {
    it(`${name}: ${unhandled.length === 0 ? 'handled' : 'must be refused'}`, () => {
      assert.deepEqual(readAll(bytes)?.unhandledCritical, unhandled);
    });
  }

  const malformed: readonly (readonly [string, readonly Buffer[]])[] = [
    ['none at all', []],
    ['the same twice', [keyUsage(0), keyUsage(0)]],
    [
      'an unknown one twice',
      [extension('1.2.3', false, der(5)), extension('1.2.3', false, der(5))],
    ],
    ['BER true', [sequence(oid('1.2.3'), der(0x01, Buffer.from([1])), der(0x04))]],
    ['no value', [sequence(oid('1.2.3'))]],
    ['no purposes', [extendedKeyUsage([])]],
    ['critical policies with what is no qualifier', [policies(true, der(0x05))]],
    [
      'a negative path length',
      [
        extension(
          '2.5.29.19',
          true,
          sequence(der(0x01, Buffer.from([0xff])), der(0x02, Buffer.from([0xff]))),
        ),
      ],
    ],
    ['empty policy constraints', [extension('2.5.29.36', true, sequence())]],
    ['a path length of 2147483648', [pathLength('0080000000')]],
    ['101 purposes', [extendedKeyUsage(Array.from({ length: 101 }, (_, n) => `1.2.${n}`))]],
    ['41 extensions', Array.from({ length: 41 }, (_, n) => extension(`1.2.${n}`, false, der(5)))],
  ];
  for (const [name, extensions] of malformed) {
    it(`refuses ${name}`, () => assert.equal(readAll(...extensions), undefined));
  }

  it('reads a path length of 2147483647, 100 purposes and 40 extensions', () => {
    assert.equal(readAll(pathLength('7fffffff'))?.basicConstraints?.pathLength, 2 ** 31 - 1);
    assert.ok(readAll(extendedKeyUsage(Array.from({ length: 100 }, (_, n) => `1.2.${n}`))));
    assert.ok(
      readAll(...Array.from({ length: 40 }, (_, n) => extension(`1.2.${n}`, false, der(5)))),
    );
  });
});

function pathLength(hex: string): Buffer {
  const length = der(0x02, Buffer.from(hex, 'hex'));
  return extension('2.5.29.19', true, sequence(der(0x01, Buffer.of(0xff)), length));
}

function readAll(...extensions: readonly Buffer[]) {
  const reader = DerReader.over(sequence(...extensions));
  const read = readExtensions(reader);
  return reader.failed ? undefined : read;
}
