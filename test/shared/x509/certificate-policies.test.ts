import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { holdPolicies } from '@sallyport/shared/x509/certificate-policies.ts';
import {
  buildCertificate,
  certificatePolicies,
  ecKey,
  extension,
  integer,
  Oid,
  oid,
  requireExplicitPolicy,
  sequence,
} from '../../x509-builder.ts';

const key = ecKey();
const GOLD = '1.3.6.1.4.1.99999.10';
const TIN = '1.3.6.1.4.1.99999.11';
const gold = certificatePolicies(GOLD);
const both = certificatePolicies(TIN, GOLD);
const tin = certificatePolicies(TIN);
const any = certificatePolicies(Oid.anyPolicy);
const now = requireExplicitPolicy(0);
const noAny = extension('2.5.29.54', true, integer(0));
const mapping = extension('2.5.29.33', true, sequence(sequence(oid(GOLD), oid(TIN))));

type Extensions = readonly Buffer[];
// anchor, CA below it, leaf, held
const table: readonly (readonly [string, Extensions, Extensions, Extensions, boolean])[] = [
  ['nobody demands a policy', [], [], [], true],
  ['policies differ and nobody cares', [], [gold], [tin], true],
  ['the anchor demands one that all name', [now], [both], [gold], true],
  ['the anchor demands one, the leaf names none', [now], [gold], [], false],
  ['the anchor demands one, the CA names none', [now], [], [gold], false],
  ['the anchor demands one, they name different ones', [now], [tin], [gold], false],
  ['the CA demands one', [], [gold, now], [gold], true],
  ['the CA demands one, the leaf names none', [], [gold, now], [], false],
  ['the CA demands one after one more', [], [gold, requireExplicitPolicy(1)], [], false],
  ['the CA demands one after two more', [], [gold, requireExplicitPolicy(2)], [], true],
  ['the leaf demands one itself', [], [gold], [tin, now], false],
  ['anyPolicy stands for all', [now], [any], [gold], true],
  ['anyPolicy in all of them', [now], [any], [any], true],
  ['anyPolicy is inhibited', [now, noAny], [any], [gold], false],
  ['anyPolicy is inhibited in the leaf', [now], [gold, noAny], [any], false],
  ['a mapping would be needed or not', [now], [gold, mapping], [gold], false],
  ['a mapping without demand', [], [gold, mapping], [tin], true],
];

describe('certificate policies along a path (RFC 5280 §6.1)', () => {
  for (const [name, anchor, ca, leaf, isHeld] of table) {
    it(`${name}: ${isHeld ? 'held' : 'refused'}`, () => {
      assert.equal(
        holdPolicies([parsed('CN=CA', ca), parsed('CN=leaf', leaf)], parsed('CN=Root', anchor)),
        isHeld,
      );
    });
  }

  it('an anchor alone rests on nothing', () => {
    assert.equal(holdPolicies([], parsed('CN=Root', [now])), true);
  });
});

function parsed(subject: string, extensions: Extensions): Certificate {
  const issuer = { subject: 'CN=Above', key };
  const certificate = parseCertificate(buildCertificate({ subject, key, issuer, extensions }));
  assert.ok(certificate.ok);
  return certificate.value;
}
