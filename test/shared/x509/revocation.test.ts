import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAuthority, issueIntermediate } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import type { Path } from '@sallyport/shared/x509/path.ts';
import { revocationOf } from '@sallyport/shared/x509/revocation.ts';
import {
  parseRevocationList,
  type RevocationList,
} from '@sallyport/shared/x509/revocation-list.ts';
import { issueRevocationList, type RevokedCertificate } from '../../certs/issue-revocation-list.ts';
import { OPENSSL, opensslList, parsed, parsedList } from './revocation-stage.ts';

const DATES = { notBeforeMs: Date.UTC(2025, 0, 1), notAfterMs: Date.UTC(2045, 0, 1) };
const THIS_MS = Date.UTC(2026, 5, 1);
const NEXT_MS = Date.UTC(2026, 5, 8);
const SKEW_MS = 300_000;

const root = await createAuthority({ commonName: 'Root', ...DATES, pathLength: 1 });
const between = await issueIntermediate(root, { commonName: 'Between', ...DATES });
const namesake = await createAuthority({ commonName: 'Between', ...DATES });
const leaf = parsed(await issueLeaf(between, { commonName: 'leaf', ...DATES }));
const chain = [leaf, parsed(between), parsed(root)];

function pathOf(...certificates: readonly Certificate[]): Path {
  const { notBeforeMs, notAfterMs } = DATES;
  return { leaf, chain: certificates, notBeforeMs, notAfterMs };
}

async function listOf(
  authority: typeof root,
  ...revoked: readonly (readonly [Certificate, RevokedCertificate['reason']])[]
): Promise<RevocationList> {
  const pem = await issueRevocationList(authority, {
    number: 1,
    thisUpdateMs: THIS_MS,
    nextUpdateMs: NEXT_MS,
    revoked: revoked.map(([{ serialHex }, reason]) => {
      return { serialHex, reason, revokedAtMs: THIS_MS };
    }),
  });
  return parsedList(pem);
}

const ofRoot = await listOf(root);
const ofBetween = await listOf(between);
const revoking = await listOf(between, [leaf, 'keyCompromise']);
const holding = await listOf(between, [leaf, 'certificateHold']);
const revokingBetween = await listOf(root, [parsed(between), 'cACompromise']);
const revokingForeign = await listOf(root, [leaf, 'keyCompromise']);
const ofNamesake = await listOf(namesake, [leaf, 'keyCompromise']);

function words(
  lists: readonly RevocationList[],
  atMs = THIS_MS,
  path = pathOf(...chain),
  isLeafGood = false,
): string {
  const found = revocationOf(path, lists, atMs, isLeafGood);
  if (found.kind === 'good') return 'good';
  const who = chain.indexOf(found.certificate);
  if (found.kind === 'unknown') return `${who} unknown: ${found.why}`;
  assert.equal(found.revokedAtMs, THIS_MS);
  return `${who} revoked: ${found.reason}`;
}

describe('what lists say of a path', () => {
  const rows: readonly (readonly [string, readonly RevocationList[], string, number?])[] = [
    ['no list', [], '0 unknown: list-missing'],
    ['a list of each issuer', [ofRoot, ofBetween], 'good'],
    ['in the other order', [ofBetween, ofRoot], 'good'],
    ['of the leaf’s issuer alone', [ofBetween], '1 unknown: list-missing'],
    ['of the root alone', [ofRoot], '0 unknown: list-missing'],
    ['the leaf revoked', [ofRoot, revoking], '0 revoked: keyCompromise'],
    ['the leaf revoked, of the rest nothing known', [revoking], '0 revoked: keyCompromise'],
    [
      'the leaf revoked beside a list without it',
      [ofBetween, revoking, ofRoot],
      '0 revoked: keyCompromise',
    ],
    ['the intermediate revoked', [revokingBetween, ofBetween], '1 revoked: cACompromise'],
    [
      'the intermediate revoked, of the leaf nothing known',
      [revokingBetween],
      '1 revoked: cACompromise',
    ],
    ['the same serial of another issuer', [revokingForeign, ofBetween], 'good'],
    ['another key of the same name', [ofRoot, ofNamesake], '0 unknown: list-signature-bad'],
    ['another key of the same name, beside the true one', [ofRoot, ofNamesake, ofBetween], 'good'],
    ['a list not yet of its time, within skew', [ofRoot, ofBetween], 'good', THIS_MS - SKEW_MS],
    [
      'a list of the future',
      [ofRoot, ofBetween],
      '0 unknown: list-not-yet-valid',
      THIS_MS - SKEW_MS - 1,
    ],
    [
      'a list of the future that revokes',
      [ofRoot, revoking],
      '0 revoked: keyCompromise',
      THIS_MS - SKEW_MS - 1,
    ],
    [
      'a hold of the future',
      [ofRoot, holding],
      '0 revoked: certificateHold',
      THIS_MS - SKEW_MS - 1,
    ],
    ['a list in its last instant', [ofRoot, ofBetween], 'good', NEXT_MS],
    ['a list past its end', [ofRoot, ofBetween], '0 unknown: list-expired', NEXT_MS + 1],
    [
      'a list past its end that revokes',
      [ofRoot, revoking],
      '0 revoked: keyCompromise',
      NEXT_MS + 1,
    ],
    ['a hold', [ofRoot, holding], '0 revoked: certificateHold'],
    ['a hold past its end', [ofRoot, holding], '0 unknown: list-expired', NEXT_MS + 1],
  ];
  for (const [name, lists, expected, atMs] of rows) {
    it(`${name}: ${expected}`, () => assert.equal(words(lists, atMs), expected));
  }

  const vouched: readonly (readonly [string, readonly RevocationList[], string])[] = [
    ['no list', [], '1 unknown: list-missing'],
    ['a list of the root', [ofRoot], 'good'],
    ['the leaf revoked', [ofRoot, revoking], '0 revoked: keyCompromise'],
    ['the intermediate revoked', [revokingBetween], '1 revoked: cACompromise'],
  ];
  for (const [name, lists, expected] of vouched) {
    it(`beside something else that calls the leaf good, ${name}: ${expected}`, () => {
      assert.equal(words(lists, THIS_MS, pathOf(...chain), true), expected);
    });
  }

  it('asks nothing of an anchor, nor of a leaf that is one', () => {
    const [, ...above] = chain;
    assert.equal(words([revokingBetween], THIS_MS, pathOf(leaf)), 'good');
    assert.equal(words([revoking, ofBetween], THIS_MS, pathOf(above[0] as Certificate)), 'good');
  });

  it('takes no list of an authority that may not sign lists', () => {
    const [, issuer, anchor] = chain as [Certificate, Certificate, Certificate];
    const mute = { ...issuer, extensions: { ...issuer.extensions, keyUsage: 1 << 5 } };
    const found = revocationOf(pathOf(leaf, mute, anchor), [ofRoot, revoking], THIS_MS);
    assert.deepEqual(found, { kind: 'unknown', certificate: leaf, why: 'list-signer-not-allowed' });
  });

  it('asks a list of another scope nothing', { skip: OPENSSL.skip }, () => {
    const extensions = ['issuingDistributionPoint=critical,@point', '[point]', 'onlyCA=TRUE'];
    const serial = leaf.serialHex.replace(/^00/, '').toUpperCase();
    const revoked = [[serial, 'keyCompromise']] as const;
    const list = parseRevocationList(opensslList(between, { extensions, revoked }));
    assert.ok(list.ok, JSON.stringify(list));
    const found = revocationOf(pathOf(...chain), [list.value], list.value.thisUpdateMs);
    assert.deepEqual(found, { kind: 'unknown', certificate: leaf, why: 'list-out-of-scope' });
  });
});
