import { sign } from 'node:crypto';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { type GivenResult, makeProof, type Proof } from '../../doctor/proof.ts';
import { proofHtml } from '../../doctor/proof-html.ts';
import { RESULT_BYTES_MAX, readResult } from '../../doctor/signed-result.ts';
import { readBounded } from '../files/read-bounded.ts';
import { replaceFiles } from '../files/whole-file.ts';
import { causeOf, failure, type Outcome, refusedOutcome, remedyOf, verdict } from '../outcome.ts';
import type { Surroundings } from '../surroundings.ts';
import { chosenSigner, type Signer, type SignerChoice } from './doctor-signer.ts';
import { planNamed } from './doctor-zone.ts';
import { knownKeys } from './known-keys.ts';

/** Which results are merged, and what is made of them. */
export interface DoctorReportOptions extends Omit<SignerChoice, 'bundle'> {
  readonly report: readonly string[];
  readonly against?: string;
  readonly keys?: readonly string[];
  readonly maxAge?: string;
  readonly out?: string;
}

const RESULTS_MAX = 500;
const HOUR_MS = 3_600_000;
const HOURS_MAX = 8760;
const AGE_HOURS = 24;

/** `sallyport doctor --report`: one proof out of many results; 1 where it is not proven. */
export async function doctorReport(
  options: DoctorReportOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { folder, nowMs } = surroundings;
  const known = planNamed(options.against, folder);
  if (!('plan' in known)) return known;
  const hours = Number(options.maxAge ?? AGE_HOURS);
  if (!(hours > 0 && hours <= HOURS_MAX)) {
    return failure('--max-age is no number of hours', `give 1 to ${HOURS_MAX}`);
  }
  if (options.report.length > RESULTS_MAX) {
    return failure(`more than ${RESULTS_MAX} results`, 'leave out those of earlier days');
  }
  const keys = knownKeys(options.keys ?? [], folder);
  if (!keys.ok) {
    const { file, why } = keys.error;
    return failure(`${file} ${why}`, 'give witnesses.json of a gateway’s bundle, or OPERATOR.pub');
  }
  const { operatorKey, passphraseFile } = options;
  const signer = await chosenSigner(
    {
      ...(operatorKey !== undefined && { operatorKey }),
      ...(passphraseFile !== undefined && { passphraseFile }),
    },
    surroundings,
  );
  if (!signer.ok) return refusedOutcome(signer.error);
  const given = options.report.map((file) => givenResult(file, folder));
  const proof = makeProof({
    known,
    given,
    keys: keys.value,
    nowMs: nowMs(),
    ageMaxMs: hours * HOUR_MS,
  });
  if (options.out !== undefined) {
    try {
      writeProof(resolve(folder, options.out), proof, signer.value);
    } catch (cause) {
      const next = remedyOf(cause, 'name another file');
      return failure(`cannot write ${options.out}: ${causeOf(cause)}`, next);
    }
  }
  return verdict(proof.isProven, [...proofText(proof), ...keptLines(options.out, signer.value)], {
    answer: { ...proof, counted: proof.counted.map(countedHead) },
  });
}

function givenResult(file: string, folder: string): GivenResult {
  const bytes = readBounded(resolve(folder, file), RESULT_BYTES_MAX);
  if (!bytes.ok) return { file, read: undefined, fault: `it ${bytes.error}` };
  const read = readResult(bytes.value);
  if (read.ok) return { file, read: read.value };
  const isForged = read.error === 'result-signature-wrong';
  const fault = isForged ? 'its signature is wrong' : 'it is no result of "doctor --from-zone"';
  return { file, read: undefined, fault };
}

/**
 * The signature is over the file’s very bytes, so that openssl alone can check it. Throws what the file system throws.
 */
function writeProof(path: string, proof: Proof, signer: Signer | undefined): void {
  const html = Buffer.from(proofHtml(proof, signer?.name));
  const page = { path, content: html };
  if (signer === undefined) {
    // That of an earlier page is not of this one.
    rmSync(`${path}.sig`, { force: true });
    return replaceFiles([page]);
  }
  replaceFiles([page, { path: `${path}.sig`, content: sign(null, html, signer.key) }]);
}

function proofText(proof: Proof): readonly string[] {
  const verdict = proof.isProven ? 'PROVEN' : 'NOT PROVEN';
  const sum = (count: (cell: Proof['cells'][number]) => number) =>
    proof.cells.reduce((total, cell) => total + count(cell), 0);
  return [
    ...proof.reasons.map((reason) => `- ${reason}`),
    `${proof.counted.length} results: ${sum((cell) => cell.allowedOpen)} allowed pairs open, ${sum((cell) => cell.forbiddenBlocked)} forbidden pairs closed, ${sum((cell) => cell.differences)} differ, ${sum((cell) => cell.notTried)} not tried`,
    `${verdict}: ${proof.site}, plan ${proof.planSha256}`,
  ];
}

function keptLines(out: string | undefined, signer: Signer | undefined): readonly string[] {
  if (out === undefined) return [];
  return signer === undefined
    ? [`written to ${out}: its results are signed, the page is not; --operator-key FILE signs it`]
    : [`written to ${out}, signed by ${signer.name}: ${out}.sig`];
}

function countedHead({ file, result, signedBy, tally }: Proof['counted'][number]): object {
  const { zone, host, madeAtMs, tookMs } = result;
  return { file, zone, host, madeAt: new Date(madeAtMs).toISOString(), tookMs, signedBy, ...tally };
}
