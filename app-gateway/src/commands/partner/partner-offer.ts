import { formatSpoken } from '@sallyport/certs/fingerprint-words.ts';
import { type Offer, type OfferDraft, readOffer, writeOffer } from '@sallyport/certs/offer.ts';
import { formatSheetHtml, formatSheetText } from '@sallyport/certs/offer-sheet.ts';
import { encodePkcs7Pem } from '@sallyport/certs/pkcs7-export.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { decodePem, encodePem } from '@sallyport/shared/x509/pem.ts';
import { z } from 'zod';
import { publicPlaces } from '../../config/public-places.ts';
import { actorOf } from '../../domain/exchange/actor.ts';
import { isPresentable } from '../../domain/exchange/identity/identity-keys.ts';
import type {
  IdentityKey,
  IdentityRecord,
} from '../../domain/exchange/identity/identity-record.ts';
import { identityFor, presentedKeyOf } from '../../domain/exchange/identity/presented-key.ts';
import type { PartnerRecord } from '../../domain/exchange/partner/partner-record.ts';
import { recordOffer } from '../../domain/exchange/partner/record-offer.ts';
import type { State } from '../../ports/state-store.ts';
import { changeState } from '../change-state.ts';
import type { AnswerFile, CommandDefinition } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { name } from '../parameter-schema.ts';
import { nextLine } from '../text-table.ts';
import { OFFER_DAYS_DEFAULT, PARTNER_OFFER } from './partner-key-descriptions.ts';
import { partnerIn } from './partner-step.ts';

const DAY_MS = 86_400_000;
/** As many as an offer holds. */
const ENDPOINTS_MAX = 64;

const schema = z.strictObject({ partner: name, days: z.int().min(1).max(365).optional() });

interface Offered {
  readonly partner: string;
  readonly sequence: number;
  readonly expiresAtMs: number;
  readonly fingerprint: string;
  readonly words: string;
  readonly keys: readonly string[];
  readonly files: readonly AnswerFile[];
  readonly sheet: string;
  /** Where it may connect with plain SIP over TCP, which the file does not say; empty unless its record allows that. */
  readonly plainPlaces: readonly string[];
  /** Whether the sheet says whom to ring. */
  readonly hasContact: boolean;
}

/** Tells a partner what we present: one signed file, and the same for partners without Sallyport. */
export const partnerOffer: CommandDefinition<z.infer<typeof schema>, Offered> = {
  ...PARTNER_OFFER,
  schema,
  async run(context, { partner, days = OFFER_DAYS_DEFAULT }, author) {
    const done = await changeState<Offered>(context, (state) => {
      const record = partnerIn(state, partner);
      if (!record.ok) return record;
      const expiresAtMs = context.nowMs() + days * DAY_MS;
      const offered = offeredKeys(record.value, state);
      const recorded = recordOffer(
        record.value,
        state.identities,
        {
          keys: offered.map(({ identity, key }) => ({ identity: identity.name, key: key.id })),
          expiresAtMs,
        },
        actorOf(author, state.operators),
        context.nowMs(),
      );
      if (!recorded.ok) return err(recorded.error);
      const { record: changed, events, sequence } = recorded.value;
      const draft = draftOf(context, offered, sequence, expiresAtMs);
      const answer = answerOf(partner, draft, context.offerSigningKeyPem, offered);
      if (!answer.ok) return answer;
      const plainPlaces = record.value.settings.plainTcp ? plainPlacesOf(context) : [];
      return ok({
        change: { partners: [changed], events },
        answer: { ...answer.value, plainPlaces, hasContact: context.site.contacts.length > 0 },
      });
    });
    return done.ok ? ok(done.value.answer) : done;
  },
  text: ({ partner, sheet, plainPlaces, hasContact }) =>
    [
      sheet.trimEnd(),
      '',
      ...(plainPlaces.length === 0
        ? []
        : [`for plain SIP over TCP, from its own networks alone: ${plainPlaces.join(', ')}`]),
      ...(hasContact
        ? []
        : ['nobody to ring stands on the sheet: “contacts” in site.yaml names them']),
      nextLine(`send the files to ${partner}, and read them the words when they ring`),
    ].join('\n'),
  files: ({ files }) => files,
};

interface OfferedHere {
  readonly identity: IdentityRecord;
  readonly key: IdentityKey;
  readonly use: 'now' | 'next';
}

/** What this partner is shown now, and every other key of that identity that could be shown next. */
function offeredKeys(record: PartnerRecord, { identities }: State): readonly OfferedHere[] {
  const now = presentedKeyOf(record, identities);
  const identity = now?.identity ?? identityFor(record, identities);
  return (identity?.keys ?? []).filter(isPresentable).map((key) => ({
    identity: identity as IdentityRecord,
    key,
    use: key.id === now?.key.id ? 'now' : 'next',
  }));
}

/** Where an anchor of a key is not known, the keys themselves are pinned instead. */
function draftOf(
  { site, nowMs }: CommandContext,
  offered: readonly OfferedHere[],
  sequence: number,
  expiresAtMs: number,
): OfferDraft {
  const anchors = offered.map(({ key }) => decodePem(key.anchorsPem ?? '', 'CERTIFICATE'));
  const hasAnchors = anchors.every((ofKey) => ofKey.length > 0);
  const identities = [...new Set(offered.map(({ identity }) => identity))];
  return {
    site: site.name,
    sequence,
    issuedAtMs: nowMs(),
    expiresAtMs,
    domains: site.domains,
    endpoints: publicPlaces(site)
      .filter(({ transport }) => transport === 'tls')
      .slice(0, ENDPOINTS_MAX)
      .map(({ host, port }) => ({ host, port })),
    contacts: site.contacts.map(({ name: of, email, phone }) => ({
      name: of,
      ...(email !== undefined && { email }),
      ...(phone !== undefined && { phone }),
    })),
    identities: identities.map(({ name: of, serverNames }) => ({
      name: of,
      serverNames,
      keys: offered
        .filter(({ identity }) => identity.name === of)
        .map(({ key, use }) => ({
          use,
          spki: key.spki,
          chain: decodePem(key.chainPem ?? '', 'CERTIFICATE'),
        })),
    })),
    anchors: hasAnchors ? unique(anchors.flat()) : [],
    pins: hasAnchors ? [] : offered.map(({ key }) => key.spki),
  };
}

function plainPlacesOf({ site }: CommandContext): readonly string[] {
  return publicPlaces(site)
    .filter(({ transport }) => transport === 'tcp')
    .map(({ host, port }) => hostPort(host, port));
}

const NOT_WRITTEN = 'sallyport cert list: which key has no whole chain?';

function answerOf(
  partner: string,
  draft: OfferDraft,
  signingKeyPem: string,
  offered: readonly OfferedHere[],
): Result<Omit<Offered, 'plainPlaces' | 'hasContact'>, CommandRefusal> {
  const file = writeOffer(draft, signingKeyPem);
  if (!file.ok) return err({ ...file.error, next: NOT_WRITTEN });
  const offer = readOffer(Buffer.from(file.value), []);
  if (!offer.ok) return err({ ...offer.error, next: NOT_WRITTEN });
  const { sequence, expiresAtMs, fingerprint } = offer.value;
  return ok({
    partner,
    sequence,
    expiresAtMs,
    fingerprint,
    words: formatSpoken(fingerprint).join(' '),
    keys: offered.map(({ identity, key }) => `${identity.name}/${key.id}`),
    files: filesOf(offer.value, file.value),
    sheet: formatSheetText(offer.value),
  });
}

function filesOf(offer: Offer, text: string): readonly AnswerFile[] {
  const stem = `${offer.site}-offer-${offer.sequence}`;
  const pem = offer.certificates.map((der) => encodePem(der, 'CERTIFICATE')).join('');
  return [
    { name: `${stem}.json`, text },
    { name: `${stem}.html`, text: formatSheetHtml(offer) },
    { name: `${stem}.pem`, text: pem },
    { name: `${stem}.p7b`, text: encodePkcs7Pem(offer.certificates) },
  ];
}

function unique(ders: readonly Buffer[]): readonly Buffer[] {
  return [...new Map(ders.map((der) => [der.toString('base64'), der])).values()];
}
