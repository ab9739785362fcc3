import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { createAuthority, type Issued, issueIntermediate } from '@sallyport/certs/authority.ts';
import { issueChannelCertificate } from '@sallyport/certs/channel-certificate.ts';
import { issueLeaf } from '@sallyport/certs/leaf.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import {
  type ChannelCredentials,
  type ChannelPeer,
  channelClientOptions,
  channelServerOptions,
  type ExpectedPeer,
  isRevokedPeer,
  verifyChannelPeer,
} from '@sallyport/shared/io/channel-tls.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import {
  credentialsOf,
  gatewayCredentials,
  otherAuthority,
  proxyCredentials,
  siteAuthority,
} from './channel-fixture.ts';

/** Handshakes; resolves with the dialling end, or with the error code that ended it on either side. */
async function handshake(
  listening: ChannelCredentials,
  dialling: ChannelCredentials,
  change: object = {},
): Promise<TLSSocket | string> {
  const server = createServer(channelServerOptions(listening));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({
    ...channelClientOptions(dialling),
    host: '127.0.0.1',
    port,
    ...change,
  });
  const refused = new Promise<string>((resolve) => {
    server.on('tlsClientError', (cause: NodeJS.ErrnoException) => resolve(`server: ${cause.code}`));
    socket.on('error', (cause: NodeJS.ErrnoException) => resolve(`client: ${cause.code}`));
  });
  const both = Promise.all([once(server, 'secureConnection'), once(socket, 'secureConnect')]);
  both.catch(() => undefined);
  const outcome = await Promise.race([refused, both.then(() => socket)]);
  server.close();
  if (typeof outcome === 'string') socket.destroy();
  else socket.once('end', () => socket.destroy());
  return outcome;
}

describe('the TLS of a channel', { timeout: 20_000 }, () => {
  it('is 1.3 with a hybrid post-quantum key agreement, verified at both ends', async () => {
    const socket = await handshake(proxyCredentials, gatewayCredentials);
    assert.ok(typeof socket !== 'string');
    assert.equal(socket.getProtocol(), 'TLSv1.3');
    assert.equal(socket.authorized, true);
    assert.equal(socket.getPeerX509Certificate()?.subjectAltName?.includes('edge-1'), true);
    socket.destroy();
  });

  it('refuses TLS 1.2', async () => {
    const outcome = await handshake(proxyCredentials, gatewayCredentials, {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
    });
    assert.equal(typeof outcome, 'string');
  });

  it('refuses a peer of another authority with the same name, in either direction', async () => {
    const foreignGateway = await credentialsOf('gateway', 'gateway-1', 'acme', otherAuthority);
    const foreignProxy = await credentialsOf('proxy', 'edge-1', 'acme', otherAuthority);
    assert.equal(typeof (await handshake(proxyCredentials, foreignGateway)), 'string');
    assert.equal(typeof (await handshake(foreignProxy, gatewayCredentials)), 'string');
  });

  it('refuses a peer without a certificate', async () => {
    const outcome = await handshake(proxyCredentials, gatewayCredentials, {
      cert: undefined,
      key: undefined,
    });
    assert.match(String(outcome), /^(server|client): /);
  });
});

const PLAIN_LEAF = await issueLeaf(siteAuthority, {
  commonName: 'edge-1 proxy of acme',
  uris: ['sip:acme.example'],
  dnsNames: ['edge-1.acme.example'],
  ipAddresses: [],
  usages: ['serverAuth', 'clientAuth'],
  ...validForDays(Date.now(), 1),
});
const NAMELESS: ChannelCredentials = {
  certificatePem: PLAIN_LEAF.certificatePem,
  keyPem: PLAIN_LEAF.privateKeyPem,
  caPem: siteAuthority.certificatePem,
};
const PROXY: ExpectedPeer = { site: 'acme', role: 'proxy', node: 'edge-1' };
const DAY_MS = 86_400_000;

//  what it is                    listening                  expected                              days  verdict
const table: readonly (readonly [string, ChannelCredentials, ExpectedPeer, number, string])[] = [
  ['the node we dialled', proxyCredentials, PROXY, 0, 'acme proxy edge-1'],
  [
    'any node of the role',
    proxyCredentials,
    { site: 'acme', role: 'proxy' },
    0,
    'acme proxy edge-1',
  ],
  ['another node', proxyCredentials, { ...PROXY, node: 'edge-2' }, 0, 'channel-node-wrong'],
  ['another role', proxyCredentials, { ...PROXY, role: 'gateway' }, 0, 'channel-role-wrong'],
  ['another site', proxyCredentials, { ...PROXY, site: 'other' }, 0, 'channel-site-wrong'],
  ['a certificate without a role', NAMELESS, PROXY, 0, 'channel-identity-missing'],
  ['a certificate that has expired', proxyCredentials, PROXY, 3, 'channel-path-invalid'],
];

describe('who is at the other end of a channel', { timeout: 20_000 }, () => {
  for (const [what, listening, expected, days, verdict] of table) {
    it(`${what}: ${verdict}`, async () => {
      const socket = await handshake(listening, gatewayCredentials);
      assert.ok(typeof socket !== 'string');
      const atMs = Date.now() + days * DAY_MS;
      const peer = verifyChannelPeer(socket, gatewayCredentials, expected, 'server', atMs);
      const seen = peer.ok
        ? [peer.value.site, peer.value.role, peer.value.node].join(' ')
        : peer.error;
      assert.equal(seen, verdict);
      socket.destroy();
    });
  }

  it('is nobody when the path leads to another CA, whatever the platform says', async () => {
    const socket = await handshake(proxyCredentials, gatewayCredentials);
    assert.ok(typeof socket !== 'string');
    const trusting = { ...gatewayCredentials, caPem: otherAuthority.certificatePem };
    const peer = verifyChannelPeer(socket, trusting, PROXY, 'server', Date.now());
    assert.deepEqual(peer, { ok: false, error: 'channel-path-invalid' });
    socket.destroy();
  });

  it('is nobody when the platform has not authorised it', async () => {
    const foreign = await credentialsOf('proxy', 'edge-1', 'acme', otherAuthority);
    const socket = await handshake(foreign, gatewayCredentials, { rejectUnauthorized: false });
    assert.ok(typeof socket !== 'string');
    const peer = verifyChannelPeer(socket, gatewayCredentials, PROXY, 'server', Date.now());
    assert.deepEqual(peer, { ok: false, error: 'channel-not-authorized' });
    socket.destroy();
  });
});

const SOON = validForDays(Date.now(), 2);
const deepRoot = await createAuthority({ commonName: 'Root', pathLength: 2, ...SOON });
const issuing = await issueIntermediate(deepRoot, {
  commonName: 'Issuing',
  pathLength: 1,
  ...SOON,
});
const below = await issueIntermediate(issuing, { commonName: 'Below', ...SOON });

/** What a node shows that an authority of the site has certified, with the chain that is given. */
async function issuedBy(authority: Issued, ...chain: readonly Issued[]) {
  const leaf = await issueChannelCertificate(authority, {
    site: 'acme',
    role: 'proxy',
    node: 'edge-1',
    hosts: [],
    ...SOON,
  });
  return shownAs(leaf, ...chain);
}

function shownAs(leaf: Issued, ...chain: readonly Issued[]): ChannelCredentials {
  return {
    certificatePem: [leaf, ...chain].map(({ certificatePem }) => certificatePem).join(''),
    keyPem: leaf.privateKeyPem,
    caPem: deepRoot.certificatePem,
  };
}

const gatewayBelow = await issueChannelCertificate(issuing, {
  site: 'acme',
  role: 'gateway',
  node: 'gateway-1',
  hosts: [],
  ...SOON,
});
const gatewaySide = shownAs(gatewayBelow, issuing);
const withoutPurpose = await issueLeaf(issuing, {
  commonName: 'edge-1',
  uris: ['urn:sallyport:acme:proxy:edge-1'],
  ...SOON,
});

//  what it shows                                            it                                            verdict
const chains: readonly (readonly [string, ChannelCredentials, string])[] = [
  ['a certificate of the issuing authority', await issuedBy(issuing, issuing), 'edge-1'],
  ['the root as well', await issuedBy(issuing, issuing, deepRoot), 'edge-1'],
  ['a certificate of the root itself', await issuedBy(deepRoot), 'edge-1'],
  [
    'an authority below the issuing one',
    await issuedBy(below, below, issuing),
    'channel-path-invalid',
  ],
  ['no purpose', shownAs(withoutPurpose, issuing), 'channel-path-invalid'],
];

//  revoked                   is the peer
const revocations: readonly (readonly [readonly string[], boolean])[] = [
  [[], false],
  [['edge-1'], true],
  [['edge-2', '0b'], true],
  [['edge', '0'], false],
];

describe('a revoked peer', () => {
  for (const [revoked, expected] of revocations) {
    it(`${JSON.stringify(revoked)}: ${expected}`, () => {
      const peer = { site: 'acme', role: 'proxy', node: 'edge-1', serials: ['0a', '0b'] } as const;
      assert.equal(isRevokedPeer(peer, revoked), expected);
    });
  }
});

describe('a path through the issuing authority', { timeout: 20_000 }, () => {
  for (const [what, shown, verdict] of chains) {
    it(`${what}: ${verdict}`, async () => {
      const socket = await handshake(shown, gatewaySide);
      assert.ok(typeof socket !== 'string', String(socket));
      const peer = verifyChannelPeer(socket, gatewaySide, PROXY, 'server', Date.now());
      assert.equal(peer.ok ? peer.value.node : peer.error, verdict);
      socket.destroy();
    });
  }

  it('ends in the handshake when the issuing authority stands there as a node', async () => {
    assert.match(String(await handshake(shownAs(issuing), gatewaySide)), /INVALID_PURPOSE/);
  });

  it('without the issuing authority ends in the handshake', async () => {
    assert.equal(typeof (await handshake(await issuedBy(issuing), gatewaySide)), 'string');
  });

  it('is told by its serial numbers, and is refused when one of them is revoked', async () => {
    const shown = await issuedBy(issuing, issuing);
    const socket = await handshake(shown, gatewaySide);
    assert.ok(typeof socket !== 'string');
    const asked: (readonly string[])[] = [];
    const isRevoked = (peer: ChannelPeer) => {
      asked.push(peer.serials);
      return true;
    };
    const expected = { ...PROXY, isRevoked };
    const peer = verifyChannelPeer(socket, gatewaySide, expected, 'server', Date.now());
    assert.deepEqual(peer, { ok: false, error: 'channel-node-revoked' });
    const serials = decodePem(shown.certificatePem, 'CERTIFICATE').map((der) => {
      const certificate = parseCertificate(der);
      return certificate.ok ? certificate.value.serialHex : '';
    });
    assert.deepEqual(asked, [serials]);
    socket.destroy();
  });
});
