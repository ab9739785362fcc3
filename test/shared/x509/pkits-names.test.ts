import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameConstraints, subjectAltName } from '../../x509-builder.ts';
import { chain, type Oddities, under } from './pkits-stage.ts';

const DN1 = 'O=Test,CN=permitted 1';
const DN2 = 'O=Test,CN=permitted 2';
const INSIDE = `${DN1},C=inside`;
const OUTSIDE = 'O=Test,CN=excluded';

const spaces = (
  permitted: readonly string[],
  excluded: readonly string[] = [],
  subject = 'CN=ca 0',
) => ({
  subject,
  more: [nameConstraints(permitted, excluded)],
});
const dn = (...names: readonly string[]) => names.map((one) => `dn:${one}`);
const named = (...names: readonly string[]) => ({ names: subjectAltName(names) });
const GONE = 'path-name-constraint-violated';

describe('NIST PKITS §4.13, name constraints (made anew)', () => {
  const rows: readonly (readonly [test: string, verdict: string, run: () => string])[] = [
    ['4.13.1 a name inside', 'accepted', () => under(chain(spaces(dn(DN1))), { subject: INSIDE })],
    ['4.13.2 a name outside', GONE, () => under(chain(spaces(dn(DN1))), { subject: OUTSIDE })],
    [
      '4.13.3 a name inside, another outside',
      GONE,
      () => under(chain(spaces(dn(DN1))), { subject: INSIDE, ...named(`dn:${OUTSIDE}`) }),
    ],
    [
      '4.13.4 a name inside, and a mail address',
      'accepted',
      () => under(chain(spaces(dn(DN1))), { subject: INSIDE, ...named('email:a@test.example') }),
    ],
    [
      '4.13.5 two names in two subtrees',
      'accepted',
      () => under(chain(spaces(dn(DN1, DN2))), { subject: INSIDE, ...named(`dn:${DN2},C=x`) }),
    ],
    [
      '4.13.6 outside what is excluded',
      'accepted',
      () => under(chain(spaces([], dn(OUTSIDE))), { subject: INSIDE }),
    ],
    [
      '4.13.7 inside what is excluded',
      GONE,
      () => under(chain(spaces([], dn(OUTSIDE))), { subject: `${OUTSIDE},C=x` }),
    ],
    [
      '4.13.8 inside the first of two excluded',
      GONE,
      () => under(chain(spaces([], dn(DN1, DN2))), { subject: INSIDE }),
    ],
    [
      '4.13.9 inside the second of two excluded',
      GONE,
      () => under(chain(spaces([], dn(DN2, DN1))), { subject: INSIDE }),
    ],
    [
      '4.13.10 inside both',
      GONE,
      () => under(chain(spaces(dn(DN1), dn(INSIDE))), { subject: INSIDE }),
    ],
    [
      '4.13.11 inside the permitted, outside the excluded',
      'accepted',
      () => under(chain(spaces(dn(DN1), dn(INSIDE))), { subject: `${DN1},C=elsewhere` }),
    ],
    [
      '4.13.12 inside the first, outside the narrower second',
      GONE,
      () =>
        under(chain(spaces(dn(DN1)), spaces(dn(INSIDE), [], `${DN1},CN=sub`)), {
          subject: `${DN1},C=elsewhere`,
        }),
    ],
    [
      '4.13.13 inside the first, the second elsewhere',
      GONE,
      () =>
        under(chain(spaces(dn(DN1)), spaces(dn(DN2), [], `${DN1},CN=sub`)), { subject: INSIDE }),
    ],
    [
      '4.13.14 two that share nothing, and no subject',
      'accepted',
      () =>
        under(chain(spaces(dn(DN1)), spaces(dn(DN2), [], `${DN1},CN=sub`)), {
          subject: '',
          names: subjectAltName(['email:a@test.example'], true),
        }),
    ],
    [
      '4.13.15 excluded by the first',
      GONE,
      () => under(chain(spaces([], dn(DN1)), spaces([], dn(DN2), 'CN=sub')), { subject: INSIDE }),
    ],
    [
      '4.13.16 excluded by the second',
      GONE,
      () => under(chain(spaces([], dn(DN2)), spaces([], dn(DN1), 'CN=sub')), { subject: INSIDE }),
    ],
    [
      '4.13.17 excluded, though the second permits it',
      GONE,
      () =>
        under(chain(spaces([], dn(DN1)), spaces(dn('O=Test'), [], 'CN=sub')), { subject: INSIDE }),
    ],
    [
      '4.13.18 permitted by the second, not excluded',
      'accepted',
      () =>
        under(chain(spaces([], dn(DN1)), spaces(dn('O=Test'), [], 'CN=sub')), {
          subject: `${DN2},C=x`,
        }),
    ],
    [
      '4.13.19 the authority’s renewal is outside',
      'accepted',
      () => under(chain(spaces(dn(DN1)), { subject: 'CN=ca 0' }), { subject: INSIDE }),
    ],
    [
      '4.13.20 so is a leaf by its own name',
      GONE,
      () => under(chain(spaces(dn(DN1))), { subject: 'CN=ca 0' }),
    ],
    [
      '4.13.21 a mailbox below a domain',
      'accepted',
      () => under(chain(spaces(['email:.test.example'])), named('email:a@mail.test.example')),
    ],
    [
      '4.13.22 a mailbox at that domain',
      GONE,
      () => under(chain(spaces(['email:.test.example'])), named('email:a@test.example')),
    ],
    [
      '4.13.23 a mailbox at a host',
      'accepted',
      () => under(chain(spaces(['email:test.example'])), named('email:a@test.example')),
    ],
    [
      '4.13.24 a mailbox below that host',
      GONE,
      () => under(chain(spaces(['email:test.example'])), named('email:a@mail.test.example')),
    ],
    [
      '4.13.25 a mailbox outside what is excluded',
      'accepted',
      () => under(chain(spaces([], ['email:test.example'])), named('email:a@mail.test.example')),
    ],
    [
      '4.13.26 a mailbox inside what is excluded',
      GONE,
      () => under(chain(spaces([], ['email:test.example'])), named('email:a@test.example')),
    ],
    [
      '4.13.27 name and mailbox inside',
      'accepted',
      () => mailed({ subject: INSIDE, ...named('email:a@test.example') }),
    ],
    [
      '4.13.28 the mailbox outside',
      GONE,
      () => mailed({ subject: INSIDE, ...named('email:a@other.example') }),
    ],
    [
      '4.13.29 a mail address in the subject, outside',
      GONE,
      () => mailed({ subject: `${INSIDE},email=a@other.example`, names: null }),
    ],
    [
      '4.13.30 a host inside',
      'accepted',
      () =>
        under(
          chain(spaces(['dns:testcertificates.gov'])),
          named('dns:testserver.testcertificates.gov'),
        ),
    ],
    [
      '4.13.31 a host outside',
      GONE,
      () =>
        under(
          chain(spaces(['dns:testcertificates.gov'])),
          named('dns:testserver.invalidcertificates.gov'),
        ),
    ],
    [
      '4.13.32 a host outside what is excluded',
      'accepted',
      () =>
        under(
          chain(spaces([], ['dns:invalidcertificates.gov'])),
          named('dns:testserver.testcertificates.gov'),
        ),
    ],
    [
      '4.13.33 a host inside what is excluded',
      GONE,
      () =>
        under(
          chain(spaces([], ['dns:invalidcertificates.gov'])),
          named('dns:testserver.invalidcertificates.gov'),
        ),
    ],
    [
      '4.13.34 a URI inside',
      'accepted',
      () =>
        under(
          chain(spaces(['uri:.testcertificates.gov'])),
          named('uri:http://testserver.testcertificates.gov/index.html'),
        ),
    ],
    [
      '4.13.35 a URI outside',
      GONE,
      () =>
        under(
          chain(spaces(['uri:.testcertificates.gov'])),
          named('uri:http://testcertificates.gov/invalid.html'),
        ),
    ],
    [
      '4.13.36 a URI outside what is excluded',
      'accepted',
      () =>
        under(
          chain(spaces([], ['uri:invalidcertificates.gov'])),
          named('uri:http://testserver.invalidcertificates.gov/index.html'),
        ),
    ],
    [
      '4.13.37 a URI inside what is excluded',
      GONE,
      () =>
        under(
          chain(spaces([], ['uri:invalidcertificates.gov'])),
          named('uri:ftp://invalidcertificates.gov:21/test37/'),
        ),
    ],
    [
      '4.13.38 a host that ends alike',
      GONE,
      () => under(chain(spaces(['dns:testcertificates.gov'])), named('dns:mytestcertificates.gov')),
    ],
  ];
  for (const [test, verdict, run] of rows) {
    it(`${test}: ${verdict}`, () => assert.equal(run(), verdict));
  }
});

/** A leaf below an authority for mailboxes below one for directory names. */
function mailed(oddities: Oddities): string {
  return under(
    chain(spaces(dn(DN1)), spaces(['email:test.example'], [], `${DN1},CN=sub`)),
    oddities,
  );
}
