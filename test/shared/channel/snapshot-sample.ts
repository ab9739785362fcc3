import type { PartnerSnapshot, SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';

/** PEM in form only: decoding a snapshot checks the armour, not the certificate. */
export const CERTIFICATE_PEM = '-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n';

const KEY_PEM = '-----BEGIN PRIVATE KEY-----\nMAMCAQE=\n-----END PRIVATE KEY-----\n';

/** A partner that a test may change. */
export const SAMPLE_PARTNER: PartnerSnapshot = {
  id: 'globex',
  domains: ['globex.example'],
  trustSets: [
    { id: 't1', anchors: [CERTIFICATE_PEM], intermediates: [], pins: [] },
    { id: 't2', anchors: [], intermediates: [], pins: [`${'A'.repeat(43)}=`] },
  ],
  delegations: [{ certificate: 'hoster.example', domains: ['globex.example'] }],
  purposes: 'federation',
  allowNoEku: true,
  revocation: { mode: 'soft-fail', fetch: true, lists: [] },
  sourceNetworks: ['192.0.2.0/24', '2001:db8::/32'],
  methods: ['MESSAGE', 'OPTIONS'],
  eventPackages: ['presence'],
  ownIdentity: 'default',
  endpoints: [{ host: 'sip.globex.example', port: 5061 }],
  connectionsMax: 16,
  messagesPerSecond: 0.5,
  messagesBurst: 200,
  requestsInFlightMax: 1000,
  keepAliveMs: 25_000,
  trial: { purposes: 'strict', allowNoEku: false },
};

/** A good snapshot that a test may change. */
export const SAMPLE_SNAPSHOT: SnapshotContent = {
  site: 'acme',
  version: 1_700_000_000_000,
  issuedAt: '2023-11-14T22:13:20.000Z',
  publicHost: 'sip.acme.example',
  publicPort: 5061,
  domains: ['acme.example'],
  identities: [
    {
      name: 'default',
      serverNames: ['sip.acme.example', 'acme.example'],
      chainPem: `${CERTIFICATE_PEM}${CERTIFICATE_PEM}`,
      keyPem: KEY_PEM,
    },
  ],
  unknownServerName: 'refuse',
  missingServerName: 'default',
  nameservers: ['192.0.2.53', '[2001:db8::53]:5353'],
  partners: [SAMPLE_PARTNER],
  severed: ['initech'],
  limits: {
    connectionsMax: 20_000,
    connectionsPerSourceMax: 64,
    connectionsPerSourcePerSecond: 20,
    handshakeTimeoutMs: 10_000,
    firstMessageTimeoutMs: 30_000,
    headBytesMax: 16_384,
    bodyBytesMax: 65_536,
    requestUriBytesMax: 2048,
    lineBytesMax: 8192,
    headersMax: 128,
    outboundConnectTimeoutMs: 5000,
    flowQueueBytesMax: 1_048_576,
    pendingRequestsMax: 50_000,
  },
};
