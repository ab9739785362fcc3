import type { TLSSocket } from 'node:tls';
import type { Target } from '@sallyport/shared/net/target.ts';
import type { MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import { firstOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { sipIdentities } from '@sallyport/shared/x509/sip-identity.ts';
import type { EdgeConfig } from '../bundle/edge-config.ts';
import type { Dialled, DialSource } from '../connections/dial.ts';
import { transportAddress } from '../flows/flow-pool.ts';
import type { OwnIdentity } from '../identity/own-identities.ts';
import type { Partner } from '../identity/partner.ts';
import { peerChain } from '../identity/peer-chain.ts';
import type { RevocationOf } from '../identity/revocation-seam.ts';
import { judgePeer } from './judge-peer.ts';
import { awaitEnding, openTcp, openTls, type Patience } from './open-connection.ts';
import { askOptions, type OptionsAnswer } from './options-exchange.ts';
import type { StepList } from './step-list.ts';
import { type Ending, endingCode, endingText, rejectsOurCertificate } from './tls-ending.ts';

/** What a server is tried for and with. */
export interface TargetQuestion {
  readonly partner: Partner;
  readonly domain: string;
  readonly target: Target & DialSource;
  readonly config: EdgeConfig;
  readonly wallMs: () => number;
  readonly revocationOf: RevocationOf | undefined;
  readonly signal: AbortSignal;
  readonly waits: ProbeWaits;
}

/** The longest that each thing is waited for. */
export interface ProbeWaits {
  readonly connectMs: number;
  readonly handshakeMs: number;
  /** So long a server that proved nothing is listened to for its own verdict on us. */
  readonly verdictMs: number;
  readonly optionsMs: number;
}

export const PROBE_WAITS: ProbeWaits = {
  connectMs: 4000,
  handshakeMs: 4000,
  verdictMs: 1500,
  optionsMs: 4000,
};

const SKEW_MS_MAX = 60_000;
const DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Tries one server from TCP to an answer; no SIP goes to one that did not prove to be the partner's. */
export async function probeTarget(question: TargetQuestion, steps: StepList): Promise<void> {
  const { target, signal, waits } = question;
  const at = transportAddress(target.address, target.port);
  const identity = identityShownTo(question);
  const tcp = await openTcp(target, { timeoutMs: waits.connectMs, signal });
  const reachable = 'a TCP connection';
  if (!tcp.ok) {
    steps.add('connect', at, { expected: reachable, ...failedBy(tcp.error) });
    return;
  }
  steps.add('connect', at, { expected: reachable, seen: 'connected', outcome: 'ok' });
  const patience = { timeoutMs: waits.handshakeMs, signal };
  const tls = await openTls(tcp.value, target, identity, patience);
  if (!tls.ok) {
    steps.add('tls', at, { expected: 'TLS 1.2 or 1.3', ...failedBy(tls.error) });
    if (rejectsOurCertificate(tls.error)) noteVerdict(tls.error, at, identity, steps);
    tcp.value.destroy();
    return;
  }
  const { socket } = tls.value;
  try {
    await examine(question, tls.value, at, identity, steps);
  } finally {
    socket.destroy();
  }
}

async function examine(
  question: TargetQuestion,
  { socket, ocspResponse }: Dialled,
  at: string,
  identity: OwnIdentity,
  steps: StepList,
): Promise<void> {
  const { partner, domain, target, config, wallMs, revocationOf, signal, waits } = question;
  // Asked for at once, before the connection can be gone.
  const hasAskedForOurs = socket.getSharedSigalgs().length > 0;
  steps.add('tls', at, { expected: 'TLS 1.2 or 1.3', seen: sessionText(socket), outcome: 'ok' });
  const isProven = judgePeer(
    {
      partner,
      domain,
      target: at,
      chain: peerChain(socket).chain(),
      ocspResponse,
      sourceAddress: target.address,
      atMs: wallMs(),
      revocationOf,
    },
    steps,
  );
  const expected = 'any answer to OPTIONS';
  if (!isProven) {
    const ending = await awaitEnding(socket, { timeoutMs: waits.verdictMs, signal });
    noteVerdict(ending, at, identity, steps, hasAskedForOurs);
    const seen = 'not sent: the server did not prove to be the partner';
    steps.add('options', at, { expected, seen, outcome: 'failed', code: 'not-sent' });
    return;
  }
  const askedAtMs = wallMs();
  const patience: Patience = { timeoutMs: waits.optionsMs, signal };
  const answer = await askOptions(
    socket,
    { domain, ownDomain: ownDomainOf(identity, config), sentBy: config.publicSentBy },
    config.limits satisfies MessageLimits,
    patience,
  );
  const isSilent = !answer.ok && answer.error.kind === 'timeout';
  const verdict = answer.ok || isSilent ? undefined : answer.error;
  noteVerdict(verdict, at, identity, steps, hasAskedForOurs);
  if (!answer.ok) {
    steps.add('options', at, { expected, ...failedBy(answer.error) });
    return;
  }
  noteAnswer(answer.value, at, expected, steps);
  noteClock(answer.value, (askedAtMs + wallMs()) / 2, at, steps);
}

/** What they say of our certificate; no word is a good word. */
function noteVerdict(
  ending: Ending | undefined,
  at: string,
  { key }: OwnIdentity,
  steps: StepList,
  hasAsked = true,
): void {
  const expected = 'it takes our certificate';
  const shown = `key SHA-256 ${key}: `;
  if (ending === undefined) {
    const seen = hasAsked
      ? 'it asked for it and does not object'
      : 'it did not ask for it: it cannot know who we are';
    const outcome = hasAsked ? 'ok' : 'warning';
    const code = hasAsked ? {} : { code: 'not-asked-for' };
    steps.add('our-certificate', at, { expected, seen: shown + seen, outcome, ...code });
    return;
  }
  const isClosed = ending.kind === 'closed';
  const seen = isClosed
    ? `${endingText(ending)} right after the handshake, as some do that do not take a certificate`
    : rejectsOurCertificate(ending)
      ? `REJECTED, ${endingText(ending)}`
      : endingText(ending);
  const code = endingCode(ending);
  steps.add('our-certificate', at, { expected, seen: shown + seen, outcome: 'failed', code });
}

/** Whatever the answer is, somebody understood the question; some answers say that not all is well. */
function noteAnswer(answer: OptionsAnswer, at: string, expected: string, steps: StepList): void {
  const { status, reasonPhrase } = answer;
  const isDoubtful = status >= 500 || [401, 403, 407].includes(status);
  steps.add('options', at, {
    expected,
    seen: `${status} ${reasonPhrase}`,
    outcome: isDoubtful ? 'warning' : 'ok',
    ...(isDoubtful && { code: `sip-${status}` }),
  });
}

function noteClock({ date }: OptionsAnswer, nowMs: number, at: string, steps: StepList): void {
  const expected = 'its clock within a minute of ours';
  if (date === undefined || !DATE.test(date)) {
    steps.add('clock', at, { expected, seen: 'no date in the answer', outcome: 'ok' });
    return;
  }
  // The field has whole seconds: on the average it is half of one behind.
  const skewMs = Date.parse(date) + 500 - nowMs;
  const isFar = !(Math.abs(skewMs) <= SKEW_MS_MAX);
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  steps.add('clock', at, {
    expected,
    seen: seconds === 0 ? 'equal' : `${seconds} s ${skewMs > 0 ? 'ahead' : 'behind'}`,
    outcome: isFar ? 'warning' : 'ok',
    ...(isFar && { code: 'clock-skew' }),
  });
}

function failedBy(ending: Ending) {
  return { seen: endingText(ending), outcome: 'failed', code: endingCode(ending) } as const;
}

function sessionText(socket: TLSSocket): string {
  const key = socket.getEphemeralKeyInfo();
  const group = key !== null && 'name' in key && key.name ? `, group ${key.name}` : '';
  return `${socket.getProtocol() ?? 'TLS'}${group}, ${socket.getCipher().standardName}`;
}

/** The identity that messages to this partner show. */
function identityShownTo({ partner, config: { identities } }: TargetQuestion): OwnIdentity {
  return identities.byName.get(partner.settings.ownIdentity) ?? identities.first;
}

/** A domain of ours that the certificate shown covers, so that the sender is one whom the partner may believe. */
function ownDomainOf({ options }: OwnIdentity, { ownHosts }: EdgeConfig): string {
  const leaf = firstOfPem(String(options.cert));
  const covered = leaf === undefined ? [] : sipIdentities(leaf).domains;
  return covered.find((domain) => ownHosts.has(domain)) ?? [...ownHosts][0] ?? 'invalid';
}
