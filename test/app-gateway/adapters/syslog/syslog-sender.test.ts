import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { octetCounted } from '@sallyport/app-gateway/adapters/syslog/octet-counting.ts';
import {
  openSyslog,
  SYSLOG_TIMEOUTS,
  type SyslogSender,
  type SyslogServer as SyslogServerSettings,
} from '@sallyport/app-gateway/adapters/syslog/syslog-sender.ts';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { ManualClock } from '../../../shared/io/manual-clock.ts';
import { SyslogServer } from './syslog-server.ts';

const SERVER_NAME = 'siem.home.internal';
const validity = validForDays(Date.now(), 1);

describe('the way to a syslog server (RFC 5425)', { timeout: 20_000 }, () => {
  let authority: Issued;
  let server: Issued;
  let client: Issued;
  const servers: SyslogServer[] = [];

  before(async () => {
    authority = await createAuthority({ commonName: 'siem CA', ...validity });
    server = await issueLeaf(authority, {
      commonName: SERVER_NAME,
      dnsNames: [SERVER_NAME],
      usages: ['serverAuth'],
      ...validity,
    });
    client = await issueLeaf(authority, {
      commonName: 'gateway-1',
      dnsNames: ['gateway-1'],
      usages: ['clientAuth'],
      ...validity,
    });
  });
  after(() => {
    for (const opened of servers) opened.close();
  });

  async function listening(options: TlsOptions = {}, serve?: (socket: TLSSocket) => void) {
    const opened = new SyslogServer(
      { cert: server.certificatePem, key: server.privateKeyPem, ...options },
      serve,
    );
    servers.push(opened);
    return { server: opened, port: await opened.listen() };
  }
  const settings = (port: number, over: Partial<SyslogServerSettings> = {}) => ({
    host: '127.0.0.1',
    port,
    serverName: SERVER_NAME,
    caPem: authority.certificatePem,
    ...over,
  });
  async function opened(port: number, clock = systemClock as ManualClock): Promise<SyslogSender> {
    const sender = await openSyslog(settings(port), clock);
    assert.ok(sender.ok, JSON.stringify(sender));
    return sender.value;
  }
  const frame = (text: string): Buffer => octetCounted([Buffer.from(text)]);

  it('delivers, and knows so when the server has answered the closing', async () => {
    const { server: syslog, port } = await listening();
    const sender = await opened(port);
    for (const text of ['one', 'two', 'Grüße']) assert.ok((await sender.write(frame(text))).ok);
    assert.deepEqual(await sender.finish(), { ok: true, value: undefined });
    assert.deepEqual(syslog.messages, ['one', 'two', 'Grüße']);
  });

  const refused: readonly (readonly [string, () => Promise<SyslogServerSettings>, RegExp])[] = [
    [
      'a certificate of another authority',
      async () => {
        const other = await createAuthority({ commonName: 'other CA', ...validity });
        return settings((await listening()).port, { caPem: other.certificatePem });
      },
      /UNABLE_TO_VERIFY|CERT/,
    ],
    [
      'another name',
      async () => settings((await listening()).port, { serverName: 'other.home.internal' }),
      /ERR_TLS_CERT_ALTNAME_INVALID/,
    ],
    [
      'an address that the certificate does not show',
      async () => settings((await listening()).port, { serverName: undefined }),
      /ERR_TLS_CERT_ALTNAME_INVALID/,
    ],
    [
      'TLS 1.1',
      async () => settings((await listening({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).port),
      /ERR_SSL|EPROTO|ECONNRESET/,
    ],
    [
      'nobody there',
      async () => {
        const { server: syslog, port } = await listening();
        syslog.close();
        return settings(port);
      },
      /ECONNREFUSED/,
    ],
  ];
  for (const [what, where, reason] of refused) {
    it(`is not taken: ${what}`, async () => {
      const sender = await openSyslog(await where(), systemClock);
      assert.equal(sender.ok, false);
      assert.equal(!sender.ok && sender.error.code, 'connect-failed');
      assert.match(sender.ok ? '' : sender.error.reason, reason);
    });
  }

  it('speaks TLS 1.2 too', async () => {
    const { server: syslog, port } = await listening({ maxVersion: 'TLSv1.2' });
    const sender = await opened(port);
    assert.ok((await sender.write(frame('old'))).ok);
    assert.ok((await sender.finish()).ok);
    assert.deepEqual(syslog.messages, ['old']);
  });

  it('shows our certificate to a server that demands one', async () => {
    const demanding = { requestCert: true, rejectUnauthorized: true, ca: authority.certificatePem };
    const { server: syslog, port } = await listening(demanding);
    const identity = { chainPem: client.certificatePem, keyPem: client.privateKeyPem };
    const sender = await openSyslog(settings(port, { identity }), systemClock);
    assert.ok(sender.ok);
    assert.ok((await sender.value.write(frame('known'))).ok);
    assert.ok((await sender.value.finish()).ok);
    assert.deepEqual(syslog.messages, ['known']);
    // In TLS 1.3 the client's handshake is over before the server has looked at its certificate.
    const unknown = await openSyslog(settings(port), systemClock);
    assert.ok(!unknown.ok || (await untilRefused(unknown.value, frame('unknown'))));
    assert.deepEqual(syslog.messages, ['known']);
  });

  it('does not take for delivered what the server left unread', async () => {
    const { server: syslog, port } = await listening({}, () => undefined);
    const sender = await opened(port);
    for (let sent = 0; sent < 40; sent++) void sender.write(frame('x'.repeat(90_000)));
    await waitFor(() => syslog.sockets.length === 1);
    const finished = sender.finish();
    syslog.sockets[0]?.destroy();
    const outcome = await finished;
    assert.equal(!outcome.ok && outcome.error.code, 'connection-lost');
  });

  it('does not take a connection for delivered that the server closed before we did', async () => {
    const { server: syslog, port } = await listening();
    const sender = await opened(port);
    assert.ok((await sender.write(frame('perhaps'))).ok);
    await waitFor(() => syslog.sockets.length === 1);
    syslog.sockets[0]?.end();
    assert.equal(await untilRefused(sender, frame('more')), 'connection-lost');
    assert.equal((await sender.finish()).ok, false);
  });

  it('waits while the server reads nothing, and gives up in the end', async () => {
    const clock = new ManualClock();
    const { port } = await listening({}, () => undefined);
    const sender = await opened(port, clock);
    const big = frame('x'.repeat(90_000));
    let waiting: Promise<unknown> | undefined;
    for (let sent = 0; waiting === undefined && sent < 1000; sent++) {
      const written = sender.write(big);
      const first = await Promise.race([written, soon()]);
      if (first === 'later') waiting = written;
    }
    assert.ok(waiting, 'writes are never held back');
    clock.advance(SYSLOG_TIMEOUTS.writeMs - 1);
    assert.equal(await Promise.race([waiting, soon()]), 'later');
    clock.advance(1);
    assert.deepEqual(await waiting, {
      ok: false,
      error: { code: 'server-reads-nothing', reason: `nothing for ${SYSLOG_TIMEOUTS.writeMs} ms` },
    });
    assert.equal(clock.waiting, 0);
  });

  it('does not wait for ever for the answer to its closing', async () => {
    const clock = new ManualClock();
    const { port } = await listening({ allowHalfOpen: true } as TlsOptions, (socket) => {
      socket.allowHalfOpen = true;
      socket.resume();
    });
    const sender = await opened(port, clock);
    await sender.write(frame('x'));
    const finished = sender.finish();
    assert.equal(await Promise.race([finished, soon()]), 'later');
    clock.advance(SYSLOG_TIMEOUTS.closeMs);
    const outcome = await finished;
    assert.equal(!outcome.ok && outcome.error.code, 'close-unanswered');
  });

  it('does not wait for ever for a handshake', async () => {
    const clock = new ManualClock();
    const { createServer } = await import('node:net');
    const silent = createServer((socket) => socket.on('error', () => undefined));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const sender = openSyslog(settings(port), clock);
    await once(silent, 'connection');
    clock.advance(SYSLOG_TIMEOUTS.connectMs);
    const outcome = await sender;
    assert.equal(!outcome.ok && outcome.error.code, 'connect-timeout');
    silent.close();
  });

  it('says nothing more after its end', async () => {
    const { port } = await listening();
    const sender = await opened(port);
    sender.abort();
    assert.equal((await sender.finish()).ok, false);
    assert.equal((await sender.write(frame('late'))).ok, false);
  });
});

/** Writes until that is no longer possible, and says why. */
async function untilRefused(sender: SyslogSender, octets: Buffer): Promise<string> {
  for (;;) {
    const written = await sender.write(octets);
    if (!written.ok) return written.error.code;
    await soon();
  }
}

/** A turn or two of the event loop: what can be done at once is done by then. */
async function soon(): Promise<'later'> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  return 'later';
}

async function waitFor(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
