import assert from 'node:assert/strict';
import type { Finding, FindingCode } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import {
  Verification,
  type VerifyOptions,
} from '@sallyport/app-gateway/ledger/verify/verification.ts';
import type { VerifyReport } from '@sallyport/app-gateway/ledger/verify/verify-report.ts';
import type { AuditedSite } from '../audited-site.ts';

/** What a verifier says of a file that comes in such pieces. */
export function verify(
  pack: Buffer,
  options: VerifyOptions = {},
  chunkBytes = 10_000,
): VerifyReport {
  const verification = new Verification(options);
  for (let at = 0; at < pack.length; at += chunkBytes) {
    verification.push(pack.subarray(at, at + chunkBytes));
  }
  return verification.end();
}

/** The same of a site's whole ledger, with keys kept elsewhere. */
export async function verifySite(
  site: AuditedSite,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  return verify(await site.pack(), { keys: site.publicKeys, ...options });
}

export function found({ findings }: VerifyReport, code: FindingCode): Finding {
  const finding = findings.find((one) => one.code === code);
  assert.ok(finding, `${code} among ${findings.map((one) => one.code).join(', ') || 'nothing'}`);
  return finding;
}

export function codesOf({ findings }: VerifyReport): readonly FindingCode[] {
  return [...new Set(findings.map(({ code }) => code))].sort();
}

export function withByte(record: Buffer, at: number): Buffer {
  const changed = Buffer.from(record);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}
