import { commonVersion, type Hello } from './hello.ts';
import { type Decoder, integer, list, ofPayload, oneOf, record, text } from './strict-json.ts';

/** A gateway asks a proxy to try a partner's servers, live. */
export interface ProbeRequest {
  readonly partner: string;
  /** The domain of the partner that is asked for. */
  readonly domain: string;
}

/** What is tried, in this order; all but the first once per server. */
export const PROBE_STEPS = [
  'dns',
  'connect',
  'tls',
  'chain',
  'names',
  'purposes',
  'dates',
  'trust',
  'our-certificate',
  'options',
  'clock',
] as const;
export type ProbeStepName = (typeof PROBE_STEPS)[number];

/** `warning`: it works, and somebody should look all the same. */
export const PROBE_OUTCOMES = ['ok', 'warning', 'failed'] as const;
export type ProbeOutcome = (typeof PROBE_OUTCOMES)[number];

/** One thing that was tried: what should have been, and what was. */
export interface ProbeStep {
  readonly step: ProbeStepName;
  /** `address:port` of the server; absent before there is one. */
  readonly target?: string;
  readonly expected: string;
  readonly seen: string;
  readonly outcome: ProbeOutcome;
  /** For scripts; absent where all is well. */
  readonly code?: string;
  /** Since the step before. */
  readonly ms: number;
}

/** Why a proxy tried nothing. */
export const PROBE_REFUSALS = [
  'busy',
  'too-often',
  'partner-unknown',
  'domain-unknown',
  'draining',
] as const;
export type ProbeRefusal = (typeof PROBE_REFUSALS)[number];

/** A proxy's answer: exactly one of the two. */
export interface ProbeResult {
  readonly steps?: readonly ProbeStep[];
  readonly refusal?: ProbeRefusal;
}

/** From this version on, both ends know the frames by which partners are tried. */
export const PROBE_VERSION = 2;

/** Together with the lengths below they fit the frame, whatever has to be escaped. */
export const PROBE_STEPS_MAX = 120;
const EXPECTED_CHARS_MAX = 200;
const SEEN_CHARS_MAX = 600;
const MS_MAX = 600_000;

const name = text(63, /^[a-z0-9][a-z0-9-]*$/, 'a name of lower-case letters, digits and hyphens');
const request = record<ProbeRequest>({
  partner: name,
  domain: text(253, /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/, 'a domain in lower case'),
});
const printable = (charsMax: number) => text(charsMax, /^[ -~]+$/, 'printable ASCII');
const step = record<ProbeStep>(
  {
    step: oneOf(...PROBE_STEPS),
    target: text(64, /^[0-9A-Fa-f.:[\]]+$/, 'an address and a port'),
    expected: printable(EXPECTED_CHARS_MAX),
    seen: printable(SEEN_CHARS_MAX),
    outcome: oneOf(...PROBE_OUTCOMES),
    code: text(64, /^[a-z0-9][a-z0-9-]*$/, 'a code'),
    ms: integer(0, MS_MAX),
  },
  ['target', 'code'],
);
const result = record<ProbeResult>(
  { steps: list(PROBE_STEPS_MAX, step, 1), refusal: oneOf(...PROBE_REFUSALS) },
  ['steps', 'refusal'],
);
const oneAnswer: Decoder<ProbeResult> = (value, at, problems) => {
  const answer = result(value, at, problems);
  if ((answer.steps === undefined) === (answer.refusal === undefined)) {
    problems.push('document: expected either steps or a refusal');
  }
  return answer;
};

export const decodeProbe = ofPayload(request);
export const decodeProbeResult = ofPayload(oneAnswer);

/**
 * A step that fits the frame: strangers' names and words are cut to length, and what could move a terminal's
 * cursor or imitate another letter is replaced.
 */
export function boundedStep(given: ProbeStep): ProbeStep {
  return {
    ...given,
    expected: bounded(given.expected, EXPECTED_CHARS_MAX),
    seen: bounded(given.seen, SEEN_CHARS_MAX),
    ms: Math.min(Math.max(Math.round(given.ms), 0), MS_MAX),
  };
}

/** Whether a peer knows these frames: an older one would close the channel at the sight of them. */
export function knowsProbe(ours: readonly number[], peer: Hello | undefined): boolean {
  return (commonVersion(ours, peer?.protocolVersions ?? []) ?? 0) >= PROBE_VERSION;
}

function bounded(given: string, charsMax: number): string {
  const plain = given.replace(/[^ -~]/g, '?') || '-';
  return plain.length <= charsMax ? plain : `${plain.slice(0, charsMax - 3)}...`;
}
