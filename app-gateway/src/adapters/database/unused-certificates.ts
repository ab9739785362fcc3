import { X509Certificate } from 'node:crypto';
import { spkiSha256 } from '@sallyport/shared/x509/spki.ts';
import { type NamedFiles, textOf } from '../../config/named-files.ts';
import type { SiteProblem } from '../../config/site-problem.ts';
import type { SiteFile } from '../../config/site-schema.ts';
import type { IdentityRecord } from '../../domain/exchange/identity/identity-record.ts';

/**
 * Warnings of certificates of ours that lie in the site's files and that nobody is shown, for the database has none of
 * that key, or an older one: whoever replaces a file there renews nothing.
 *
 * Files of before a key of ours changed by command are what is expected, and no matter.
 */
export function unusedCertificates(
  identities: SiteFile['identities'],
  files: NamedFiles,
  known: readonly IdentityRecord[],
): readonly SiteProblem[] {
  const kept = known.flatMap(({ keys }) => keys);
  return identities.flatMap(({ name, chain }) => {
    const given = leafOf(textOf(files, chain));
    if (given === undefined) return [];
    const same = kept.find(({ spki }) => spki === spkiSha256(given.publicKey));
    const held = leafOf(same?.chainPem);
    const isHeld = held !== undefined && held.validFromDate >= given.validFromDate;
    if (isHeld || same?.state === 'retired') return [];
    const message =
      'is shown to nobody: the database holds our certificates since the first start; "sallyport cert" changes them, or "sallyport import FOLDER"';
    return [{ severity: 'warning', file: chain, path: `identity/${name}`, message }];
  });
}

function leafOf(pem: string | undefined): X509Certificate | undefined {
  try {
    return pem === undefined ? undefined : new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
