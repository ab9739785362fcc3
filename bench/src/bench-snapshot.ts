import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import type { AuditSnapshot, SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import { EDGE_LIMITS, PARTNER_CAPACITY } from './sallyport-site.ts';

/** Nobody opens what would be spooled: the stub acknowledges at once. */
const AUDIT: AuditSnapshot = {
  spoolKey: rawPublicKey(generateKeyPairSync('x25519').publicKey).toString('base64'),
  whenFull: 'refuse',
  memoryBytesMax: 8_388_608,
  spoolBytesMax: 268_435_456,
  origin: 'sallyport/bench',
  ledgerKey: rawPublicKey(generateKeyPairSync('ed25519').publicKey).toString('base64'),
};

/** What the stub gateway tells the proxy: the same site that the pair is measured with, with or without audit. */
export function benchSnapshot(pkiFolder: string, isAudited: boolean): SnapshotContent {
  const pem = (name: string) => readFileSync(join(pkiFolder, name), 'utf8');
  return {
    site: 'bench',
    // Rises from start to start: a proxy does not go back, whatever was asked of it before.
    version: Date.now(),
    issuedAt: '2025-01-01T00:00:00Z',
    publicHost: 'edge.dmz.test',
    publicPort: 5061,
    domains: ['inner.example.com'],
    identities: [
      {
        name: 'main',
        serverNames: ['edge.dmz.test', 'inner.example.com'],
        chainPem: pem('edge.crt'),
        keyPem: pem('edge.key'),
      },
    ],
    unknownServerName: 'refuse',
    missingServerName: 'default',
    nameservers: [],
    partners: [
      {
        id: 'partner',
        domains: ['partner.test'],
        trustSets: [{ id: 'file', anchors: [pem('ca.crt')], intermediates: [], pins: [] }],
        delegations: [],
        purposes: 'federation',
        allowNoEku: false,
        revocation: { mode: 'off', fetch: false, lists: [] },
        sourceNetworks: [],
        methods: ['MESSAGE', 'OPTIONS'],
        eventPackages: [],
        ownIdentity: 'main',
        endpoints: [],
        ...PARTNER_CAPACITY,
      },
    ],
    severed: [],
    limits: EDGE_LIMITS,
    ...(isAudited ? { audit: AUDIT } : {}),
  };
}
