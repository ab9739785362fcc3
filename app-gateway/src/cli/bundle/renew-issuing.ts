import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createIssuingAuthority, openSiteRoot } from '@sallyport/certs/site-root.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { renewalDueMs } from '@sallyport/shared/x509/renewal-time.ts';
import { writePlannedFiles } from '../files/planned-file.ts';
import { failure, type Outcome } from '../outcome.ts';
import { issuingFiles, readSiteSecrets } from './site-secrets.ts';

/** How the root is opened, and whether it must be. */
export interface RenewIssuingOptions {
  readonly newIssuingCa?: boolean;
  readonly rootPassphraseFile?: string;
}

const PASSPHRASE_FILE = 'ca/root.passphrase';

/**
 * Makes a new issuing authority when the old one is two thirds through its life, or when it is asked for.
 *
 * The only thing beside `init` that opens the root. Undefined: all is well, and the bundles can be written.
 */
export async function renewIssuing(
  folder: string,
  nowMs: number,
  { newIssuingCa, rootPassphraseFile }: RenewIssuingOptions,
): Promise<Outcome | undefined> {
  const secrets = await readSiteSecrets(folder);
  const [der = Buffer.alloc(0)] = decodePem(secrets.issuingAuthority.certificatePem, 'CERTIFICATE');
  const issuing = parseCertificate(der);
  if (newIssuingCa !== true && issuing.ok && nowMs < renewalDueMs(issuing.value)) return undefined;
  const file = rootPassphraseFile ?? join(folder, PASSPHRASE_FILE);
  const passphrase = await readFile(file, 'utf8').catch(() => undefined);
  if (passphrase === undefined) {
    return failure(
      `a new issuing authority is due, and the passphrase of the root is not in ${file}`,
      'give --root-passphrase-file FILE',
    );
  }
  const root = openSiteRoot(secrets.siteRoot, passphrase.replace(/\r?\n$/, ''));
  if (!root.ok) {
    return failure(`the passphrase in ${file} does not open the root`, 'give the right one');
  }
  const authority = await createIssuingAuthority(root.value, siteNamedBy(secrets.siteRoot), nowMs);
  // Written whole, and key before certificate: a run that is cut off in between is seen by the next.
  const draft = `.new-${nowMs}`;
  const files = issuingFiles(authority, secrets.clusterKey);
  try {
    await writePlannedFiles(join(folder, draft), files);
    for (const { path } of files.toReversed()) {
      await rename(join(folder, draft, path), join(folder, path));
    }
  } finally {
    await rm(join(folder, draft), { recursive: true, force: true });
  }
  return undefined;
}

/** The name that the root carries: only for people who read certificates. */
function siteNamedBy({ certificatePem }: { readonly certificatePem: string }): string {
  const [der = Buffer.alloc(0)] = decodePem(certificatePem, 'CERTIFICATE');
  const root = parseCertificate(der);
  const [name = 'site'] = root.ok ? root.value.subjectCommonNames : [];
  return name.replace(/ channel root$/, '');
}
