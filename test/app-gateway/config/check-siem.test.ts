import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { loadSite, PARTNER_YAML, SITE_YAML, siteTexts, type Texts, YEAR } from '../site-fixture.ts';
import { type CheckRow, checkTable } from './check-table.ts';

const HEAD = 'name: acme\n';
const siem = (...entries: readonly string[]): readonly [string, string] => [
  HEAD,
  `${HEAD}siem:\n${entries.map((entry) => `  - { ${entry} }\n`).join('')}`,
];
/** The same below another line of the file. */
const beside = (line: string, [from, to]: readonly [string, string]): readonly [string, string] => [
  from,
  `${to}${line}\n`,
];
const PLAIN = 'name: splunk, host: siem.inner.example, format: ocsf, ca: communities/ca.crt';
const IDENTITY = 'identity: { chain: siem.crt, key: siem.key }';

/** With a certificate that is good for what is said. */
const shown =
  (usage: 'clientAuth' | 'serverAuth'): NonNullable<CheckRow['texts']> =>
  async (texts: Texts) => {
    const authority = await createAuthority({ commonName: 'SIEM CA', ...YEAR });
    const leaf = await issueLeaf(authority, {
      commonName: 'gateway',
      dnsNames: ['gateway'],
      usages: [usage],
      ...YEAR,
    });
    return new Map([
      ...texts,
      ['siem.crt', leaf.certificatePem],
      ['siem.key', leaf.privateKeyPem],
      ['broken.crt', 'nothing'],
    ]);
  };

describe('destinations of the ledger', () => {
  checkTable([
    { name: 'none', problems: [] },
    { name: 'one', site: siem(PLAIN), problems: [] },
    {
      name: 'one that asks who we are',
      site: siem(`${PLAIN}, ${IDENTITY}`),
      texts: shown('clientAuth'),
      problems: [],
    },
    {
      name: 'one where partners are in files alone: nothing is sent, and that is said',
      site: beside('database: { kind: files }', siem(PLAIN)),
      problems: ['warning site.yaml siem: there is no ledger, for this file says "database'],
    },
    {
      name: 'one where nothing is put on record',
      site: beside('audit: { enabled: false }', siem(PLAIN)),
      problems: ['warning site.yaml siem: there is no ledger, for this file says "audit'],
    },
    {
      name: 'none where there is no ledger',
      site: beside('database: { kind: files }', [HEAD, HEAD]),
      problems: [],
    },
    {
      name: 'one with the database in the gateway',
      site: beside('database: { kind: embedded }', siem(PLAIN)),
      problems: [],
    },
    {
      name: 'a certificate that is for servers only',
      site: siem(`${PLAIN}, ${IDENTITY}`),
      texts: shown('serverAuth'),
      problems: ['error site.yaml siem[0].identity.chain: clientAuth'],
    },
    {
      name: 'a key of another certificate',
      site: siem(`${PLAIN}, identity: { chain: siem.crt, key: identities/main.key }`),
      texts: shown('clientAuth'),
      problems: ['error site.yaml siem[0].identity.key: does not belong'],
    },
    {
      name: 'two of one name',
      site: siem(PLAIN, PLAIN.replace('ocsf', 'cef')),
      problems: ['error site.yaml siem[1].name: "splunk" is used twice'],
    },
    {
      name: 'files that are missing',
      site: siem(`${PLAIN.replace('communities/', 'missing/')}, ${IDENTITY}`),
      problems: [
        'error site.yaml siem[0].ca: cannot read missing/ca.crt',
        'error site.yaml siem[0].identity.chain: cannot read siem.crt',
        'error site.yaml siem[0].identity.key: cannot read siem.key',
      ],
    },
    {
      name: 'authorities that are none',
      site: siem(PLAIN.replace('communities/ca.crt', 'broken.crt')),
      texts: shown('clientAuth'),
      problems: ['error site.yaml siem[0].ca: holds no readable PEM certificate'],
    },
    {
      name: 'a type of record that does not exist',
      site: siem(`${PLAIN}, types: [message-refused, message-eaten]`),
      problems: ['error site.yaml siem[0].types[1]: '],
    },
    {
      name: 'no type at all',
      site: siem(`${PLAIN}, types: []`),
      problems: ['error site.yaml siem[0].types: '],
    },
    {
      name: 'no authority',
      site: siem('name: splunk, host: siem.inner.example, format: cef'),
      problems: ['error site.yaml siem[0].ca: '],
    },
  ]);

  it('are in the site with their texts', async () => {
    const texts = await shown('clientAuth')(await siteTexts());
    const [from, to] = siem(`${PLAIN}, ${IDENTITY}, types: [gap]`);
    const site = loadSite(SITE_YAML.replace(from, to), [PARTNER_YAML], texts);
    assert.ok(site.ok);
    const [destination] = site.value.siem;
    assert.deepEqual(
      { ...destination, caPem: '', identity: '' },
      {
        name: 'splunk',
        host: 'siem.inner.example',
        port: 6514,
        format: 'ocsf',
        types: ['gap'],
        caPem: '',
        identity: '',
      },
    );
    assert.match(destination?.caPem ?? '', /BEGIN CERTIFICATE/);
    assert.match(destination?.identity?.keyPem ?? '', /BEGIN PRIVATE KEY/);
  });
});
