import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DerReader, Tag } from '@sallyport/shared/x509/der-reader.ts';
import { readDistinguishedName } from '@sallyport/shared/x509/distinguished-name.ts';
import {
  comparablePoint,
  readDistributionPoints,
} from '@sallyport/shared/x509/distribution-points.ts';
import { nameOf } from '../../x509-builder.ts';

/** Hex of one element whose content is shorter than 128 octets. */
function element(tag: number, ...contents: readonly string[]): string {
  const content = contents.join('');
  return Buffer.of(tag, content.length / 2).toString('hex') + content;
}

const uri = (text: string) => element(0x86, Buffer.from(text).toString('hex'));
const name = (...names: readonly string[]) => element(0xa0, element(0xa0, ...names));
const point = (...parts: readonly string[]) => element(0x30, ...parts);
const directory = (text: string) => element(0xa4, nameOf(text).toString('hex'));
const DIRECTORY = directory('O=Lists,CN=One');
/** The attributes of the last part of a name. */
const relative = (text: string) =>
  element(0xa1, DerReader.over(nameOf(text)).enter(Tag.sequence).content(Tag.set).toString('hex'));
const ISSUER = readDistinguishedName(DerReader.over(nameOf('O=Lists')));
const ONE = `directory ${JSON.stringify(['2.5.4.10="lists', '2.5.4.3="one'])}`;

describe('distribution points of a certificate (RFC 5280 §4.2.1.13)', () => {
  const rows: readonly (readonly [name: string, extension: string, uris: readonly string[]])[] = [
    ['one', element(0x30, point(name(uri('http://a/')))), ['uri http://a/']],
    [
      'two, one of them with two names',
      element(0x30, point(name(uri('http://a/'), uri('ldap://b/'))), point(name(uri('http://c/')))),
      ['uri http://a/', 'uri ldap://b/', 'uri http://c/'],
    ],
    ['a directory’s name', element(0x30, point(name(DIRECTORY))), [ONE]],
    ['the same in other letters', element(0x30, point(name(directory('O=LISTS,CN=one')))), [ONE]],
    [
      'a name relative to the issuer',
      element(0x30, point(element(0xa0, relative('CN=One')))),
      [ONE],
    ],
    ['a relative name without attributes', element(0x30, point(element(0xa0, element(0xa1)))), []],
    ['a host', element(0x30, point(name(element(0x82, '61')))), []],
    ['some reasons only', element(0x30, point(name(uri('http://a/')), element(0x81, '0780'))), []],
    ['another issuer', element(0x30, point(name(uri('http://a/')), element(0xa2, DIRECTORY))), []],
    ['something behind', `${element(0x30, point(name(uri('http://a/'))))}0500`, []],
    ['a name with a space', element(0x30, point(name(uri('http://a/b c')))), ['uri http://a/b c']],
    ['a name with a line break', element(0x30, point(name(uri('http://a/\r\n')))), []],
    ['no points', element(0x30), []],
    ['nothing', '', []],
    [
      'more than sixteen',
      element(0x30, point(name(...Array.from({ length: 17 }, () => uri('x'))))),
      Array.from({ length: 16 }, () => 'uri x'),
    ],
  ];
  for (const [name, extension, names] of rows) {
    it(name, () => {
      const read = readDistributionPoints(Buffer.from(extension, 'hex'));
      assert.deepEqual(
        read.map((point) => comparablePoint(point, ISSUER)),
        names,
      );
    });
  }
});
