import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  certificatePolicies,
  der,
  extension,
  integer,
  Oid,
  oid,
  requireExplicitPolicy,
  sequence,
} from '../../x509-builder.ts';
import { authority, type Entity, endEntity, judge } from './path-stage.ts';

const REFUSED = 'path-policy-refused';

/**
 * Certificates from the first authority down to the leaf. `1`, `2`, `any`: policies that it names; `RE`, `IM`, `IA`:
 * how many may follow before a policy is demanded, mapping or anyPolicy inhibited; `1:2`: a mapping; `=`: by its own name.
 */
const rows: readonly (readonly [test: string, path: string, verdict: string])[] = [
  ['4.8.1 all the same', 'RE0 1 > 1', 'accepted'],
  ['4.8.2 none at all', '- > -', 'accepted'],
  ['4.8.2 none at all, demanded', 'RE0 - > -', REFUSED],
  ['4.8.3 different ones, not demanded', '1 > 2 > 2', 'accepted'],
  ['4.8.3 different ones, demanded', 'RE0 1 > 2 > 2', REFUSED],
  ['4.8.4 another in the leaf', '1 > RE0 1 > 2', REFUSED],
  ['4.8.5 another in the second', '1 > RE0 2 > 1', REFUSED],
  ['4.8.6 they overlap in one', 'RE0 1 2 3 4 > 1 2 3 > 1 2 > 1', 'accepted'],
  ['4.8.7 they overlap in none', 'RE0 1 2 3 > 1 2 > 1 > 2', REFUSED],
  ['4.8.8 nor here', 'RE0 1 2 > 1 > 2 > 1', REFUSED],
  ['4.8.9 nor in five', 'RE0 1 2 3 > 1 2 > 2 > 1 > 1', REFUSED],
  ['4.8.10 two each', 'RE0 1 2 > 1 2', 'accepted'],
  ['4.8.11 anyPolicy in all', 'RE0 any > any', 'accepted'],
  ['4.8.12 two different', 'RE0 3 > 1', REFUSED],
  ['4.8.13 three each', 'RE0 1 2 3 > 1 2 3', 'accepted'],
  ['4.8.14 anyPolicy above one', 'RE0 any > 1', 'accepted'],
  ['4.8.16 a second in the leaf', 'RE0 1 > 1 2', 'accepted'],
  ['4.8.17 anyPolicy in the leaf', 'RE0 1 > any', 'accepted'],
  ['4.8.18 anyPolicy beside one', 'RE0 1 2 > 1 any', 'accepted'],

  ['4.9.1 demanded after ten', 'RE10 1 > 1 > 1 > 1 > -', 'accepted'],
  ['4.9.2 demanded after five', 'RE5 1 > 1 > 1 > 1 > -', 'accepted'],
  ['4.9.3 demanded after four', 'RE4 1 > 1 > 1 > 1 > -', REFUSED],
  ['4.9.4 demanded at once', 'RE0 1 > 1 > 1 > 1 > 1', 'accepted'],
  ['4.9.5 the nearest demand counts', 'RE7 1 > RE2 1 > RE4 1 > 1 > -', REFUSED],
  ['4.9.6 a renewal does not count', 'RE2 1 > = 1 > -', 'accepted'],
  ['4.9.7 one more does', 'RE2 1 > = 1 > 1 > -', REFUSED],
  ['4.9.8 and with another renewal', 'RE2 1 > = 1 > 1 > = 1 > -', REFUSED],

  ['4.10.2 mapped away', 'RE0 1 1:2 > 1', REFUSED],
  ['4.10.4 not what is mapped to', 'RE0 1 2 > 1 2 1:3 > 1 3 > 1', REFUSED],
  ['4.10.7 mapped from anyPolicy', 'RE0 1 any:1 > 1', 'path-critical-extension-unhandled'],
  ['4.10.8 mapped to anyPolicy', 'RE0 1 1:any > 1', 'path-critical-extension-unhandled'],
  [
    '4.10.7 mapped from anyPolicy, not demanded',
    '1 any:1 > 1',
    'path-critical-extension-unhandled',
  ],
  ['4.10.10 mapped away below anyPolicy', 'RE0 1 > any 1:2 > 1', REFUSED],

  ['4.11.1 mapping inhibited', 'RE0 IM0 1 > 1 1:2 > 1 2', REFUSED],
  ['4.11.3 mapping inhibited after one', 'RE0 IM1 1 2 > 1 2 1:3 2:4 > 3 4 3:5 > 5', REFUSED],
  ['4.11.5 inhibited by the nearest', 'RE0 IM5 1 > IM1 1 > 1 > 1 1:2 > 2', REFUSED],
  ['4.11.6 or by the first', 'RE0 IM1 1 2 > IM5 1 2 > 1 2 1:3 > 3', REFUSED],
  ['4.11.8 a renewal, two mappings', 'RE0 IM1 1 > = 1 > 1 1:2 > 2 2:3 > 3', REFUSED],
  [
    '4.11.9 a renewal, two mappings, the middle one',
    'RE0 IM1 1 > = 1 > 1 1:2 > 2 2:3 > 2',
    REFUSED,
  ],
  ['4.11.10 two renewals, two mappings', 'RE0 IM1 1 > = 1 > 1 1:2 > = 2 2:3 > 3', REFUSED],
  ['4.11.11 two renewals, the middle one', 'RE0 IM1 1 > = 1 > 1 1:2 > = 2 2:3 > 2', REFUSED],

  ['4.12.1 anyPolicy inhibited in the leaf', 'RE0 IA0 1 > any', REFUSED],
  ['4.12.2 beside the policy itself', 'RE0 IA0 1 > any 1', 'accepted'],
  ['4.12.3 inhibited after one', 'RE0 IA1 1 > any > 1', 'accepted'],
  ['4.12.4 and the leaf is the second', 'RE0 IA1 1 > any > any', REFUSED],
  ['4.12.5 inhibited by the nearest', 'RE0 IA5 1 > IA1 1 > 1 > any', REFUSED],
  ['4.12.6 or by the first', 'RE0 IA1 1 > IA5 1 > any', REFUSED],
  ['4.12.7 a renewal does not count', 'RE0 IA1 1 > = 1 > any > 1', 'accepted'],
  ['4.12.8 one more does', 'RE0 IA1 1 > = 1 > any > any > 1', REFUSED],
  ['4.12.9 a renewal may always', 'RE0 IA1 1 > = 1 > any > = any > 1', 'accepted'],
  ['4.12.10 but not as the leaf', 'RE0 IA1 1 > = 1 > any > = any', REFUSED],
];

/** Valid by NIST's book: mappings between policies are not followed, so a path that needs one is refused. */
const narrower: readonly (readonly [test: string, path: string])[] = [
  ['4.10.1', 'RE0 1 1:2 > 2'],
  ['4.10.3', 'RE0 1 2 > 1 2 1:3 > 2 3 > 2'],
  ['4.10.5', 'RE0 1 1:2 1:3 1:4 > 2 > 2'],
  ['4.10.9', 'RE0 any 1:2 > 1'],
  ['4.10.11', 'RE0 1 > any 1:2 > 2'],
  ['4.10.12', 'RE0 1 2 1:3 > any 3'],
  ['4.10.13', 'RE0 1 any 1:2 > 2'],
  ['4.10.14', 'RE0 1 any 1:2 > 1'],
  ['4.11.2', 'RE0 IM1 1 2 > 1 2 1:3 2:4 > 3'],
  ['4.11.4', 'RE0 IM1 1 2 > 1 2 1:3 2:4 > 3 4 3:5 > 4'],
  ['4.11.7', 'RE0 IM1 1 > = 1 > 1 1:2 > 2'],
];

describe('NIST PKITS, policies (made anew)', () => {
  for (const [test, path, verdict] of rows) {
    it(`${test}, ${path}: ${verdict}`, () => assert.equal(judgePath(path), verdict));
  }
  for (const [test, path] of narrower) {
    it(`${test} needs a mapping, ${path}: refused`, () => assert.equal(judgePath(path), REFUSED));
    const undemanded = path.replace('RE0 ', '');
    it(`${test} without demand, ${undemanded}: accepted`, () =>
      assert.equal(judgePath(undemanded), 'accepted'));
  }
});

const anchor = authority({ subject: 'CN=trust anchor' });

function judgePath(path: string): string {
  const specs = path.split(' > ').map((spec) => spec.split(' '));
  const made: Entity[] = [];
  for (const [n, words] of specs.entries()) {
    const issuer = made.at(-1) ?? anchor;
    const subject = words.includes('=') ? issuer.subject : `CN=${n}`;
    const oddities = { subject, more: extensionsOf(words) };
    const isLeaf = n === specs.length - 1;
    made.push(isLeaf ? endEntity(issuer, oddities) : authority(oddities, issuer));
  }
  const leaf = made.pop() as Entity;
  return judge({ leaf, anchors: [anchor], intermediates: made });
}

function extensionsOf(words: readonly string[]): Buffer[] {
  const named = words.filter((word) => /^(?:\d|any)$/.test(word)).map(policy);
  const mappings = words.filter((word) => word.includes(':'));
  const after = (kind: string): number | undefined => {
    const found = words.find((word) => word.startsWith(kind));
    return found === undefined ? undefined : Number(found.slice(2));
  };
  const [demand, noMapping, noAny] = [after('RE'), after('IM'), after('IA')];
  return [
    ...(named.length === 0 ? [] : [certificatePolicies(...named)]),
    ...(mappings.length === 0
      ? []
      : [
          extension(
            '2.5.29.33',
            true,
            sequence(
              ...mappings.map((pair) =>
                sequence(...pair.split(':').map((one) => oid(policy(one)))),
              ),
            ),
          ),
        ]),
    ...constraints(demand, noMapping),
    ...(noAny === undefined ? [] : [extension('2.5.29.54', true, integer(noAny))]),
  ];
}

function constraints(demand: number | undefined, noMapping: number | undefined): Buffer[] {
  if (demand === undefined && noMapping === undefined) return [];
  if (demand !== undefined && noMapping === undefined) return [requireExplicitPolicy(demand)];
  const required = demand === undefined ? [] : [der(0x80, Buffer.of(demand))];
  const inhibited = der(0x81, Buffer.of(noMapping as number));
  return [extension('2.5.29.36', true, sequence(...required, inhibited))];
}

/** NIST's test policies. */
function policy(word: string): string {
  return word === 'any' ? Oid.anyPolicy : `2.16.840.1.101.3.2.1.48.${word}`;
}
