import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { TLSSocket } from 'node:tls';
import {
  connectionOf,
  type PostgresSettings,
} from '@sallyport/app-gateway/adapters/database/postgres-connection.ts';
import { openPostgresStore } from '@sallyport/app-gateway/adapters/database/postgres-database.ts';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { around } from '../../../integration/support/proxy-site.ts';
import { YEAR } from '../../site-fixture.ts';

describe('a connection to PostgreSQL', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postgres-connection-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const settings = (over: Partial<PostgresSettings> = {}): PostgresSettings => ({
    host: 'db.home.internal',
    port: 5432,
    database: 'sallyport',
    user: 'sallyport',
    tls: 'verified',
    connectionsMax: 4,
    ...over,
  });

  it('compiles no statement: that costs more than all of ours', () => {
    assert.match(connectionOf(settings()).options ?? '', /^-c jit=off /);
  });

  it('takes nothing for committed that is not on the server’s disk, whatever the server is set to', () => {
    assert.match(connectionOf(settings()).options ?? '', / -c synchronous_commit=on$/);
  });

  it('waits for nothing without end', () => {
    const { connectionTimeoutMillis, statement_timeout, lock_timeout, query_timeout } =
      connectionOf(settings());
    for (const ms of [connectionTimeoutMillis, statement_timeout, lock_timeout, query_timeout]) {
      assert.ok(typeof ms === 'number' && ms >= 1000 && ms <= 15_000, String(ms));
    }
  });

  it('takes nothing from the environment where no password is needed', () => {
    assert.equal(connectionOf(settings()).password, '');
  });

  it('reads the password anew for each connection', () => {
    const passwordFile = join(folder, 'password');
    const { password } = connectionOf(settings({ passwordFile }));
    assert.ok(typeof password === 'function');
    for (const word of ['first', 'second']) {
      writeFileSync(passwordFile, `${word}\n`);
      assert.equal(password(), word);
    }
  });

  it('reads the authorities anew for each connection, and keeps those it had while there are none', async () => {
    const caFile = join(folder, 'ca.crt');
    const [first, second] = await Promise.all(
      ['first', 'second'].map((commonName) => createAuthority({ commonName, ...YEAR })),
    );
    assert.ok(first && second);
    writeFileSync(caFile, first.certificatePem);
    const { ssl } = connectionOf(settings({ caFile }));
    assert.ok(typeof ssl === 'object');
    // As the driver takes them.
    const given = () => Object.assign({}, ssl).ca;
    assert.equal(given(), first.certificatePem);
    for (const [text, expected] of [
      [second.certificatePem, second],
      ['', second],
      ['-----BEGIN CERTIFICATE-----\nMII', second],
      [first.certificatePem, first],
    ] as const) {
      writeFileSync(caFile, text);
      assert.equal(given(), expected.certificatePem);
    }
    rmSync(caFile);
    assert.equal(given(), first.certificatePem);
  });

  it('trusts not everybody where the file has no authority', () => {
    const caFile = join(folder, 'ca.crt');
    for (const text of ['', '\n', 'db.home.internal']) {
      writeFileSync(caFile, text);
      assert.throws(() => connectionOf(settings({ caFile })), /ca\.crt holds no PEM certificate/);
    }
    rmSync(caFile);
    assert.throws(() => connectionOf(settings({ caFile })), /ENOENT/);
  });

  it('is without TLS only where the site says so', () => {
    assert.equal(connectionOf(settings({ tls: 'off' })).ssl, false);
  });

  //   host          server name           asked for (SNI)      is trusted
  const names: readonly (readonly [string, string | undefined, string | undefined, boolean])[] = [
    ['localhost', undefined, 'localhost', false],
    ['localhost', 'db.home.internal', 'localhost', true],
    ['127.0.0.1', 'db.home.internal', 'db.home.internal', true],
    ['127.0.0.1', 'other.home.internal', 'other.home.internal', false],
    ['127.0.0.1', undefined, undefined, false],
  ];
  for (const [host, serverName, asked, isTrusted] of names) {
    it(`to ${host}, known as ${serverName}, asks for ${asked} and demands its name of the certificate`, async () => {
      const authority = await createAuthority({ commonName: 'ca', ...around() });
      const server = await startServer(authority, 'db.home.internal');
      const caFile = join(folder, 'ca.crt');
      writeFileSync(caFile, authority.certificatePem);
      const { port } = server;
      const opened = await openPostgresStore(settings({ host, serverName, port, caFile }));
      await server.close();
      assert.ok(!opened.ok);
      assert.match(opened.error.message, isTrusted ? /terminated/ : /altnames|IP/);
      assert.deepEqual(server.heard, { asked, user: isTrusted ? 'sallyport' : undefined });
    });
  }
});

/** Takes TLS as PostgreSQL does, hears who logs in, and hangs up. */
async function startServer(authority: Issued, name: string) {
  const dnsNames = [name];
  const request = { commonName: name, dnsNames, usages: ['serverAuth'], ...around() } as const;
  const { certificatePem: cert, privateKeyPem: key } = await issueLeaf(authority, request);
  const heard: { asked: string | undefined; user: string | undefined } = {
    asked: undefined,
    user: undefined,
  };
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('S');
      const secure = new TLSSocket(socket, {
        ...{ isServer: true, cert, key },
        SNICallback(asked, done) {
          heard.asked = asked;
          done(null);
        },
      });
      secure.on('error', () => undefined);
      secure.once('data', (startup) => {
        heard.user = /user\0(\w+)\0/.exec(startup.toString('latin1'))?.[1];
        secure.destroy();
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.close();
    await once(server, 'close');
  };
  return { port, heard, close };
}
