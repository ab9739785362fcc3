import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDistributionPoints } from '@sallyport/shared/x509/distribution-points.ts';

/** Hex of one element whose content is shorter than 128 octets. */
function element(tag: number, ...contents: readonly string[]): string {
  const content = contents.join('');
  return Buffer.of(tag, content.length / 2).toString('hex') + content;
}

const uri = (text: string) => element(0x86, Buffer.from(text).toString('hex'));
const name = (...names: readonly string[]) => element(0xa0, element(0xa0, ...names));
const point = (...parts: readonly string[]) => element(0x30, ...parts);
const DIRECTORY = element(0xa4, element(0x30));

describe('distribution points of a certificate (RFC 5280 §4.2.1.13)', () => {
  const rows: readonly (readonly [name: string, extension: string, uris: readonly string[]])[] = [
    ['one', element(0x30, point(name(uri('http://a/')))), ['http://a/']],
    [
      'two, one of them with two names',
      element(0x30, point(name(uri('http://a/'), uri('ldap://b/'))), point(name(uri('http://c/')))),
      ['http://a/', 'ldap://b/', 'http://c/'],
    ],
    ['a directory’s name', element(0x30, point(name(DIRECTORY))), []],
    ['a name relative to the issuer', element(0x30, point(element(0xa0, element(0xa1)))), []],
    ['some reasons only', element(0x30, point(name(uri('http://a/')), element(0x81, '0780'))), []],
    ['another issuer', element(0x30, point(name(uri('http://a/')), element(0xa2, DIRECTORY))), []],
    ['something behind', `${element(0x30, point(name(uri('http://a/'))))}0500`, []],
    ['a name with a space', element(0x30, point(name(uri('http://a /')))), []],
    ['no points', element(0x30), []],
    ['nothing', '', []],
    [
      'more than sixteen',
      element(0x30, point(name(...Array.from({ length: 17 }, () => uri('x'))))),
      Array.from({ length: 16 }, () => 'x'),
    ],
  ];
  for (const [name, extension, uris] of rows) {
    it(name, () => assert.deepEqual(readDistributionPoints(Buffer.from(extension, 'hex')), uris));
  }
});
