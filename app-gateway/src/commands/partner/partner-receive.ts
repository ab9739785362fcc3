import { shownName, type TrustProblem } from '@sallyport/certs/certificate-problems.ts';
import type { FileFault } from '@sallyport/certs/file-fault.ts';
import {
  type ReceivedFile,
  readReceivedFile,
  trustOfFile,
} from '@sallyport/certs/received-file.ts';
import { trustProblems } from '@sallyport/certs/trust-problems.ts';
import { dayText } from '@sallyport/shared/io/time-text.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { formatFingerprint } from '@sallyport/shared/x509/fingerprint-text.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { trustFingerprint } from '@sallyport/shared/x509/trust-fingerprint.ts';
import { z } from 'zod';
import { actorOf } from '../../domain/exchange/actor.ts';
import type { PartnerRecord } from '../../domain/exchange/partner/partner-record.ts';
import { signerDigest } from '../../domain/exchange/trust/known-signers.ts';
import { type ReceivedTrust, receiveTrust } from '../../domain/exchange/trust/receive-trust.ts';
import type { TrustDifference } from '../../domain/exchange/trust/trust-difference.ts';
import type { State } from '../../ports/state-store.ts';
import { changeState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { nextAfterFault } from '../file-fault-next.ts';
import { bytesOf, name, reason, secret, sentFile } from '../parameter-schema.ts';
import { nextLine } from '../text-table.ts';
import { PARTNER_RECEIVE } from './partner-key-descriptions.ts';
import { partnerIn } from './partner-step.ts';
import { type SetView, setView, verifyStep } from './partner-view.ts';
import { knownKeysOfOthers } from './received-keys.ts';

const schema = z.strictObject({
  partner: name,
  file: sentFile,
  password: secret.optional(),
  root: z
    .array(z.string().regex(/^[0-9a-fA-F: ]{64,100}$/))
    .max(64)
    .optional(),
  newSigner: reason.optional(),
});

type Given = z.infer<typeof schema>;

interface Received {
  readonly partner: string;
  readonly set: SetView;
  /** New anchors by name: the SHA-256 of a root is what two people have yet to hear from the partner. */
  readonly difference: TrustDifference;
  readonly problems: readonly Omit<TrustProblem, 'certificate'>[];
  readonly format: string;
  /** Who speaks for it, as an offer says; without telephone numbers, lest two people ring what came with the file. */
  readonly contacts?: readonly string[];
}

const DIGEST = /^[0-9a-f]{64}$/;
const WARN_BEFORE_MS = 30 * 86_400_000;

/** Takes in what a partner sent, with everything that is wrong with it; trusts nothing of it. */
export const partnerReceive: CommandDefinition<Given, Received> = {
  ...PARTNER_RECEIVE,
  schema,
  async run(context, given, author) {
    const done = await changeState<Received>(context, (state) => {
      const record = partnerIn(state, given.partner);
      if (!record.ok) return record;
      const read = readFor(given);
      if (!read.ok) return err(faultRefusal(read.error));
      const actor = actorOf(author, state.operators);
      const judged = judge(read.value, record.value, state, context);
      const received = receiveTrust(
        record.value,
        trustOf(read.value, judged, given),
        actor,
        context.nowMs(),
      );
      if (!received.ok) {
        const detail = { ...received.error.detail, found: judged };
        return err({ ...received.error, detail });
      }
      const { record: changed, events, set, difference } = received.value;
      const answer = {
        partner: given.partner,
        set: setView(set),
        difference: withoutDigests(difference, read.value),
        problems: judged.map(({ severity, code, message }) => ({ severity, code, message })),
        format: read.value.format,
        ...contactsOf(read.value),
      };
      return ok({ change: { partners: [changed], events }, answer });
    });
    return done.ok ? ok(done.value.answer) : done;
  },
  text({ partner, set, difference, problems, format, contacts = [] }) {
    const { anchors, pins, domains, endpoints } = difference;
    const lines = [`${set.id} of ${partner} is received (${format}); nothing of it is trusted yet`];
    lines.push(...differenceLines('anchors', anchors), ...differenceLines('pins', pins));
    if (domains !== undefined) lines.push(...differenceLines('domains', domains));
    if (endpoints !== undefined) lines.push(...differenceLines('servers to dial', endpoints));
    if ([domains, endpoints].some((list) => list && list.added.length + list.gone.length > 0)) {
      lines.push(
        `  domains and servers on record stay as they are: sallyport partner change ${partner}`,
      );
    }
    for (const contact of contacts) lines.push(`  contact: ${contact}`);
    for (const { severity, message } of problems) lines.push(`  ${severity}: ${message}`);
    return [...lines, nextLine(verifyStep(partner, set))].join('\n');
  },
};

/** Whether the signer of an offer is a known one is the decision's to judge: an officer may say yes. */
function readFor({ file, password, root }: Given): Result<ReceivedFile, FileFault> {
  return readReceivedFile(bytesOf(file), {
    ...(password !== undefined && { password }),
    ...(root !== undefined && {
      roots: root.map((text) => text.toLowerCase().replace(/[: ]/g, '')),
    }),
  });
}

function judge(
  file: ReceivedFile,
  { id, settings, receivedSequence }: PartnerRecord,
  state: State,
  context: CommandContext,
): readonly TrustProblem[] {
  const { domains, delegations, purposes, acceptNoExtendedKeyUsage } = settings;
  return trustProblems({
    ...file,
    partner: { domains, delegations, purposes, acceptNoExtendedKeyUsage, receivedSequence },
    ...(file.offer !== undefined && { offer: file.offer }),
    fingerprint: trustFingerprint(trustOfFile(file)),
    others: knownKeysOfOthers(state.partners, id),
    nowMs: context.nowMs(),
    warnBeforeMs: WARN_BEFORE_MS,
  });
}

function trustOf(
  file: ReceivedFile,
  problems: readonly TrustProblem[],
  given: Given,
): ReceivedTrust {
  const trust = trustOfFile(file);
  const { offer } = file;
  const pem = (der: Uint8Array) => encodePem(Buffer.from(der), 'CERTIFICATE');
  return {
    anchors: trust.anchors.map(pem),
    intermediates: trust.intermediates.map(pem),
    pins: trust.pins,
    ...(trust.signingKeys.length > 0 && { signingKeys: trust.signingKeys }),
    fingerprint: trustFingerprint(trust),
    origin: {
      file: given.file.name,
      format: file.format,
      sha256: file.sha256,
      ...(offer !== undefined && { sequence: offer.sequence, expiresAtMs: offer.expiresAtMs }),
      ...(offer !== undefined && { signer: signerDigest(offer.signingKey) }),
    },
    problems: problems.flatMap(({ severity, message }) =>
      severity === 'note' ? [] : [{ severity, message }],
    ),
    ...(offer !== undefined && {
      domains: offer.domains,
      endpoints: offer.endpoints.map(({ host, port }) => hostPort(host, port)),
    }),
    ...(given.newSigner !== undefined && { newSigner: { reason: given.newSigner } }),
  };
}

function contactsOf({ offer }: ReceivedFile): Pick<Received, 'contacts'> {
  if (offer === undefined || offer.contacts.length === 0) return {};
  return {
    contacts: offer.contacts.map(({ name: who, email }) =>
      email === undefined ? who : `${who} <${email}>`,
    ),
  };
}

/** What verifies a set is heard from the partner, and never read off a screen of ours. */
function withoutDigests(difference: TrustDifference, { anchors }: ReceivedFile): TrustDifference {
  const named = (digest: string) => {
    const found = anchors.find(({ fingerprintSha256 }) => fingerprintSha256 === digest);
    return found === undefined
      ? 'no name'
      : `${shownName(found, 'no name')}, valid until ${dayText(found.notAfterMs)}`;
  };
  const added = difference.anchors.added.map(named);
  return { ...difference, anchors: { ...difference.anchors, added } };
}

function faultRefusal({ code, message }: FileFault): CommandRefusal {
  return { code, message, next: nextAfterFault(code, 'partner') };
}

function differenceLines(
  what: string,
  { added, gone }: { readonly added: readonly string[]; readonly gone: readonly string[] },
) {
  return [
    ...added.map((one) => `  new in ${what}: ${shown(one)}`),
    ...gone.map((one) => `  no longer in ${what}: ${shown(one)}`),
  ];
}

/** Digests in full and in groups: a partner without Sallyport reads those of its roots. */
function shown(text: string): string {
  return DIGEST.test(text) ? formatFingerprint(text) : text;
}
