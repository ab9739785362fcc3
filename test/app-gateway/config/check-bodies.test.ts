import { generateKeyPairSync } from 'node:crypto';
import { describe } from 'node:test';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { checkTable } from './check-table.ts';

const HEAD = 'name: acme\n';
const key = (): string => rawPublicKey(generateKeyPairSync('x25519').privateKey).toString('base64');
const KEY = key();
const ANNA = `{ name: anna, key: "${KEY}" }`;
const bodies = (auditors: string, rules: string): readonly [string, string] => [
  HEAD,
  `${HEAD}audit: { bodies: { auditors: [${auditors}], rules: [${rules}] } }\n`,
];

describe('whose words are recorded', () => {
  checkTable([
    { name: 'nobody’s', problems: [] },
    { name: 'nobody’s, with an auditor', site: bodies(ANNA, ''), problems: [] },
    {
      name: 'a partner’s and a desk’s',
      site: bodies(
        `${ANNA}, { name: ben, key: "${key()}" }`,
        '{ name: traders, partner: globex, users: ["@desk.acme.example"] }, { name: board, users: ["chair@acme.example"], methods: [INVITE] }',
      ),
      problems: [],
    },
    {
      name: 'a partner’s, in a method that was misspelt',
      site: bodies(ANNA, '{ name: traders, partner: globex, methods: [MESSAGE, MESAGE] }'),
      problems: ['warning site.yaml audit.bodies.rules[0].methods[1]: did you mean MESSAGE?'],
    },
    {
      name: 'of a partner that there is not, for its name was misspelt',
      site: bodies(ANNA, '{ name: traders, partner: globx }'),
      problems: [
        'warning site.yaml audit.bodies.rules[0].partner: no partner is called globx: nothing is recorded by this rule',
      ],
    },
    {
      name: 'a partner’s, and nobody can read them',
      site: bodies('', '{ name: traders, partner: globex }'),
      problems: ['error site.yaml audit.bodies.rules: nobody could read'],
    },
    {
      name: 'a partner’s, and there is no ledger to record them in',
      site: [
        HEAD,
        `${bodies(ANNA, '{ name: traders, partner: globex }')[1]}database: { kind: files }\n`,
      ],
      problems: ['warning site.yaml audit.bodies.rules: there is no ledger'],
    },
    {
      name: 'nobody’s, and there is no ledger',
      site: [HEAD, `${bodies(ANNA, '')[1]}database: { kind: files }\n`],
      problems: [],
    },
    {
      name: 'nobody said whose',
      site: bodies(ANNA, '{ name: traders }'),
      problems: ['error site.yaml audit.bodies.rules[0]: says neither'],
    },
    {
      name: 'two rules and two auditors of one name, and one key twice',
      site: bodies(
        `${ANNA}, ${ANNA}`,
        '{ name: traders, partner: globex }, { name: traders, users: ["@acme.example"] }',
      ),
      problems: [
        'error site.yaml audit.bodies.auditors[1].name: "anna" is used twice',
        'error site.yaml audit.bodies.auditors[1].key: is the key of another',
        'error site.yaml audit.bodies.rules[1].name: "traders" is used twice',
      ],
    },
    {
      name: 'for a key that seals nothing',
      site: bodies(`{ name: anna, key: "${Buffer.alloc(32).toString('base64')}" }`, ''),
      problems: ['error site.yaml audit.bodies.auditors[0].key: is no X25519 key'],
    },
    {
      name: 'for what is no key, of who is no user',
      site: bodies('{ name: anna, key: abc }', '{ name: traders, users: [bob] }'),
      problems: [
        'error site.yaml audit.bodies.auditors[0].key: is no base64',
        'error site.yaml audit.bodies.rules[0].users[0]: is neither',
      ],
    },
  ]);
});
