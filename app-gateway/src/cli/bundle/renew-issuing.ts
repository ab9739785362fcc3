import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createIssuingAuthority,
  createSiteRoot,
  openSiteRoot,
} from '@sallyport/certs/site-root.ts';
import { firstOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { renewalDueMs } from '@sallyport/shared/x509/renewal-time.ts';
import { type PlannedFile, writePlannedFiles } from '../files/planned-file.ts';
import { failure, type Outcome } from '../outcome.ts';
import { newRootPassphrase, ROOT_PASSPHRASE_FILE } from '../site/root-passphrase.ts';
import { issuingFiles, readClusterKey, readSiteSecrets, rootFiles } from './site-secrets.ts';

/** How the root is opened, and whether it must be. */
export interface RenewIssuingOptions {
  readonly newIssuingCa?: boolean;
  /** Another root as well, which nothing of the old one opens: that was stolen, or its passphrase is lost. */
  readonly newRoot?: boolean;
  readonly rootPassphraseFile?: string;
}

/**
 * Makes a new issuing authority when the old one is two thirds through its life, or when it is asked for; a new root only
 * when it is asked for.
 *
 * The only thing beside `init` that opens the root. Undefined: all is well, and the bundles can be written.
 */
export async function renewIssuing(
  folder: string,
  nowMs: number,
  { newIssuingCa, newRoot, rootPassphraseFile }: RenewIssuingOptions,
): Promise<Outcome | undefined> {
  if (newRoot === true) return replaceRoot(folder, nowMs, rootPassphraseFile);
  const secrets = await readSiteSecrets(folder);
  const issuing = firstOfPem(secrets.issuingAuthority.certificatePem);
  const isDue = issuing === undefined || nowMs >= renewalDueMs(issuing);
  if (newIssuingCa !== true && !isDue) return undefined;
  const file = rootPassphraseFile ?? join(folder, ROOT_PASSPHRASE_FILE);
  const passphrase = await readFile(file, 'utf8').catch(() => undefined);
  if (passphrase === undefined) {
    return failure(
      `a new issuing authority is due, and the passphrase of the root is not in ${file}`,
      'give --root-passphrase-file FILE; if it is lost for good, --new-root makes another root',
    );
  }
  const root = openSiteRoot(secrets.siteRoot, passphrase.replace(/\r?\n$/, ''));
  if (!root.ok) {
    return failure(`the passphrase in ${file} does not open the root`, 'give the right one');
  }
  const authority = await createIssuingAuthority(root.value, siteNamedBy(secrets.siteRoot), nowMs);
  await putInPlace(folder, issuingFiles(authority, secrets.clusterKey), nowMs);
  return undefined;
}

/** Makes a root and an issuing authority, whatever there was. */
async function replaceRoot(
  folder: string,
  nowMs: number,
  passphraseFile: string | undefined,
): Promise<Outcome | undefined> {
  const clusterKey = await readClusterKey(folder);
  const certificatePem = await readFile(join(folder, 'ca/site-ca.crt'), 'utf8');
  const passphrase = await newRootPassphrase(passphraseFile);
  if (!passphrase.ok) return passphrase.error;
  const site = siteNamedBy({ certificatePem });
  const { root, sealed } = await createSiteRoot(site, passphrase.value, nowMs);
  const authority = await createIssuingAuthority(root, site, nowMs);
  const text = `${passphrase.value}\n`;
  const kept =
    passphraseFile === undefined ? [{ path: ROOT_PASSPHRASE_FILE, text, isSecret: true }] : [];
  await putInPlace(
    folder,
    [...rootFiles(sealed), ...kept, ...issuingFiles(authority, clusterKey)],
    nowMs,
  );
  return undefined;
}

/** Written whole, and key before certificate: a run that is cut off in between is seen by the next. */
async function putInPlace(
  folder: string,
  files: readonly PlannedFile[],
  nowMs: number,
): Promise<void> {
  const draft = `.new-${nowMs}`;
  try {
    await writePlannedFiles(join(folder, draft), files);
    for (const { path } of files.toReversed()) {
      await rename(join(folder, draft, path), join(folder, path));
    }
  } finally {
    await rm(join(folder, draft), { recursive: true, force: true });
  }
}

/** The name that the root carries: only for people who read certificates. */
function siteNamedBy({ certificatePem }: { readonly certificatePem: string }): string {
  const [name = 'site'] = firstOfPem(certificatePem)?.subjectCommonNames ?? [];
  return name.replace(/ channel root$/, '');
}
