import { shownName } from '@sallyport/certs/certificate-problems.ts';
import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { ok, type Result } from '@sallyport/shared/result.ts';
import { formatFingerprint } from '@sallyport/shared/x509/fingerprint-text.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { z } from 'zod';
import type { PartnerSettings } from '../../config/partner-schema.ts';
import type { TrustState } from '../../config/trust-state.ts';
import { utcText } from '../../domain/exchange/exchange-refusal.ts';
import { keyName } from '../../domain/exchange/identity/identity-keys.ts';
import { presentedKeyOf } from '../../domain/exchange/identity/presented-key.ts';
import type { PartnerRecord, Presentation } from '../../domain/exchange/partner/partner-record.ts';
import type { Sighting } from '../../domain/exchange/sighting/sighting.ts';
import type { State } from '../../ports/state-store.ts';
import { readState, storeRefusal } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import type { RunningSite } from '../command-context.ts';
import { name } from '../parameter-schema.ts';
import { counted, nextLine, textTable } from '../text-table.ts';
import { PARTNER_SHOW } from './partner-descriptions.ts';
import { partnerIn } from './partner-step.ts';
import {
  isOpenlyKnown,
  type PartnerSummary,
  partnerSummary,
  type SetView,
} from './partner-view.ts';

const schema = z.strictObject({ partner: name });

interface Anchor {
  readonly name: string;
  readonly notAfterMs: number;
  /** Absent while the set waits for two people who heard it. */
  readonly fingerprintSha256?: string;
}

/** A trust set with what is in it and when it was used. */
interface ShownSet extends SetView {
  readonly anchors: readonly Anchor[];
  readonly pins: readonly string[];
  readonly lastUse?: Sighting;
}

/** Everything about one partner. */
interface PartnerShown extends Omit<PartnerSummary, 'sets'> {
  readonly settings: PartnerSettings;
  readonly accepts: readonly ShownSet[];
  readonly presents: {
    /** What it is shown now: `<identity>/<key>`. */
    readonly now?: string;
    readonly keys: readonly (Presentation & { readonly lastUse?: Sighting })[];
  };
  readonly receivedSequence: number;
  readonly offeredSequence: number;
  /** `ownKey` by name where it is still known. */
  readonly connections: ReturnType<RunningSite['flows']>;
}

/** One partner in both directions: what it shows us, what we show it, and what was seen on the wire. */
export const partnerShow: CommandDefinition<z.infer<typeof schema>, PartnerShown> = {
  ...PARTNER_SHOW,
  schema,
  async run(context, { partner }) {
    const state = await readState(context);
    if (!state.ok) return state;
    const record = partnerIn(state.value, partner);
    if (!record.ok) return record;
    const sightings = await context.store.sightings(partner);
    if (!sightings.ok) return { ok: false, error: storeRefusal(sightings.error) };
    const { site, running } = context;
    const summary = partnerSummary(record.value, site);
    return shown(record.value, summary, state.value, sightings.value, running.flows(partner));
  },
  text: (answer) => textOf(answer).join('\n'),
};

function shown(
  record: PartnerRecord,
  { sets: views, ...summary }: PartnerSummary,
  state: State,
  sightings: readonly Sighting[],
  connections: ReturnType<RunningSite['flows']>,
): Result<PartnerShown, never> {
  const current = presentedKeyOf(record, state.identities);
  const lastUse = (direction: Sighting['direction'], key: string) =>
    sightings
      .filter((sighting) => sighting.direction === direction && sighting.key === key)
      .toSorted((a, b) => b.lastAtMs - a.lastAtMs)[0];
  const withUse = <T>(entry: T, direction: Sighting['direction'], key: string) => {
    const use = lastUse(direction, key);
    return use === undefined ? entry : { ...entry, lastUse: use };
  };
  return ok({
    ...summary,
    settings: record.settings,
    accepts: record.trustSets.map((set, at) => {
      const view = views[at] as SetView;
      const entry = {
        ...view,
        anchors: set.anchors.flatMap((pem) => anchorsOf(pem, set.state)),
        pins: set.pins,
      };
      return withUse(entry, 'accepted', set.id);
    }),
    presents: {
      ...(current !== undefined && { now: keyName(current.identity.name, current.key.id) }),
      keys: record.presentations.map((known) =>
        withUse(known, 'presented', keyName(known.identity, known.key)),
      ),
    },
    receivedSequence: record.receivedSequence,
    offeredSequence: record.offeredSequence,
    connections: connections.map((flow) => ({
      ...flow,
      ownKey: nameOfKey(flow.ownKey, state) ?? flow.ownKey,
    })),
  });
}

function nameOfKey(spki: string, { identities }: State): string | undefined {
  for (const { name: identity, keys } of identities) {
    const key = keys.find((known) => known.spki === spki);
    if (key !== undefined) return keyName(identity, key.id);
  }
  return undefined;
}

function anchorsOf(pem: string, state: TrustState): readonly Anchor[] {
  return certificatesOfPem(pem).map((certificate) => {
    const { fingerprintSha256, notAfterMs } = certificate;
    const anchor = { name: shownName(certificate, 'no name'), notAfterMs };
    return isOpenlyKnown(state) ? { ...anchor, fingerprintSha256 } : anchor;
  });
}

function textOf(answer: PartnerShown): readonly string[] {
  const { partner, state, domains, severed, accepts, presents, connections, next } = answer;
  const lines = [`${partner}: ${state}`, `domains: ${domains.join(', ')}`];
  lines.push(...settingLines(answer.settings));
  if (severed !== undefined) {
    lines.push(`severed on ${utcText(severed.atMs)} by ${severed.operator}: ${severed.reason}`);
  }
  lines.push('', `it shows us (${counted(accepts.length, 'set')}):`);
  for (const set of accepts) lines.push(...setLines(set));
  lines.push('', `we show it ${presents.now ?? 'nothing: no identity has a key in use'}`);
  if (presents.keys.length > 0) {
    const rows = presents.keys.map((known) => [
      `  ${keyName(known.identity, known.key)}`,
      known.state,
      `${known.sequence}`,
      useText(known.lastUse),
    ]);
    lines.push(textTable(['  KEY', 'STATE', 'OFFER', 'USED'], rows));
  }
  lines.push('', `${counted(connections.length, 'live connection')}`);
  if (connections.length > 0) {
    const rows = connections.map((flow) => [
      `  ${flow.proxy}`,
      flow.direction,
      flow.remoteAddress,
      flow.trustSet,
      flow.ownKey,
      flow.tls,
      utcText(flow.openedAtMs),
    ]);
    const head = ['  PROXY', 'DIRECTION', 'ADDRESS', 'ITS KEY', 'OUR KEY', 'TLS', 'SINCE'];
    lines.push(textTable(head, rows));
  }
  return next === undefined ? lines : [...lines, nextLine(next)];
}

/** What it may, and where it is; all else that was set is in the answer as JSON. */
function settingLines(settings: PartnerSettings): readonly string[] {
  const { methods, eventPackages, sourceNetworks, endpoints, plainTcp } = settings;
  const events = eventPackages.length === 0 ? '' : `; events: ${eventPackages.join(', ')}`;
  const from = sourceNetworks.length === 0 ? 'any address' : sourceNetworks.join(', ');
  const hosts = endpoints.map(
    ({ host, port, transport }) => `${hostPort(host, port)} (${transport})`,
  );
  return [
    `may send: ${methods.join(', ')}${events}`,
    `comes from: ${from}${plainTcp ? ', without TLS' : ''}`,
    `is reached at: ${hosts.length === 0 ? 'what DNS says of its domains' : hosts.join(', ')}`,
  ];
}

function setLines(set: ShownSet): readonly string[] {
  const { id, state, origin, receivedAtMs, verifiedBy, anchors, pins, lastUse } = set;
  const lines = [`${id}  ${state}, from ${origin.file} on ${utcText(receivedAtMs)}`];
  if (state === 'received')
    lines.push('  fingerprint: what the partner reads out over the telephone');
  if (verifiedBy.length > 0) lines.push(`  verified by ${verifiedBy.join(' and ')}`);
  for (const anchor of anchors) {
    lines.push(`  anchor ${anchor.name}, good until ${utcText(anchor.notAfterMs)}`);
    if (anchor.fingerprintSha256 !== undefined) {
      lines.push(`    SHA-256 ${formatFingerprint(anchor.fingerprintSha256)}`);
    }
  }
  if (pins.length > 0) lines.push(`  ${counted(pins.length, 'pinned key')}`);
  if (state !== 'received' && state !== 'rejected') lines.push(`  used: ${useText(lastUse)}`);
  return lines;
}

function useText(use: Sighting | undefined): string {
  if (use === undefined) return 'never seen';
  return `${utcText(use.lastAtMs)} from ${use.lastSource} over ${use.lastProxy} (${counted(use.handshakes, 'handshake')})`;
}
