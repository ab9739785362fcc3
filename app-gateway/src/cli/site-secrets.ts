import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Issued } from '@sallyport/certs/authority.ts';
import { createSnapshotSigningKey } from '@sallyport/certs/snapshot-signing-key.ts';
import type { PlannedFile } from './planned-file.ts';

/** What only the folder of a site holds, and what every bundle gets a part of. */
export interface SiteSecrets {
  /** Signs channel certificates; its key never leaves the site's folder. */
  readonly siteAuthority: Issued;
  readonly clusterKey: string;
  readonly snapshotSigningKeyPem: string;
  readonly snapshotSigningPublicPem: string;
}

const FILES = {
  authorityCertificate: 'ca/site-ca.crt',
  authorityKey: 'ca/site-ca.key',
  clusterKey: 'keys/cluster.key',
  signingKey: 'keys/snapshot-signing.key',
  signingPublic: 'keys/snapshot-signing.pub',
} as const;

const CLUSTER_KEY_BYTES = 32;

/** Fresh keys for a new site, and the files they go into. */
export function createSiteSecrets(siteAuthority: Issued): {
  readonly secrets: SiteSecrets;
  readonly files: readonly PlannedFile[];
} {
  const signing = createSnapshotSigningKey();
  const secrets = {
    siteAuthority,
    clusterKey: `${randomBytes(CLUSTER_KEY_BYTES).toString('base64')}\n`,
    snapshotSigningKeyPem: signing.privateKeyPem,
    snapshotSigningPublicPem: signing.publicKeyPem,
  };
  const files = [
    { path: FILES.authorityCertificate, text: siteAuthority.certificatePem },
    { path: FILES.authorityKey, text: siteAuthority.privateKeyPem, isSecret: true },
    { path: FILES.clusterKey, text: secrets.clusterKey, isSecret: true },
    { path: FILES.signingKey, text: secrets.snapshotSigningKeyPem, isSecret: true },
    { path: FILES.signingPublic, text: secrets.snapshotSigningPublicPem },
  ];
  return { secrets, files };
}

/** Reads the secrets of a site; throws as the file system does when one is missing. */
export async function readSiteSecrets(folder: string): Promise<SiteSecrets> {
  const read = (path: string) => readFile(join(folder, path), 'utf8');
  return {
    siteAuthority: {
      certificatePem: await read(FILES.authorityCertificate),
      privateKeyPem: await read(FILES.authorityKey),
    },
    clusterKey: await read(FILES.clusterKey),
    snapshotSigningKeyPem: await read(FILES.signingKey),
    snapshotSigningPublicPem: await read(FILES.signingPublic),
  };
}
