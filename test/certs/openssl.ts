import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, type Issued, issueIntermediate } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import type { Validity } from '@sallyport/certs/validity.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';

/** Why tests with the machine's openssl are left out, or false. */
export const openSslMissing: string | false = versionFault();

/** Runs openssl in a folder; throws with what it said on stderr. */
export function openssl(folder: string, ...words: readonly string[]): Buffer {
  return execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A root, an intermediate and a leaf of one company, in memory and as files `root.pem`, `ca.pem`, `leaf.pem`, `leaf.key`. */
export interface CompanyFiles {
  readonly folder: string;
  readonly root: Issued;
  readonly ca: Issued;
  readonly leaf: Issued;
  /** DER: leaf, intermediate, root. */
  readonly ders: readonly [leaf: Buffer, ca: Buffer, root: Buffer];
  remove(): void;
}

export const COMPANY_DATES = {
  notBeforeMs: Date.UTC(2026, 0, 1),
  notAfterMs: Date.UTC(2027, 0, 1),
} as const;

/** Makes a company's certificates in a temporary folder. */
export async function companyFiles(dates: Validity = COMPANY_DATES): Promise<CompanyFiles> {
  const root = await createAuthority({ commonName: 'Root', pathLength: 1, ...dates });
  const ca = await issueIntermediate(root, { commonName: 'Issuing CA', ...dates });
  const leaf = await issueDomainCertificate(ca, { domains: ['partner.example'], ...dates });
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-openssl-'));
  writeFileSync(join(folder, 'root.pem'), root.certificatePem);
  writeFileSync(join(folder, 'ca.pem'), ca.certificatePem);
  writeFileSync(join(folder, 'chain.pem'), ca.certificatePem + root.certificatePem);
  writeFileSync(join(folder, 'leaf.pem'), leaf.certificatePem);
  writeFileSync(join(folder, 'leaf.key'), leaf.privateKeyPem);
  return {
    folder,
    root,
    ca,
    leaf,
    ders: [derOf(leaf.certificatePem), derOf(ca.certificatePem), derOf(root.certificatePem)],
    remove: () => rmSync(folder, { recursive: true }),
  };
}

export function derOf(pem: string): Buffer {
  return decodePem(pem, 'CERTIFICATE')[0] ?? Buffer.alloc(0);
}

function versionFault(): string | false {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'NOT TESTED: this machine has no openssl';
  }
}
