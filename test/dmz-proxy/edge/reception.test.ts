import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, it } from 'node:test';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import type { RefusedConnection } from '@sallyport/dmz-proxy/audit/connection-records.ts';
import { type EdgeConfig, edgeConfig } from '@sallyport/dmz-proxy/bundle/edge-config.ts';
import { Reception } from '@sallyport/dmz-proxy/edge/reception.ts';
import type { FlowFacts } from '@sallyport/dmz-proxy/flows/flow.ts';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import type { IdentitySnapshot, SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import { type Clock, systemClock } from '@sallyport/shared/io/clock.ts';
import { jsonLog } from '@sallyport/shared/io/json-log.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import { PartnerClient } from '../../integration/support/partner-client.ts';
import { around, behindIntermediate, proxySite } from '../../integration/support/proxy-site.ts';

const site = await proxySite();
site.remove();
const built = edgeConfig(site.snapshot, undefined, 0);
assert.ok(built.ok);
const config = built.value;

const renewedIdentity = await identityOf('acme.example');

async function received(
  cache = new PathCache(10),
  workers = 1,
  initial = config,
  clock: Clock = systemClock,
) {
  const admitted: Omit<FlowFacts, 'id'>[] = [];
  const counters = new Counters();
  const room: { isThere: boolean; closedFor?: string } = { isThere: true };
  const turnedAway: RefusedConnection[] = [];
  const reception = new Reception({
    listen: [{ host: '127.0.0.1', port: 0, proxyProtocolFrom: [] }],
    workers,
    site: 'acme',
    cache,
    clock,
    log: jsonLog(
      () => undefined,
      {},
      () => 0,
    ),
    counters,
    closedFor: () => room.closedFor,
    turnedAway: (connection) => turnedAway.push(connection),
    admit: (socket, _identity, facts) => {
      socket.on('error', () => undefined);
      admitted.push(facts);
      if (!room.isThere) return err('partner-connections-max');
      return ok(socket.end('welcome'));
    },
  });
  reception.use(initial);
  const ports = await reception.open();
  return { reception, counters, admitted, turnedAway, room, port: ports?.[0] ?? 0 };
}

describe('the reception', () => {
  it('opens its ports once, and later configurations only replace the first', async () => {
    const { reception, port } = await received();
    assert.ok(port > 0);
    assert.equal(reception.use(config), undefined);
    reception.close();
  });

  it('hands on a partner with the identity that it was shown', async () => {
    const { reception, port, admitted } = await received();
    const partner = await PartnerClient.connect(port, site.partner);
    await partner.expect('welcome');
    assert.equal(admitted[0]?.ownIdentity, 'acme');
    assert.equal(admitted[0]?.remotePort, partner.socket.localPort);
    reception.close();
  });

  it('turns a partner away that has as many connections as it may', async () => {
    const { reception, port, room, counters, turnedAway } = await received();
    room.isThere = false;
    const partner = await PartnerClient.connect(port, site.partner);
    await partner.expectClose();
    assert.equal(counters.read()['connection-refused:partner-connections-max'], 1);
    assert.equal(turnedAway[0]?.partner, 'globex', 'it was proven who it is');
    reception.close();
  });

  it('lets in from one source what is left of the host’s limit for one worker of two', async () => {
    const limits = { ...config.limits, connectionsPerSourceMax: 2 };
    const { reception, port, counters } = await received(undefined, 2, { ...config, limits });
    // Beginnings of handshakes: before its first byte a connection from this host may only be a look at the port.
    const first = connect(port, '127.0.0.1').on('error', () => undefined);
    first.write(Buffer.of(22));
    const second = connect(port, '127.0.0.1').on('error', () => undefined);
    second.write(Buffer.of(22));
    await Promise.race([once(first, 'close'), once(second, 'close')]);
    assert.equal(counters.read()['connection-refused:source-connections-max'], 1);
    assert.notEqual(first.destroyed, second.destroyed);
    first.destroy();
    second.destroy();
    reception.close();
  });

  it('lets in from one source what a later configuration allows', async () => {
    const { reception, port, counters } = await received();
    const limits = { ...config.limits, connectionsPerSourceMax: 1 };
    reception.use({ ...config, limits });
    const callers = [1, 2].map(() => connect(port, '127.0.0.1').on('error', () => undefined));
    for (const caller of callers) caller.write(Buffer.of(22));
    await Promise.race(callers.map((caller) => once(caller, 'close')));
    assert.equal(counters.read()['connection-refused:source-connections-max'], 1);
    for (const caller of callers) caller.destroy();
    reception.close();
  });

  it('turns everybody away while nothing can be put on record, and says so for the record', async () => {
    const { reception, port, room, turnedAway, admitted } = await received();
    room.closedFor = 'audit-full';
    const partner = await PartnerClient.connect(port, site.partner);
    await partner.expectClose();
    assert.deepEqual(admitted, []);
    const [refused] = turnedAway;
    assert.deepEqual([refused?.code, refused?.direction], ['audit-full', 'inbound']);
    assert.equal(refused?.peer.address, '127.0.0.1');
    assert.ok(refused?.socket !== undefined);
    reception.refused('source-rate', '192.0.2.1');
    assert.deepEqual(turnedAway[1], {
      direction: 'inbound',
      code: 'source-rate',
      peer: { address: '192.0.2.1' },
      balancer: undefined,
      listener: undefined,
    });
    reception.close();
  });

  it('forgets all sessions when one is resumed whose path it no longer knows', async () => {
    const cache = new PathCache(10);
    const { reception, port, counters } = await received(cache);
    const { chain } = await behindIntermediate(site.partnerAuthority, 'globex.example');
    const first = await PartnerClient.connect(port, chain);
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    first.socket.on('session', resolve);
    const session = await promise;
    cache.clear();
    const resumed = await PartnerClient.connect(port, chain, { session });
    await resumed.expectClose();
    assert.equal(resumed.received, '');
    assert.equal(counters.read()['connection-refused:identity-resumed-path-unknown'], 1);
    const full = await PartnerClient.connect(port, chain, { session });
    await full.expect('welcome');
    assert.equal(full.socket.isSessionReused(), false);
    reception.close();
  });

  it('forgets all sessions every two hours, which is how long a ticket lives', async () => {
    const turns = new Map<number, () => void>();
    const every: Clock['every'] = (intervalMs, run) => {
      turns.set(intervalMs, run);
      return { stop: () => undefined };
    };
    const { reception, port } = await received(undefined, 1, config, { ...systemClock, every });
    const first = await PartnerClient.connect(port, site.partner);
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    first.socket.on('session', resolve);
    const session = await promise;
    const isResumed = async () => {
      const again = await PartnerClient.connect(port, site.partner, { session });
      await again.expect('welcome');
      return again.socket.isSessionReused();
    };
    assert.equal(await isResumed(), true);
    const [intervalMs = 0] = turns.keys();
    assert.equal(intervalMs, 7_200_000);
    turns.get(intervalMs)?.();
    assert.equal(await isResumed(), false);
    reception.close();
  });

  it('resumes no session that another worker has begun', async () => {
    const { chain } = await behindIntermediate(site.partnerAuthority, 'globex.example');
    const [one, other] = [await received(undefined, 2), await received(undefined, 2)];
    const first = await PartnerClient.connect(one.port, chain);
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    first.socket.on('session', resolve);
    const session = await promise;
    const second = await PartnerClient.connect(other.port, chain, { session });
    await second.expect('welcome');
    assert.equal(second.socket.isSessionReused(), false);
    for (const { reception } of [one, other]) reception.close();
  });

  const changed = (change: Partial<SnapshotContent>) => {
    const next = edgeConfig({ ...site.snapshot, ...change }, config, 0);
    assert.ok(next.ok);
    return next.value;
  };
  const [partner] = site.snapshot.partners;
  assert.ok(partner);
  const rows: readonly (readonly [string, EdgeConfig, boolean])[] = [
    ['nothing', changed({}), true],
    ['limits', changed({ limits: { ...site.snapshot.limits, headersMax: 99 } }), true],
    ['methods', changed({ partners: [{ ...partner, methods: ['MESSAGE'] }] }), true],
    ['purposes', changed({ partners: [{ ...partner, purposes: 'strict' }] }), false],
    ['severed partners', changed({ partners: [partner], severed: ['initech'] }), true],
    ['what is shown', changed({ identities: [renewedIdentity] }), false],
  ];
  for (const [what, next, isKept] of rows) {
    it(`tickets ${isKept ? 'outlive' : 'end with'} a change of ${what}`, async () => {
      const { reception, port } = await received();
      const first = await PartnerClient.connect(port, site.partner);
      const { promise, resolve } = Promise.withResolvers<Buffer>();
      first.socket.on('session', resolve);
      const session = await promise;
      reception.use(next);
      const second = await PartnerClient.connect(port, site.partner, { session });
      await second.expect('welcome');
      assert.equal(second.socket.isSessionReused(), isKept);
      reception.close();
    });
  }

  it('says which key was shown, also of a handshake that began before it was replaced', async () => {
    const { reception, port, admitted } = await received();
    const { promise: greeted, resolve: greet } = Promise.withResolvers<void>();
    const raw = connect(port, '127.0.0.1');
    await once(raw, 'connect');
    const socket = tlsConnect({
      socket: heldBack(raw, greet),
      cert: site.partner.certificatePem,
      key: site.partner.privateKeyPem,
      servername: 'acme.example',
      rejectUnauthorized: false,
    });
    socket.on('error', () => undefined);
    await greeted;
    reception.use(changed({ identities: [renewedIdentity] }));
    raw.resume();
    await once(socket, 'data');
    const late = await PartnerClient.connect(port, site.partner);
    await late.expect('welcome');
    const shownTo = (peer: TLSSocket) => {
      const spki = peer.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
      return spki && hash('sha256', spki, 'base64');
    };
    assert.deepEqual(
      admitted.map(({ ownKey }) => ownKey),
      [shownTo(socket), shownTo(late.socket)],
    );
    assert.notEqual(admitted[0]?.ownKey, admitted[1]?.ownKey);
    socket.destroy();
    reception.close();
  });
});

async function identityOf(domain: string): Promise<IdentitySnapshot> {
  const root = await createAuthority({ commonName: 'acme next', ...around() });
  const issued = await issueDomainCertificate(root, { domains: [domain], ...around() });
  const { certificatePem: chainPem, privateKeyPem: keyPem } = issued;
  return { name: 'acme', serverNames: [domain], chainPem, keyPem };
}

/** A connection on which the server's answer is not read until it is resumed; `greeted` is told that it has come. */
function heldBack(raw: Socket, greeted: () => void): Duplex {
  raw.once('readable', greeted);
  const duplex = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      raw.write(chunk, done);
    },
    final: (done) => {
      raw.end(done);
    },
  });
  raw.on('resume', () => {
    raw.on('data', (chunk) => duplex.push(chunk));
  });
  raw.on('end', () => duplex.push(null));
  raw.on('error', () => undefined);
  return duplex;
}
