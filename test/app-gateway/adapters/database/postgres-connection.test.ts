import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  connectionOf,
  type PostgresSettings,
} from '@sallyport/app-gateway/adapters/database/postgres-connection.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
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
