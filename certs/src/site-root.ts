import { randomBytes } from 'node:crypto';
import { dayText } from '@sallyport/shared/io/time-text.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { createAuthority, type Issued, issueIntermediate } from './authority.ts';
import { createKeyFileSeal, createPassphraseSeal } from './sealed-key.ts';
import { validForDays } from './validity.ts';

/** An authority as it lies on a disk: its key can only be opened with what lies elsewhere. */
export interface SealedAuthority {
  readonly certificatePem: string;
  /** Text of the form `sallyport-sealed:v1:...`. */
  readonly sealedKey: string;
}

const ROOT_DAYS = 3650;
/** Renewed by whoever opens the root; the certificates below it live for days. */
const ISSUING_DAYS = 730;
const PASSPHRASE_BYTES = 24;
const ROOT_LABEL = 'site root';
const ISSUING_LABEL = 'channel issuing authority';

/** 192 random bits, as text that survives being typed: nobody has to remember it. */
export function createPassphrase(): string {
  return randomBytes(PASSPHRASE_BYTES).toString('base64url');
}

/** Makes the site's root: hosts trust it and nothing else, and its key is opened a few times in ten years. */
export async function createSiteRoot(
  site: string,
  passphrase: string,
  nowMs: number,
): Promise<{ readonly root: Issued; readonly sealed: SealedAuthority }> {
  const root = await createAuthority({
    commonName: `${site} channel root`,
    pathLength: 1,
    ...validForDays(nowMs, ROOT_DAYS),
  });
  const sealedKey = createPassphraseSeal(passphrase).seal(root.privateKeyPem, ROOT_LABEL);
  return { root, sealed: { certificatePem: root.certificatePem, sealedKey } };
}

/** Opens the root with its passphrase; half a second and 128 MiB for each attempt. */
export function openSiteRoot(
  { certificatePem, sealedKey }: SealedAuthority,
  passphrase: string,
): Result<Issued, 'root-passphrase-wrong'> {
  const key = createPassphraseSeal(passphrase).open(sealedKey, ROOT_LABEL);
  return key.ok ? ok({ certificatePem, privateKeyPem: key.value }) : err('root-passphrase-wrong');
}

/** Makes the authority whose key the gateways have, so that they can issue without the root. */
export function createIssuingAuthority(root: Issued, site: string, nowMs: number): Promise<Issued> {
  return issueIntermediate(root, {
    commonName: `${site} channel issuing authority ${dayText(nowMs)}`,
    pathLength: 0,
    ...validForDays(nowMs, ISSUING_DAYS),
  });
}

/** Seals the issuing authority's key with 32 octets that lie beside it only on gateways. */
export function sealIssuingAuthority(authority: Issued, key: Buffer): SealedAuthority {
  const sealedKey = createKeyFileSeal(key).seal(authority.privateKeyPem, ISSUING_LABEL);
  return { certificatePem: authority.certificatePem, sealedKey };
}

/** Opens it again. */
export function openIssuingAuthority(
  { certificatePem, sealedKey }: SealedAuthority,
  key: Buffer,
): Result<Issued, 'key-unreadable'> {
  const opened = createKeyFileSeal(key).open(sealedKey, ISSUING_LABEL);
  return opened.ok ? ok({ certificatePem, privateKeyPem: opened.value }) : opened;
}
