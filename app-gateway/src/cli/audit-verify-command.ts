import { closeSync, createReadStream, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import { LOG_PROOF_TITLE, parseLogProof } from '@sallyport/shared/audit/log-proof.ts';
import { parseNote } from '@sallyport/shared/audit/note.ts';
import { parsedJson } from '@sallyport/shared/parsed-json.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { AUDIT_COMPARE } from '../commands/audit/audit-descriptions.ts';
import type { CommandRefusal } from '../commands/command-refusal.ts';
import { joinedChecks, type SearchCheckPage } from '../ledger/search-check.ts';
import { isLedgerKeys } from '../ledger/verify/ledger-keys.ts';
import type { LedgerKeys } from '../ledger/verify/pack-format.ts';
import { proofText } from '../ledger/verify/proof-text.ts';
import { verifyProof } from '../ledger/verify/proof-verification.ts';
import { Verification, type VerifyOptions } from '../ledger/verify/verification.ts';
import type { VerifyReport } from '../ledger/verify/verify-report.ts';
import { verifyText } from '../ledger/verify/verify-text.ts';
import { causeOf, type Outcome, refusedOutcome, verdict } from './outcome.ts';
import { AdminClient } from './remote/admin-client.ts';
import { type GatewayChoice, gatewaySocket } from './remote/gateway-socket.ts';
import type { Surroundings } from './surroundings.ts';

/** What is verified with. */
export interface AuditVerifyOptions extends GatewayChoice {
  readonly live?: boolean;
  readonly keys?: string;
  readonly checkpoint?: string;
  readonly strict?: boolean;
}

const CHUNK_BYTES = 1_048_576;
const SMALL_FILE_BYTES_MAX = 262_144;

/** `sallyport audit verify`: the verdict on a file, or without one on what a gateway has now; 1 where a fault was found. */
export async function auditVerifyCommand(
  file: string | undefined,
  options: AuditVerifyOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const kept = keptElsewhere(options, surroundings.folder);
  if (!kept.ok) return refusedOutcome(kept.error);
  const path = file === undefined ? undefined : resolve(surroundings.folder, file);
  if (path !== undefined && isProof(path)) return proofOutcome(path, options, kept.value);
  const verification = new Verification(kept.value);
  const read =
    path === undefined
      ? await readLive(verification, { ...options, known: kept.value.known }, surroundings)
      : await readPack(verification, path);
  if (!read.ok) return refusedOutcome(read.error);
  const proved = verification.end();
  // Without its first line nothing is known of it: no ledger that is good or bad, but another file.
  if (proved.origin === '') return refusedOutcome(noPack(file ?? 'what the gateway sent'));
  const report = read.value === undefined ? proved : withComparison(proved, read.value);
  const isEnough = options.strict === true ? report.findings.length === 0 : report.isGood;
  return verdict(isEnough, [verifyText(report)], { answer: report });
}

/** The proof of one record holds no keys, and no history that a checkpoint could be compared with. */
function proofOutcome(path: string, options: AuditVerifyOptions, { keys }: VerifyOptions): Outcome {
  if (keys === undefined || options.checkpoint !== undefined) return refusedOutcome(PROOF_OPTIONS);
  const text = smallFile(path, noProof(path));
  if (!text.ok) return refusedOutcome(text.error);
  const proof = parseLogProof(text.value);
  if (proof === undefined) return refusedOutcome(noProof(path));
  const report = verifyProof(proof, keys);
  const isEnough = options.strict === true ? report.findings.length === 0 : report.isGood;
  return verdict(isEnough, [proofText(report)], { answer: report });
}

/** By its first line; what cannot be read is told by whoever reads the rest. */
function isProof(path: string): boolean {
  const title = Buffer.alloc(LOG_PROOF_TITLE.length);
  try {
    const descriptor = openSync(path, 'r');
    try {
      readSync(descriptor, title, 0, title.length, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
  return title.toString('latin1') === LOG_PROOF_TITLE;
}

async function readPack(
  verification: Verification,
  path: string,
): Promise<Result<undefined, CommandRefusal>> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
      verification.push(chunk as Buffer);
    }
    return ok(undefined);
  } catch (cause) {
    return err(unreadable(path, cause));
  }
}

/**
 * Takes an export piece by piece, of which the verdict is made here; and asks what the gateway has to say of the rows
 * that its searches read, which nobody else sees.
 */
async function readLive(
  verification: Verification,
  { known, ...options }: AuditVerifyOptions & { readonly known: number | undefined },
  surroundings: Surroundings,
): Promise<Result<SearchCheckPage, CommandRefusal>> {
  const socket = gatewaySocket(options, surroundings);
  if (!socket.ok) return socket;
  const client = new AdminClient(socket.value);
  let place: unknown;
  do {
    const parameters = {
      format: 'pack',
      out: true,
      ...(known !== undefined && { known }),
      ...(place !== undefined && { place }),
    };
    const answer = await client.ask(['audit', 'export'], { parameters });
    if (!answer.ok) return err(answer.error);
    const page = answer.answer as { readonly bytes: string; readonly place?: unknown };
    verification.push(Buffer.from(page.bytes, 'base64'));
    place = page.place;
  } while (place !== undefined);
  return comparison(client);
}

async function comparison(client: AdminClient): Promise<Result<SearchCheckPage, CommandRefusal>> {
  let all: SearchCheckPage = { compared: 0, findings: [], leftOut: 0 };
  do {
    const { place } = all;
    const parameters = place === undefined ? {} : { place };
    const answer = await client.ask(AUDIT_COMPARE.words, { parameters });
    if (!answer.ok) return err(answer.error);
    all = joinedChecks(all, answer.answer as SearchCheckPage);
  } while (all.place !== undefined);
  return ok(all);
}

function withComparison(
  report: VerifyReport,
  { compared, findings, leftOut }: SearchCheckPage,
): VerifyReport {
  return {
    ...report,
    isGood: report.isGood && !findings.some(({ severity }) => severity === 'fault'),
    compared,
    findings: [...report.findings, ...findings],
    leftOut: report.leftOut + leftOut,
  };
}

function keptElsewhere(
  { keys, checkpoint }: AuditVerifyOptions,
  folder: string,
): Result<VerifyOptions & { readonly known?: number }, CommandRefusal> {
  const given: { keys?: LedgerKeys; knownCheckpoint?: string; known?: number } = {};
  if (keys !== undefined) {
    const text = smallFile(resolve(folder, keys), noKeys(keys));
    if (!text.ok) return text;
    const value = parsedJson(text.value);
    if (!isLedgerKeys(value)) return err(noKeys(keys));
    given.keys = value;
  }
  if (checkpoint !== undefined) {
    const text = smallFile(resolve(folder, checkpoint), noCheckpoint(checkpoint));
    if (!text.ok) return text;
    const note = parseNote(Buffer.from(text.value));
    const parsed = note.ok ? parseCheckpoint(note.value.text) : note;
    if (!parsed.ok) return err(noCheckpoint(checkpoint));
    given.knownCheckpoint = text.value;
    given.known = parsed.value.size;
  }
  return ok(given);
}

function smallFile(path: string, ifTooLarge: CommandRefusal): Result<string, CommandRefusal> {
  try {
    if (statSync(path).size > SMALL_FILE_BYTES_MAX) return err(ifTooLarge);
    return ok(readFileSync(path, 'utf8'));
  } catch (cause) {
    return err(unreadable(path, cause));
  }
}

const PROOF_OPTIONS: CommandRefusal = {
  code: 'parameters-wrong',
  message: 'the proof of a record is verified with keys, and with nothing else',
  next: 'give --keys, the file that "sallyport audit keys" wrote, and no --checkpoint',
};

function noProof(path: string): CommandRefusal {
  return {
    code: 'no-proof',
    message: `${path} is no proof of a record, although its first line says so`,
    next: 'give what "sallyport audit proof --out" wrote',
  };
}

function unreadable(path: string, cause: unknown): CommandRefusal {
  return {
    code: 'file-unreadable',
    message: `${path} cannot be read: ${causeOf(cause)}`,
    next: 'check the name of the file, and its permissions',
  };
}

function noPack(what: string): CommandRefusal {
  return {
    code: 'no-pack',
    message: `${what} is no pack of a ledger: its first line does not say so`,
    next: 'give what "sallyport audit export --format pack" wrote, or "sallyport audit proof --out"',
  };
}

function noCheckpoint(path: string): CommandRefusal {
  return {
    code: 'checkpoint-wrong',
    message: `${path} holds no checkpoint of a ledger`,
    next: 'give the file that "sallyport audit keys" wrote',
  };
}

function noKeys(path: string): CommandRefusal {
  return {
    code: 'keys-wrong',
    message: `${path} holds no keys of a ledger`,
    next: 'give the file that "sallyport audit keys" wrote',
  };
}
