import { ok, type Result } from '@sallyport/shared/result.ts';
import type { Certificate } from '@sallyport/shared/x509/certificate.ts';
import { type Path, validatePath } from '@sallyport/shared/x509/path.ts';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import type { PathFault } from '@sallyport/shared/x509/path-rules.ts';
import { CLIENT_AUTH } from '@sallyport/shared/x509/purpose.ts';
import { coversDomain, sipIdentities } from '@sallyport/shared/x509/sip-identity.ts';
import { certificateProblems, shownName, type TrustProblem } from './certificate-problems.ts';
import type { FileFault } from './file-fault.ts';
import { pathWords } from './path-words.ts';
import { readReceivedFile } from './received-file.ts';

/** A CA's answer to our request, and what it must fit. */
export interface InstallQuestion {
  /** The file as the CA sent it: PEM, DER, PKCS#7 or PKCS#12. */
  readonly answer: Buffer;
  readonly password?: string;
  /** Base64 SHA-256 of the public key that was requested. */
  readonly spki: string;
  /** Authorities that are known already, DER; roots in the answer count as well. */
  readonly anchors: readonly Buffer[];
  /** What the certificate must stand for. */
  readonly domains: readonly string[];
  readonly nowMs: number;
  readonly warnBeforeMs: number;
}

/** What may be installed if there is no error among the problems. */
export interface InstalledCertificate {
  /** Leaf first, then what is above it, without the root: as TLS shows it. Empty without the right leaf. */
  readonly chain: readonly Certificate[];
  /** The root of the path: what partners must trust. Undefined without a path. */
  readonly anchor: Certificate | undefined;
  readonly problems: readonly TrustProblem[];
}

/** Partners' clocks may run behind by this much. */
const CLOCK_MARGIN_MS = 3_600_000;

/**
 * Judges a CA's answer before the certificate may be shown to anybody, and puts its chain in order.
 *
 * The key must be the one that was requested, a path must lead to a root, and every domain must be covered;
 * purposes, dates and algorithms are judged as those of a partner are.
 */
export function checkInstalled(question: InstallQuestion): Result<InstalledCertificate, FileFault> {
  const roots = readAnchors(question.anchors);
  if (!roots.ok) return roots;
  const { password } = question;
  const file = readReceivedFile(question.answer, password === undefined ? {} : { password });
  if (!file.ok) return file;
  const { certificates } = file.value;
  const leaf = certificates.find(({ spkiSha256 }) => spkiSha256 === question.spki);
  if (leaf === undefined) {
    const message = 'no certificate in the file is for the key that was requested';
    const problem: TrustProblem = { severity: 'error', code: 'key-mismatch', message };
    return ok({ chain: [], anchor: undefined, problems: [problem] });
  }
  const anchors = [...roots.value, ...file.value.anchors];
  const path = validatePath({
    leaf,
    intermediates: certificates,
    anchors,
    pins: [],
    purpose: 'server',
    policy: defaultPathPolicy,
    atMs: Math.max(question.nowMs, leaf.notBeforeMs),
  });
  const chain = path.ok ? chainOf(path.value) : [leaf];
  return ok({
    chain,
    anchor: path.ok ? path.value.chain.at(-1) : undefined,
    problems: [
      ...chain.flatMap((one, n) =>
        certificateProblems(one, n === 0 ? 'leaf' : 'intermediate', question),
      ),
      ...(path.ok
        ? orderProblems(path.value, certificates)
        : [problemOf(leaf, 'error', ...pathProblem(path.error))]),
      ...ownProblems(leaf, question),
    ],
  });
}

function readAnchors(ders: readonly Buffer[]): Result<readonly Certificate[], FileFault> {
  const anchors: Certificate[] = [];
  for (const der of ders) {
    const file = readReceivedFile(der);
    if (!file.ok) return file;
    anchors.push(...file.value.certificates);
  }
  return ok(anchors);
}

/** A self-signed certificate is its own root, and is shown all the same. */
function chainOf({ chain }: Path): readonly Certificate[] {
  return chain.length === 1 ? chain : chain.slice(0, -1);
}

function pathProblem(fault: PathFault): [TrustProblem['code'], string] {
  return fault === 'path-not-found'
    ? [
        'chain-incomplete',
        'no way leads from it to a root: ask the CA for the certificates above it',
      ]
    : ['path-refused', pathWords(fault)];
}

/** What was put right: TLS wants each certificate to be followed by its issuer. */
function orderProblems(path: Path, certificates: readonly Certificate[]): readonly TrustProblem[] {
  const places = path.chain
    .map((one) => certificates.findIndex((other) => other.der.equals(one.der)))
    .filter((place) => place >= 0);
  const isOrdered = places.every((place, n) => n === 0 || place > (places[n - 1] as number));
  const extra = certificates.filter((one) => !path.chain.some((used) => used.der.equals(one.der)));
  return [
    ...(isOrdered
      ? []
      : [
          problemOf(
            path.leaf,
            'note',
            'chain-order-wrong',
            'the chain was in the wrong order and was put right',
          ),
        ]),
    ...extra.map((one) =>
      problemOf(one, 'note', 'certificate-extra', 'is of no use here and is left out'),
    ),
  ];
}

function ownProblems(leaf: Certificate, question: InstallQuestion): readonly TrustProblem[] {
  const problems: TrustProblem[] = [];
  const named = sipIdentities(leaf).domains.slice(0, 5).join(', ') || 'no domain';
  for (const domain of question.domains.filter((one) => !coversDomain(leaf, one))) {
    const what = `does not stand for ${domain}; it names ${named}`;
    problems.push(problemOf(leaf, 'error', 'domain-not-covered', what));
  }
  const usage = leaf.extensions.extendedKeyUsage;
  if (usage !== undefined && !usage.includes(CLIENT_AUTH)) {
    const what = 'has no clientAuth: partners with strict purposes will refuse our connections';
    problems.push(problemOf(leaf, 'warning', 'purpose-no-client', what));
  }
  const sinceMs = question.nowMs - leaf.notBeforeMs;
  if (sinceMs >= 0 && sinceMs < CLOCK_MARGIN_MS) {
    const what =
      'is less than an hour old: partners whose clocks run behind will refuse it until then';
    problems.push(problemOf(leaf, 'note', 'clock-margin', what));
  }
  return problems;
}

function problemOf(
  certificate: Certificate,
  severity: TrustProblem['severity'],
  code: TrustProblem['code'],
  what: string,
): TrustProblem {
  const message = `${shownName(certificate)}: ${what}`;
  return { severity, code, message, certificate: certificate.fingerprintSha256 };
}
