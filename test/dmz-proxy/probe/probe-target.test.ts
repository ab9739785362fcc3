import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer as createPlainServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Issued } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { type EdgeConfig, edgeConfig } from '@sallyport/dmz-proxy/bundle/edge-config.ts';
import type { RevocationOf } from '@sallyport/dmz-proxy/identity/revocation-seam.ts';
import {
  PROBE_WAITS,
  type ProbeWaits,
  probeTarget,
} from '@sallyport/dmz-proxy/probe/probe-target.ts';
import { StepList } from '@sallyport/dmz-proxy/probe/step-list.ts';
import type { PartnerSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { openSslMissing, openssl } from '../../certs/openssl.ts';
import {
  around,
  type ProxySite,
  proxySite,
  trusting,
} from '../../integration/support/proxy-site.ts';
import { ocspResponse } from '../../ocsp-builder.ts';
import { freePort } from '../../peers/support/free-port.ts';
import { parsed } from '../../shared/x509/revocation-stage.ts';

const DAY_MS = 86_400_000;

/** What a partner's server does with a request; undefined: nothing. */
type Answering = (request: string, socket: TLSSocket) => string | undefined;

const ok200 =
  (more = ''): Answering =>
  (request) => {
    const fields = request
      .split('\r\n')
      .filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/.test(line));
    return `SIP/2.0 200 OK\r\n${fields.join('\r\n')}\r\n${more}Content-Length: 0\r\n\r\n`;
  };

describe('trying one server', () => {
  let site: ProxySite;
  const servers: Server[] = [];
  const children: ChildProcess[] = [];

  before(async () => {
    site = await proxySite();
  });
  after(() => {
    for (const server of servers) server.close();
    for (const child of children) child.kill();
    site.remove();
  });

  async function tlsServer(
    shown: Issued,
    answering: Answering = ok200(),
    options: TlsOptions = {},
  ): Promise<number> {
    const server = createServer({
      cert: shown.certificatePem,
      key: shown.privateKeyPem,
      requestCert: true,
      rejectUnauthorized: false,
      ...options,
    });
    server.on('secureConnection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        const answer = answering(chunk.toString('latin1'), socket);
        if (answer !== undefined) socket.write(answer);
      });
    });
    server.on('tlsClientError', () => undefined);
    return await listening(server);
  }

  async function listening(server: Server): Promise<number> {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** The steps as `step outcome code`, and all of them for closer looks. */
  async function probed(
    port: number,
    changes: Partial<PartnerSnapshot> = {},
    waits: Partial<ProbeWaits> = {},
    revocationOf?: RevocationOf,
  ) {
    const content = {
      ...site.snapshot,
      partners: site.snapshot.partners.map((partner) => ({ ...partner, ...changes })),
    };
    const built = edgeConfig(content, undefined, 0);
    assert.ok(built.ok);
    const config: EdgeConfig = built.value;
    const partner = config.partners.byId.get('globex');
    assert.ok(partner);
    const steps = new StepList(() => 0);
    await probeTarget(
      {
        partner,
        domain: 'globex.example',
        target: { address: '127.0.0.1', port, serverName: 'globex.example' },
        config,
        wallMs: Date.now,
        revocationOf,
        signal: AbortSignal.timeout(15_000),
        waits: { ...PROBE_WAITS, verdictMs: 50, ...waits },
      },
      steps,
    );
    const seen = (name: string) => steps.steps.find(({ step }) => step === name)?.seen ?? '';
    const line = steps.steps.map(({ step, outcome, code }) =>
      outcome === 'ok' ? step : `${step}:${outcome}:${code}`,
    );
    return { line: line.join(' '), seen };
  }

  it('a good server: every step is well, and the session is described', async () => {
    const port = await tlsServer(site.partner);
    const { line, seen } = await probed(port);
    assert.equal(
      line,
      'connect tls chain names purposes dates trust our-certificate options clock',
    );
    assert.match(seen('tls'), /^TLSv1\.3, group X25519MLKEM768, TLS_AES_256_GCM_SHA384$/);
    assert.match(seen('chain'), /^".*" by "globex root", \d{4}-/);
    assert.match(seen('our-certificate'), /it asked for it and does not object$/);
    assert.equal(seen('options'), '200 OK');
    assert.equal(seen('clock'), 'no date in the answer');
  });

  it('asks as somebody whom the partner can believe, and for the domain alone', async () => {
    let request = '';
    const port = await tlsServer(site.partner, (text, socket) => {
      request = text;
      return ok200()(text, socket);
    });
    await probed(port);
    assert.match(request, /^OPTIONS sip:globex\.example SIP\/2\.0\r\n/);
    assert.match(request, /\r\nFrom: <sip:acme\.example>;tag=/);
  });

  it('what it staples is judged as for messages', async () => {
    const server = createServer({
      cert: site.partner.certificatePem,
      key: site.partner.privateKeyPem,
    });
    const staple = { certificate: parsed(site.partner), authority: site.partnerAuthority };
    server.on('OCSPRequest', (...[, , respond]) => {
      respond(null, ocspResponse({ ...staple, isRevoked: true }));
    });
    const revocationOf: RevocationOf = (...[, , , shown]) =>
      shown?.status.ok === true ? shown.status.value.kind : 'unknown';
    const revocation = { mode: 'soft-fail', fetch: false, lists: [] } as const;
    const { line } = await probed(await listening(server), { revocation }, {}, revocationOf);
    assert.match(line, / trust:failed:revocation-revoked /);
    assert.match(line, / options:failed:not-sent$/);
  });

  it('TLS 1.2 only is good too', async () => {
    const port = await tlsServer(site.partner, ok200(), { maxVersion: 'TLSv1.2' });
    const { line, seen } = await probed(port);
    assert.match(line, /^connect tls chain .* our-certificate options clock$/);
    assert.match(seen('tls'), /^TLSv1\.2, group X25519, TLS_ECDHE_/);
  });

  it('nothing below TLS 1.2', async () => {
    const port = await tlsServer(site.partner, ok200(), {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const { line, seen } = await probed(port);
    assert.equal(line, 'connect tls:failed:tls-alert-70');
    assert.match(seen('tls'), /protocol_version/);
  });

  it('another name: no SIP is sent, and trust is told apart from the name', async () => {
    let requests = 0;
    const other = await issueDomainCertificate(site.partnerAuthority, {
      domains: ['other.example'],
      ...around(),
    });
    const port = await tlsServer(other, () => {
      requests++;
      return undefined;
    });
    const { line, seen } = await probed(port);
    assert.equal(
      line,
      'connect tls chain names:failed:identity-domain-not-covered purposes dates trust our-certificate options:failed:not-sent',
    );
    assert.equal(seen('names'), 'other.example');
    assert.equal(requests, 0);
  });

  it('an expired certificate', async () => {
    const expired = await issueDomainCertificate(site.partnerAuthority, {
      domains: ['globex.example'],
      notBeforeMs: Date.now() - 20 * DAY_MS,
      notAfterMs: Date.now() - DAY_MS,
    });
    const { line, seen } = await probed(await tlsServer(expired));
    assert.match(line, /names purposes dates:failed:path-expired trust:failed:path-expired/);
    assert.match(seen('dates'), /^expired on /);
  });

  it('one that ends soon, and one that is not good yet', async () => {
    const shown = (from: number, to: number) =>
      issueDomainCertificate(site.partnerAuthority, {
        domains: ['globex.example'],
        notBeforeMs: Date.now() + from * DAY_MS,
        notAfterMs: Date.now() + to * DAY_MS,
      });
    const soon = await probed(await tlsServer(await shown(-1, 5)));
    assert.match(soon.line, /dates:warning:expires-soon trust our-certificate options/);
    const early = await probed(await tlsServer(await shown(1, 20)));
    assert.match(early.line, /dates:failed:path-not-yet-valid trust:failed:path-not-yet-valid/);
  });

  it('a purpose that is not for servers', async () => {
    const client = await issueLeaf(site.partnerAuthority, {
      commonName: 'globex.example',
      dnsNames: ['globex.example'],
      usages: ['clientAuth'],
      ...around(),
    });
    const { line, seen } = await probed(await tlsServer(client));
    assert.match(
      line,
      /purposes:failed:path-purpose-refused dates trust:failed:path-purpose-refused/,
    );
    assert.equal(seen('purposes'), 'clientAuth');
  });

  it('of two trust sets one is fulfilled: the other is worth a look, and no more', async () => {
    const port = await tlsServer(site.partner);
    const sets = [
      trusting(site.siteAuthority.certificatePem, 't1'),
      trusting(site.partnerAuthority.certificatePem, 't2'),
    ];
    const { line } = await probed(port, { trustSets: sets });
    assert.match(line, /dates trust trust:warning:path-not-found our-certificate options/);
    const none = await probed(port, { trustSets: sets.slice(0, 1) });
    assert.match(none.line, /trust:failed:path-not-found our-certificate options:failed:not-sent$/);
  });

  it('a server that does not ask for our certificate', async () => {
    const port = await tlsServer(site.partner, ok200(), { requestCert: false });
    const { line } = await probed(port);
    assert.match(line, /our-certificate:warning:not-asked-for options clock$/);
  });

  for (const [version, flag] of [
    ['TLS 1.3, after the handshake', '-tls1_3'],
    ['TLS 1.2, within it', '-tls1_2'],
  ] as const) {
    it(`one that rejects our certificate by an alert of ${version}`, {
      skip: openSslMissing,
    }, async () => {
      const port = await freePort('127.0.0.1');
      for (const [name, text] of [
        ['shown.pem', site.partner.certificatePem],
        ['shown.key', site.partner.privateKeyPem],
        ['theirs.pem', site.partnerAuthority.certificatePem],
      ] as const) {
        writeFileSync(join(site.folder, name), text);
      }
      const words = ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', 'shown.pem', flag];
      const more = ['-key', 'shown.key', '-CAfile', 'theirs.pem', '-Verify', '4'];
      openssl(site.folder, 'version');
      const child = spawn('openssl', [...words, ...more, '-verify_return_error'], {
        cwd: site.folder,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      children.push(child);
      let said = '';
      while (!said.includes('ACCEPT')) said += String(await once(child.stdout, 'data'));
      const { line, seen } = await probed(port);
      assert.match(line, /our-certificate:failed:tls-alert-48/);
      assert.match(seen('our-certificate'), /REJECTED, TLS alert 48 unknown_ca: it does not know/);
      if (flag === '-tls1_3') assert.match(line, /options:failed:tls-alert-48$/);
    });
  }

  it('one that rejects it without a word', async () => {
    const port = await tlsServer(site.partner, ok200(), { rejectUnauthorized: true });
    const { line, seen } = await probed(port);
    assert.match(line, /trust our-certificate:failed:closed options:failed:closed$/);
    assert.match(seen('our-certificate'), /as some do that do not take a certificate/);
  });

  it('plain TCP, a closed port, and a server that hangs up', async () => {
    const plain = createPlainServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('SIP/2.0 400 Bad Request\r\n\r\n');
    });
    assert.equal((await probed(await listening(plain))).line, 'connect tls:failed:not-tls');
    const closing = createPlainServer((socket) => socket.destroy());
    assert.equal((await probed(await listening(closing))).line, 'connect tls:failed:closed');
    const closed = await probed(await freePort('127.0.0.1'));
    assert.equal(closed.line, 'connect:failed:econnrefused');
    assert.match(closed.seen('connect'), /port is closed/);
  });

  it('one that is silent: before TLS, and after the question', async () => {
    const silent = createPlainServer((socket) => socket.on('error', () => undefined));
    assert.equal(
      (await probed(await listening(silent), {}, { handshakeMs: 100 })).line,
      'connect tls:failed:timeout',
    );
    const mute = await tlsServer(site.partner, () => undefined);
    assert.match(
      (await probed(mute, {}, { optionsMs: 100 })).line,
      /our-certificate options:failed:timeout$/,
    );
  });

  it('no SIP, another’s answer, and a request of its own', async () => {
    const http = await tlsServer(site.partner, () => 'HTTP/1.1 400 Bad\r\n\r\n');
    assert.match((await probed(http)).line, /options:failed:not-sip$/);
    const request = 'OPTIONS sip:acme.example SIP/2.0\r\nContent-Length: 0\r\n\r\n';
    const stranger = ok200();
    const mixed = await tlsServer(site.partner, (text, socket) => {
      const other = stranger(text.replace(/Call-ID: /, 'Call-ID: x'), socket) ?? '';
      const trying = (stranger(text, socket) ?? '').replace('200 OK', '100 Trying');
      const final = (stranger(text, socket) ?? '').replace('200 OK', '404 Not Found');
      return `\r\n\r\n${request}${other}${trying}${final}`;
    });
    const { line, seen } = await probed(mixed);
    assert.match(line, /our-certificate options clock$/);
    assert.equal(seen('options'), '404 Not Found');
  });

  //  clock of the server against ours  step                        says
  const skews: readonly (readonly [number, string, RegExp])[] = [
    [0, 'clock', /^(?:equal|1 s (?:behind|ahead))$/],
    [-50_000, 'clock', /^(?:49|50|51) s behind$/],
    [-75_000, 'clock:warning:clock-skew', /^7[456] s behind$/],
    [300_000, 'clock:warning:clock-skew', /^(?:299|300|301) s ahead$/],
  ];
  for (const [skewMs, expected, says] of skews) {
    it(`a clock ${skewMs} ms ahead: ${expected}`, async () => {
      const port = await tlsServer(site.partner, (text, socket) =>
        ok200(`Date: ${new Date(Date.now() + skewMs).toUTCString()}\r\n`)(text, socket),
      );
      const { line, seen } = await probed(port);
      assert.ok(line.endsWith(`options ${expected}`), line);
      assert.match(seen('clock'), says);
    });
  }

  it('a date that is none', async () => {
    const { seen } = await probed(await tlsServer(site.partner, ok200('Date: yesterday\r\n')));
    assert.equal(seen('clock'), 'no date in the answer');
  });

  //  status line               outcome
  const statuses: readonly (readonly [string, string])[] = [
    ['481 Call Does Not Exist', 'options'],
    ['403 Forbidden', 'options:warning:sip-403'],
    ['503 Service Unavailable', 'options:warning:sip-503'],
  ];
  for (const [status, expected] of statuses) {
    it(`${status}: ${expected}`, async () => {
      const port = await tlsServer(site.partner, (text, socket) =>
        ok200()(text, socket)?.replace('200 OK', status),
      );
      const { line } = await probed(port);
      assert.match(line, new RegExp(`our-certificate ${expected} clock$`));
    });
  }
});
