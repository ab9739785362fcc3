import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Issued } from '@sallyport/certs/authority.ts';
import {
  openIssuingAuthority,
  type SealedAuthority,
  sealIssuingAuthority,
} from '@sallyport/certs/site-root.ts';
import { createSnapshotSigningKey } from '@sallyport/certs/snapshot-signing-key.ts';
import { derive, ISSUING_SEAL } from '../../domain/derived-key.ts';
import type { PlannedFile } from '../files/planned-file.ts';

/** What only the folder of a site holds, and what every bundle gets a part of. */
export interface SiteSecrets {
  /** Root of all channel certificates; its key stays sealed here. */
  readonly siteRoot: SealedAuthority;
  /** Signs channel certificates; gateways have its key too. */
  readonly issuingAuthority: Issued;
  readonly clusterKey: string;
  readonly snapshotSigningKeyPem: string;
  readonly snapshotSigningPublicPem: string;
}

const FILES = {
  rootCertificate: 'ca/site-ca.crt',
  rootKey: 'ca/site-ca.key',
  issuingCertificate: 'ca/channel-issuing.crt',
  issuingKey: 'ca/channel-issuing.key',
  clusterKey: 'keys/cluster.key',
  signingKey: 'keys/snapshot-signing.key',
  signingPublic: 'keys/snapshot-signing.pub',
} as const;

const CLUSTER_KEY_BYTES = 32;

/** Fresh keys for a new site, and the files they go into. */
export function createSiteSecrets(
  siteRoot: SealedAuthority,
  issuingAuthority: Issued,
): readonly PlannedFile[] {
  const signing = createSnapshotSigningKey();
  const clusterKey = `${randomBytes(CLUSTER_KEY_BYTES).toString('base64')}\n`;
  return [
    ...rootFiles(siteRoot),
    ...issuingFiles(issuingAuthority, clusterKey),
    { path: FILES.clusterKey, text: clusterKey, isSecret: true },
    { path: FILES.signingKey, text: signing.privateKeyPem, isSecret: true },
    { path: FILES.signingPublic, text: signing.publicKeyPem },
  ];
}

/** The root as it lies in the site's folder. */
export function rootFiles({ certificatePem, sealedKey }: SealedAuthority): readonly PlannedFile[] {
  return [
    { path: FILES.rootCertificate, text: certificatePem },
    { path: FILES.rootKey, text: `${sealedKey}\n`, isSecret: true },
  ];
}

/** The cluster key of a site's folder, which may lack everything else. */
export function readClusterKey(folder: string): Promise<string> {
  return readFile(join(folder, FILES.clusterKey), 'utf8');
}

/** The issuing authority as it lies in the site's folder. */
export function issuingFiles(authority: Issued, clusterKey: string): readonly PlannedFile[] {
  const sealed = sealIssuingAuthority(authority, issuingSealKey(clusterKey));
  return [
    { path: FILES.issuingCertificate, text: sealed.certificatePem },
    { path: FILES.issuingKey, text: `${sealed.sealedKey}\n`, isSecret: true },
  ];
}

/** What the issuing authority's key is sealed with, here and in the bundles of gateways. */
export function issuingSealKey(clusterKey: string): Buffer {
  return derive(Buffer.from(clusterKey.trim(), 'base64'), ISSUING_SEAL);
}

/** Reads the secrets of a site; throws as the file system does when one is missing. */
export async function readSiteSecrets(folder: string): Promise<SiteSecrets> {
  const read = (path: string) => readFile(join(folder, path), 'utf8');
  const clusterKey = await readClusterKey(folder);
  const sealed = {
    certificatePem: await read(FILES.issuingCertificate),
    sealedKey: (await read(FILES.issuingKey)).trim(),
  };
  const issuing = openIssuingAuthority(sealed, issuingSealKey(clusterKey));
  if (!issuing.ok) throw new Error(`${FILES.issuingKey} does not open with ${FILES.clusterKey}`);
  if (
    !new X509Certificate(sealed.certificatePem).checkPrivateKey(
      createPrivateKey(issuing.value.privateKeyPem),
    )
  ) {
    throw new Error(`${FILES.issuingKey} is not the key of ${FILES.issuingCertificate}`);
  }
  const rootPem = await read(FILES.rootCertificate);
  requireRoot(rootPem, sealed.certificatePem);
  return {
    siteRoot: {
      certificatePem: rootPem,
      sealedKey: (await read(FILES.rootKey)).trim(),
    },
    issuingAuthority: issuing.value,
    clusterKey,
    snapshotSigningKeyPem: await read(FILES.signingKey),
    snapshotSigningPublicPem: await read(FILES.signingPublic),
  };
}

/** Every host trusts the root alone: with another one none would start, or find its peers. */
function requireRoot(rootPem: string, issuingPem: string): void {
  let root: X509Certificate;
  try {
    root = new X509Certificate(rootPem);
  } catch {
    throw new Error(`${FILES.rootCertificate} is no readable PEM certificate`);
  }
  if (!new X509Certificate(issuingPem).verify(root.publicKey)) {
    throw new Error(`${FILES.rootCertificate} has not signed ${FILES.issuingCertificate}`);
  }
}
