import { isSocketFolder } from '../config/check-database.ts';
import { type JudgedSite, type Placed, type PostureRule, rule } from './posture-rule.ts';

/** What holds for what is kept: the database, the record, and the files of this host. */
export const KEEPING_RULES: readonly PostureRule[] = [
  rule({
    name: 'where-partners-are-kept',
    protocols: ['every'],
    settings: ['database.kind'],
    grades: {
      database: {
        level: 'high',
        when: 'embedded or postgresql',
        why: 'every change bears an operator’s signature, a partner’s keys that of two, and private keys are sealed',
      },
      files: {
        level: 'medium',
        when: 'files',
        why: 'whoever writes the files changes partners and keys alone, unsigned, and private keys lie there as they are',
        toRaise: 'database: { kind: embedded } or { kind: postgresql }',
      },
    },
    judge: ({ database }) => [
      { at: 'database.kind', grade: database?.kind === 'files' ? 'files' : 'database' },
    ],
  }),
  rule({
    name: 'way-to-the-database',
    protocols: ['every'],
    settings: ['database.tls', 'database.host', 'database.ca'],
    grades: {
      inside: {
        level: 'high',
        when: 'embedded, files, or a Unix socket',
        why: 'nothing of it leaves the host, and who answers is known by the folder',
      },
      verified: {
        level: 'high',
        when: 'tls: verified, with ca',
        why: 'the server proves its name under the authority that was named',
      },
      'any-authority': {
        level: 'medium',
        when: 'tls: verified, without ca',
        why: 'every authority that the system trusts can issue for the server’s name',
        toRaise: 'database.ca: the authority of the server alone',
      },
      loopback: {
        level: 'medium',
        when: 'tls: off, over loopback',
        why: 'any user of the host can stand on the port while the server is down',
        toRaise: 'a Unix socket, or tls: verified',
      },
    },
    judge: (site) => [{ at: 'database.tls', grade: wayOf(site) }],
  }),
  rule({
    name: 'proof-to-the-database',
    protocols: ['every'],
    settings: ['database.passwordFile'],
    grades: {
      proven: {
        level: 'high',
        when: 'a passwordFile, a Unix socket, or no server',
        why: 'the server asks who we are',
      },
      unproven: {
        level: 'medium',
        when: 'none, over the network',
        why: 'nothing here proves to the server who we are: it may let in whoever names the user',
        toRaise: 'database.passwordFile',
      },
    },
    judge: ({ database }): readonly Placed<'proven' | 'unproven'>[] => [
      {
        at: 'database.passwordFile',
        grade:
          database?.kind === 'postgresql' &&
          database.passwordFile === undefined &&
          !isSocketFolder(database.host)
            ? 'unproven'
            : 'proven',
      },
    ],
  }),
  rule({
    name: 'audit',
    protocols: ['every'],
    settings: ['audit.enabled'],
    grades: {
      on: {
        level: 'high',
        when: 'on, with a database',
        why: 'what was let in and what was turned away can be proven later',
      },
      off: {
        level: 'low',
        when: 'off, or database: files',
        why: 'nothing is put on record: nobody can say later who was let in',
        toRaise: 'audit.enabled: true, and a database',
      },
    },
    judge: ({ audit, database }) => [
      { at: 'audit.enabled', grade: audit.enabled && database?.kind !== 'files' ? 'on' : 'off' },
    ],
  }),
  rule({
    name: 'audit-when-full',
    protocols: ['every'],
    settings: ['audit.whenFull'],
    grades: {
      refuse: { level: 'high', when: 'refuse', why: 'nothing passes that is not on record' },
      gap: {
        level: 'medium',
        when: 'gap',
        why: 'who fills a proxy’s spool first passes unrecorded afterwards',
        toRaise: 'audit.whenFull: refuse',
      },
    },
    judge: ({ audit }) => [{ at: 'audit.whenFull', grade: audit.whenFull }],
  }),
  rule({
    name: 'recorded-bodies',
    protocols: ['every'],
    settings: ['audit.bodies.auditors[].key', 'audit.bodies.rules[].name'],
    grades: {
      sealed: {
        level: 'high',
        when: 'always: bodies are not recorded, or sealed for the auditors',
        why: 'no rule is taken without an auditor, and no host of the site has an auditor’s key',
      },
    },
    judge: () => [{ at: 'audit.bodies', grade: 'sealed' }],
  }),
  rule({
    name: 'key-files',
    protocols: ['every'],
    settings: ['identities[].key', 'communities[].identity.key', 'siem[].identity.key'],
    grades: {
      closed: {
        level: 'high',
        when: 'no other user of the host can read a key or password',
        why: 'who gets onto the host as another user finds no key',
      },
      open: {
        level: 'low',
        when: 'every user of the host can read one',
        why: 'any program on the host can take it away, and nobody will see that it did',
        toRaise: 'chmod o-r, and take it as known: replace the key',
      },
    },
    judge: ({ openFiles }): readonly Placed<'closed' | 'open'>[] =>
      openFiles.length === 0
        ? [{ at: 'key files', grade: 'closed' }]
        : openFiles.map((file) => ({ at: file, grade: 'open' })),
  }),
];

function wayOf({ database }: JudgedSite): 'inside' | 'verified' | 'any-authority' | 'loopback' {
  if (database?.kind !== 'postgresql' || isSocketFolder(database.host)) return 'inside';
  if (database.tls === 'verified') return database.ca === undefined ? 'any-authority' : 'verified';
  // Elsewhere than over loopback it is an error of its own (check-database.ts).
  return 'loopback';
}
