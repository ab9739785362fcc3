import type { ListJudge } from './list-judges.ts';

/** Why we and others may say different things of one odd list. */
export interface ListDifference {
  readonly why: string;
  readonly ours: Word;
  /** Those who say something else. */
  readonly theirs: Readonly<Partial<Record<ListJudge, Word>>>;
}

type Word = 'good' | 'revoked' | 'unknown';

/** By the question's name; of all others we and they say the same. */
export const LIST_DIFFERENCES: ReadonlyMap<string, ListDifference> = new Map([
  ...unheeded(),
  ...refusedByUs(),
  ...takenByUs(),
]);

/** GnuTLS says good where it has no list that it can use; it looks at neither dates, scopes nor criticality. */
function unheeded(): readonly (readonly [string, ListDifference])[] {
  const why = 'GnuTLS calls good what no list revokes, whatever lists there are';
  const good = { why, ours: 'unknown', theirs: { gnutls: 'good' } } as const;
  const revoked = { why, ours: 'unknown', theirs: { gnutls: 'revoked' } } as const;
  return [
    ...[
      'none',
      'by another key',
      'two algorithms',
      'of another name',
      'without issuer',
      'by one without cRLSign',
      'unknown critical extension',
      'number critical',
      'delta',
      'delta, not critical',
      'for authorities',
      'for users and authorities',
      'for attributes',
      'some reasons',
      'of another place',
      'of a place, for one without',
      'past its end',
      'not yet',
      'no seconds',
      'no such day',
      'of another with an unknown critical extension',
      'padded',
    ].map((name) => [name, good] as const),
    ['of another place, revoking', revoked],
    ['with an unknown critical extension', revoked],
  ];
}

/** What we do not take for a list, or not for one of these certificates. */
function refusedByUs(): readonly (readonly [string, ListDifference])[] {
  const good = { openssl: 'good', strict: 'good', gnutls: 'good' } as const;
  const revoked = { openssl: 'revoked', strict: 'revoked', gnutls: 'revoked' } as const;
  const mixed = { openssl: 'good', strict: 'good', gnutls: 'revoked' } as const;
  const rows: readonly (readonly [string, ListDifference['theirs'], why: string])[] = [
    ['version 1 with extensions', good, '§5.1.2.1: with extensions it is of version 2'],
    ['version 3', good, '§5.1.2.1, and x509-limbo judges so'],
    ['no entries written out', good, '§5.1.2.6: then they are absent'],
    ['something behind it', { openssl: 'good', strict: 'good' }, 'a list ends where it ends'],
    ['unknown extension twice', good, '§4.2: no extension stands twice'],
    ['with an unknown extension twice', revoked, '§4.2: no extension stands twice'],
    ['number padded', good, 'not DER'],
    ['indirect', good, 'docs/protocol-coverage.md: indirect lists'],
    ['of another issuer', mixed, '§5.3.3: in indirect lists alone'],
    ['of this issuer, by name', revoked, '§5.3.3: in indirect lists alone'],
    ['no next update', good, '§5.1.2.5: a list without an end would be good for ever'],
    ['no next update, revoking', revoked, '§5.1.2.5, and x509-limbo judges so'],
    ['reason 8', mixed, '§5.3.1: in deltas alone; others differ about it'],
    ['another with reason 8', good, '§5.3.1: in deltas alone'],
    ['revoked and removed', revoked, '§5.3.1: in deltas alone'],
    ['without seconds', revoked, '§5.1.2.6: not a time in DER'],
  ];
  return rows.map(([name, theirs, why]) => [name, { why, ours: 'unknown', theirs }] as const);
}

/** Where we say more than others. */
function takenByUs(): readonly (readonly [string, ListDifference])[] {
  const unknown = { openssl: 'unknown', strict: 'unknown' } as const;
  const good = { openssl: 'good', strict: 'good', gnutls: 'good' } as const;
  const eachRevokes = 'of several lists in force any one revokes; others take the newest';
  return [
    [
      'by one without keyUsage',
      { why: '-x509_strict asks more of CAs', ours: 'good', theirs: { strict: 'unknown' } },
    ],
    [
      'key id of another',
      { why: 'a key identifier is a hint, the signature decides', ours: 'good', theirs: unknown },
    ],
    ['a minute ahead', { why: 'clocks may differ by five minutes', ours: 'good', theirs: unknown }],
    [
      'forged one revokes, own one does not',
      { why: 'what the issuer did not sign says nothing', ours: 'good', theirs: unknown },
    ],
    [
      'with a critical date of invalidity',
      { why: '§5.3.2: we know it, and it changes nothing', ours: 'revoked', theirs: unknown },
    ],
    ['old one revokes, new one does not', { why: eachRevokes, ours: 'revoked', theirs: good }],
    ['old one holds, new one does not', { why: eachRevokes, ours: 'revoked', theirs: good }],
    [
      'past one revokes, new one does not',
      { why: 'no certificate comes back but from a hold', ours: 'revoked', theirs: good },
    ],
  ];
}
