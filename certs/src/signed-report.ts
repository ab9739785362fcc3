import { createPrivateKey } from 'node:crypto';
import { isSignedJson, signJson } from '@sallyport/shared/channel/signed-json.ts';
import {
  decodeJson,
  integer,
  list,
  oneOf,
  record,
  text,
} from '@sallyport/shared/channel/strict-json.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { spkiBase64 } from '@sallyport/shared/x509/spki.ts';

/** One line of a report. */
export interface ReportStep {
  /** Seen from the site that reports: `outbound` is what it tried, `inbound` what came to it. */
  readonly direction: 'outbound' | 'inbound';
  readonly step: string;
  readonly target?: string;
  readonly expected: string;
  readonly seen: string;
  readonly outcome: 'ok' | 'warning' | 'failed';
  readonly code?: string;
  readonly ms: number;
}

/** What a site saw of a partner, to be sent to that partner: no host of its own inside is in it, and no user. */
export interface ReportDraft {
  readonly site: string;
  /** The partner's. */
  readonly domain: string;
  readonly madeAtMs: number;
  readonly steps: readonly ReportStep[];
}

/** A report whose signature is its signer's. */
export interface SignedReport extends ReportDraft {
  /** Base64 SPKI: the key that signs the site's offers. */
  readonly signingKey: string;
}

/** Why a report is not believed. */
export type ReportFault = 'report-malformed' | 'report-signer-unknown' | 'report-signature-wrong';

interface ReportDocument extends Omit<ReportDraft, 'madeAtMs'> {
  readonly format: typeof REPORT_FORMAT;
  readonly note: string;
  readonly madeAt: string;
  readonly signingKey: string;
  readonly signature: string;
}

const REPORT_FORMAT = 'sallyport-report-1';
const NOTE = 'What we saw when we tried to reach you; "failed" is where it ended.';
const SIGNATURE_LABEL = 'sallyport report v1\n';
const STEPS_MAX = 200;
const FILE_BYTES_MAX = 1_048_576;

const base64 = text(400, /^[A-Za-z0-9+/]+={0,2}$/, 'base64');
const printable = (charsMax: number) => text(charsMax, /^[ -~]+$/, 'printable ASCII');
const word = text(64, /^[a-z0-9][a-z0-9-]*$/, 'a word');
const reportStep = record<ReportStep>(
  {
    direction: oneOf('outbound', 'inbound'),
    step: word,
    target: text(64, /^[0-9A-Fa-f.:[\]]+$/, 'an address and a port'),
    expected: printable(200),
    seen: printable(600),
    outcome: oneOf('ok', 'warning', 'failed'),
    code: word,
    ms: integer(0, 600_000),
  },
  ['target', 'code'],
);
const reportDocument = record<ReportDocument>({
  format: oneOf(REPORT_FORMAT),
  note: printable(500),
  site: text(63, /^[a-z0-9][a-z0-9-]*$/, 'a name'),
  domain: text(253, /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/, 'a domain'),
  madeAt: text(24, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'a time in UTC'),
  steps: list(STEPS_MAX, reportStep),
  signingKey: base64,
  signature: base64,
});

/**
 * Writes a report as one JSON text, signed with the site's offer-signing key (Ed25519, PKCS#8 PEM).
 *
 * What would not be accepted when read is a caller's bug, and thrown.
 */
export function writeReport(draft: ReportDraft, signingKeyPem: string): string {
  const privateKey = createPrivateKey(signingKeyPem);
  const signingKey = spkiBase64(privateKey);
  const { site, domain, madeAtMs, steps } = draft;
  const unsigned: Omit<ReportDocument, 'signature'> = {
    format: REPORT_FORMAT,
    note: NOTE,
    site,
    domain,
    madeAt: new Date(madeAtMs).toISOString(),
    steps,
    signingKey,
  };
  const signature = signJson(SIGNATURE_LABEL, unsigned, privateKey);
  const file = `${JSON.stringify({ ...unsigned, signature }, null, 2)}\n`;
  const check = verifyReport(Buffer.from(file), []);
  if (!check.ok) throw new TypeError(`a report that nobody could read: ${check.error}`);
  return file;
}

/**
 * Reads a report and proves that it is whole and its signer's.
 *
 * `signingKeys` (base64 SPKI) are those that the site's offers named; with none, the key in the file is believed,
 * and the signature proves only that nothing was changed since.
 */
export function verifyReport(
  file: Buffer,
  signingKeys: readonly string[],
): Result<SignedReport, ReportFault> {
  if (file.length > FILE_BYTES_MAX) return err('report-malformed');
  const decoded = decodeJson(file, reportDocument);
  if (!decoded.ok) return err('report-malformed');
  const { signature, ...unsigned } = decoded.value;
  const { signingKey, site, domain, madeAt, steps } = unsigned;
  if (signingKeys.length > 0 && !signingKeys.includes(signingKey)) {
    return err('report-signer-unknown');
  }
  if (!isSignedJson(SIGNATURE_LABEL, unsigned, signingKey, signature)) {
    return err('report-signature-wrong');
  }
  const madeAtMs = Date.parse(madeAt);
  if (Number.isNaN(madeAtMs)) return err('report-malformed');
  return ok({ site, domain, madeAtMs, steps, signingKey });
}
