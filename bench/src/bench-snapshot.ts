import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import { EDGE_LIMITS, PARTNER_CAPACITY } from './sallyport-site.ts';

/** What the stub gateway tells the proxy: the same site that the pair is measured with. */
export function benchSnapshot(pkiFolder: string): SnapshotContent {
  const pem = (name: string) => readFileSync(join(pkiFolder, name), 'utf8');
  return {
    site: 'bench',
    version: 1,
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
  };
}
