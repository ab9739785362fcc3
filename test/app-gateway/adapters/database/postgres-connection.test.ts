import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  connectionOf,
  type PostgresSettings,
} from '@sallyport/app-gateway/adapters/database/postgres-connection.ts';

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
    assert.equal(connectionOf(settings()).options, '-c jit=off');
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

  it('is without TLS only where the site says so', () => {
    assert.equal(connectionOf(settings({ tls: 'off' })).ssl, false);
  });

  //   host                server name          asked for (SNI)
  const names: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['db.home.internal', undefined, 'db.home.internal'],
    ['192.0.2.1', 'db.home.internal', 'db.home.internal'],
    ['db.home.internal', 'other.home.internal', 'other.home.internal'],
    ['192.0.2.1', undefined, undefined],
  ];
  for (const [host, serverName, asked] of names) {
    it(`to ${host}, known as ${serverName}, asks for ${asked} and demands it of the certificate`, () => {
      const { ssl } = connectionOf(settings({ host, serverName }));
      assert.ok(typeof ssl === 'object');
      assert.equal(ssl.rejectUnauthorized, true);
      assert.equal(ssl.servername, asked);
      const expected = serverName ?? host;
      const certificate = (name: string) =>
        ({ subject: { CN: name }, subjectaltname: altName(name) }) as never;
      assert.equal(ssl.checkServerIdentity?.('ignored', certificate(expected)), undefined);
      assert.ok(ssl.checkServerIdentity?.('ignored', certificate('evil.example')) instanceof Error);
    });
  }
});

function altName(name: string): string {
  return /^[\d.]+$/.test(name) ? `IP Address:${name}` : `DNS:${name}`;
}
