import { describe } from 'node:test';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { NOW_MS, type Texts, YEAR } from '../site-fixture.ts';
import { type CheckRow, checkTable } from './check-table.ts';

const HEAD = 'name: acme\n';
const database = (text: string): readonly [string, string] => [HEAD, `${HEAD}database: ${text}\n`];
const SECOND = `communities:`;
const two = (text: string): readonly [string, string] => [
  SECOND,
  `  - node: gateway-2
    inner: { host: 10.0.2.6, port: 5062, advertise: gateway-2.inner.example }
    health: { host: 127.0.0.1, port: 8083 }
${text}communities:`,
];
const withPassword = (texts: Texts): Texts => new Map([...texts, ['keys/db', 'password\n']]);
const withAuthority =
  (dates: typeof YEAR): NonNullable<CheckRow['texts']> =>
  async (texts) => {
    const { certificatePem } = await createAuthority({ commonName: 'Database CA', ...dates });
    return new Map([...withPassword(texts), ['db-ca.crt', certificatePem]]);
  };
const DAY_MS = 86_400_000;
const PASSWORD = 'passwordFile: keys/db';

describe('the database suits the site', () => {
  checkTable([
    { name: 'files', site: database('{ kind: files }'), problems: [] },
    { name: 'embedded with one gateway', site: database('{ kind: embedded }'), problems: [] },
    {
      name: 'none named, and two gateways',
      site: two(''),
      problems: [
        'error site.yaml gateways[1]: set "database" to "kind: postgresql", or to "kind: files"',
      ],
    },
    {
      name: 'embedded with two gateways',
      site: two('database: { kind: embedded }\n'),
      problems: ['error site.yaml database.kind: several gateways need one state'],
    },
    {
      name: 'files with two gateways',
      site: two('database: { kind: files }\n'),
      problems: [],
    },
    {
      name: 'a server with two gateways',
      site: two(`database: { kind: postgresql, host: db.inner.example, ${PASSWORD} }\n`),
      texts: withPassword,
      problems: [],
    },
    {
      name: 'a password file that is missing',
      site: database(`{ kind: postgresql, host: db.inner.example, ${PASSWORD} }`),
      problems: ['error site.yaml database.passwordFile: cannot read keys/db: no such file'],
    },
    {
      name: 'authorities that are missing',
      site: database(`{ kind: postgresql, host: 10.0.0.1, ${PASSWORD}, ca: db-ca.crt }`),
      texts: withPassword,
      problems: ['error site.yaml database.ca: cannot read db-ca.crt'],
    },
    {
      name: 'an authority',
      site: database(`{ kind: postgresql, host: 10.0.0.1, ${PASSWORD}, ca: db-ca.crt }`),
      texts: withAuthority(YEAR),
      problems: [],
    },
    {
      name: 'an authority that ended',
      site: database(`{ kind: postgresql, host: 10.0.0.1, ${PASSWORD}, ca: db-ca.crt }`),
      texts: withAuthority({ ...YEAR, notAfterMs: NOW_MS - DAY_MS }),
      problems: ['warning site.yaml database.ca: the certificate expired on'],
    },
    {
      name: 'a file without authorities',
      site: database(`{ kind: postgresql, host: 10.0.0.1, ${PASSWORD}, ca: db-ca.crt }`),
      texts: (texts) => new Map([...withPassword(texts), ['db-ca.crt', '\n']]),
      problems: ['error site.yaml database.ca: holds no readable PEM certificate'],
    },
    {
      name: 'no password over the network',
      site: database('{ kind: postgresql, host: db.inner.example }'),
      problems: ['warning site.yaml database: no passwordFile'],
    },
    {
      name: 'no TLS over the network',
      site: database(`{ kind: postgresql, host: 10.0.0.1, tls: off, ${PASSWORD} }`),
      texts: withPassword,
      problems: ['error site.yaml database.tls: 10.0.0.1 is elsewhere'],
    },
    {
      name: 'no TLS to a name that only looks like this host',
      site: database(`{ kind: postgresql, host: localhost.example, tls: off, ${PASSWORD} }`),
      texts: withPassword,
      problems: ['error site.yaml database.tls: localhost.example is elsewhere'],
    },
    ...['127.0.0.1', '127.8.8.8', '"::1"', 'localhost'].map((host) => ({
      name: `no TLS on loopback: ${host}`,
      site: database(`{ kind: postgresql, host: ${host}, tls: off, ${PASSWORD} }`),
      texts: withPassword,
      problems: [],
    })),
    {
      name: 'a Unix socket',
      site: database('{ kind: postgresql, host: /run/postgresql, tls: off }'),
      problems: [],
    },
    {
      name: 'TLS over a Unix socket',
      site: database('{ kind: postgresql, host: /run/postgresql }'),
      problems: ['error site.yaml database.tls: no TLS over a Unix socket'],
    },
    {
      name: 'a name to verify where nothing is verified',
      site: database('{ kind: postgresql, host: /run/pg, tls: off, serverName: db.example }'),
      problems: ['error site.yaml database.tls: "ca" and "serverName" say nothing'],
    },
    {
      name: 'a password in the file itself',
      site: database('{ kind: postgresql, host: db.inner.example, password: secret }'),
      problems: ['error site.yaml database.password: no known setting'],
    },
    {
      name: 'another kind',
      site: database('{ kind: oracle }'),
      problems: ['error site.yaml database.kind: files, embedded or postgresql'],
    },
  ]);
});
