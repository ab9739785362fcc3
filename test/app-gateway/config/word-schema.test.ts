import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bindAddress,
  domainName,
  filePath,
  hostName,
  network,
  portNumber,
  publicKeyPin,
  shortName,
} from '@sallyport/app-gateway/config/word-schema.ts';

const label63 = 'a'.repeat(63);
const domain253 = `${label63}.${label63}.${label63}.${'a'.repeat(61)}`;

const rows: readonly (readonly [
  name: string,
  schema: { safeParse(value: unknown): { success: boolean } },
  good: readonly unknown[],
  bad: readonly unknown[],
])[] = [
  [
    'domain name',
    domainName,
    ['a.example', 'xn--bcher-kva.example', 'a_b.example', '1.example', label63, domain253],
    [
      '',
      '.',
      'a..b',
      '-a.example',
      'a-.example',
      'a.example.',
      '*.a.example',
      '192.0.2.1',
      'a b',
      'bücher.example',
      `a${label63}`,
      `a${domain253}`,
      'a.example\n',
      5,
    ],
  ],
  [
    'host name',
    hostName,
    ['a.example', '192.0.2.1', '2001:db8::1'],
    ['[2001:db8::1]', 'a:5061', ''],
  ],
  ['bind address', bindAddress, ['0.0.0.0', '::'], ['localhost', '']],
  ['port', portNumber, [1, 65_535], [0, 65_536, -1, 1.5, '5061']],
  [
    'short name',
    shortName,
    ['a', 'edge-1', label63],
    ['', 'A', '-a', 'a-', 'a.b', 'a:b', '../x', `a${label63}`],
  ],
  [
    'network',
    network,
    ['192.0.2.0/24', '192.0.2.1', '2001:db8::/32', '0.0.0.0/0'],
    [
      '192.0.2.0/33',
      '192.0.2.1/24',
      '192.0.2.0/',
      '192.0.2.0/024',
      '192.0.2',
      'a/8',
      'fe80::1%eth0',
    ],
  ],
  [
    'file path',
    filePath,
    ['a', 'a/b.pem', './a', 'a..b/c'],
    ['', '/a', '../a', 'a/../b', 'a\\b', 'c:a', 'a\0b'],
  ],
  [
    'pin',
    publicKeyPin,
    [`${'A'.repeat(43)}=`],
    ['A'.repeat(44), `${'A'.repeat(42)}=`, `${'-'.repeat(43)}=`],
  ],
];

for (const [name, schema, good, bad] of rows) {
  describe(name, () => {
    for (const value of good) {
      it(`takes ${JSON.stringify(value)}`, () =>
        assert.equal(schema.safeParse(value).success, true));
    }
    for (const value of bad) {
      it(`refuses ${JSON.stringify(value)}`, () =>
        assert.equal(schema.safeParse(value).success, false));
    }
  });
}

describe('domain name', () => {
  it('is compared in lower case', () => assert.equal(domainName.parse('A.Example'), 'a.example'));
});
