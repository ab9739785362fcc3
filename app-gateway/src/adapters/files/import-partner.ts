import { createHash } from 'node:crypto';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { decodePem, encodePem } from '@sallyport/shared/x509/pem.ts';
import { trustFingerprint } from '@sallyport/shared/x509/trust-fingerprint.ts';
import { certificateText, type NamedFiles } from '../../config/named-files.ts';
import type { Parsed } from '../../config/parse-site.ts';
import type { PartnerFile, PartnerFileSet, PartnerSettings } from '../../config/partner-schema.ts';
import type { SiteProblem } from '../../config/site-problem.ts';
import { isAccepted, type TrustState } from '../../config/trust-state.ts';
import type { PartnerRecord } from '../../domain/exchange/partner/partner-record.ts';
import type { TrustSet } from '../../domain/exchange/trust/trust-set.ts';
import { fieldDifferences, type ImportTools, type RecordDifference } from './record-difference.ts';

/** A record that an import writes, and how it differs from the one before. */
export interface ImportedPartner {
  readonly record: PartnerRecord;
  readonly difference: RecordDifference;
}

type SetContent = Pick<TrustSet, 'anchors' | 'intermediates' | 'pins' | 'signingKeys'>;

/** What a partner's file makes of its record; undefined where nothing differs. */
export function importPartner(
  known: PartnerRecord | undefined,
  file: Parsed<PartnerFile>,
  named: NamedFiles,
  tools: ImportTools,
): Result<ImportedPartner | undefined, readonly SiteProblem[]> {
  const { id, severed } = file.content;
  const settings = settingsOf(file, named);
  const sets = file.content.trustSets.map((set) => ({
    id: set.id,
    state: set.state,
    ...contentOf(set, file, named),
  }));
  const problems = known === undefined ? [] : otherContent(known, sets, file);
  if (problems.length > 0) return err(problems);
  const trustSets = file.content.isShortForm
    ? withOnlySet(known?.trustSets ?? [], sets[0] ?? EMPTY, file, tools)
    : withSets(known?.trustSets ?? [], sets, file, tools);
  const record: PartnerRecord = {
    ...(known ?? { id, presentations: [], receivedSequence: 0, offeredSequence: 0 }),
    ...(known === undefined && severed !== undefined ? { severed } : {}),
    settings,
    trustSets,
  };
  const fields = fieldDifferences(
    known === undefined ? {} : shownFields(known),
    shownFields(record),
  );
  if (fields.length === 0) return ok(undefined);
  const kind = known === undefined ? 'added' : 'changed';
  return ok({ record, difference: { subject: `partner/${id}`, kind, fields } });
}

const EMPTY: SetContent = { anchors: [], intermediates: [], pins: [] };

/** Everything but keys; revocation lists as text, since the database has no files beside it. */
function settingsOf(file: Parsed<PartnerFile>, named: NamedFiles): PartnerSettings {
  const { id: _, trustSets: __, severed: ___, isShortForm: ____, ...settings } = file.content;
  const lists = pems(settings.revocation.lists, 'X509 CRL', file, named);
  // Through JSON, as the database does it: what is undefined is absent.
  return JSON.parse(
    JSON.stringify({ ...settings, revocation: { ...settings.revocation, lists } }),
  ) as PartnerSettings;
}

function contentOf(
  { anchors, intermediates, pins, signingKeys }: PartnerFileSet,
  file: Parsed<PartnerFile>,
  named: NamedFiles,
): SetContent {
  return {
    anchors: pems(anchors, 'CERTIFICATE', file, named),
    intermediates: pems(intermediates, 'CERTIFICATE', file, named),
    pins,
    ...(signingKeys.length === 0 ? {} : { signingKeys }),
  };
}

function fingerprintOf({ anchors, intermediates, pins, signingKeys = [] }: SetContent): string {
  const ders = (texts: readonly string[]) =>
    texts.flatMap((text) => decodePem(text, 'CERTIFICATE'));
  return trustFingerprint({
    anchors: ders(anchors),
    intermediates: ders(intermediates),
    pins,
    signingKeys,
  });
}

function pems(
  entries: readonly string[],
  label: string,
  { source }: Parsed<PartnerFile>,
  named: NamedFiles,
): string[] {
  return entries.flatMap((entry) =>
    decodePem(certificateText(source.file, entry, named) ?? '', label).map((der) =>
      encodePem(der, label),
    ),
  );
}

/** The short form: this content is in force, and nothing else; what was in force before is retired. */
function withOnlySet(
  known: readonly TrustSet[],
  content: SetContent,
  file: Parsed<PartnerFile>,
  tools: ImportTools,
): readonly TrustSet[] {
  const fingerprint = fingerprintOf(content);
  const same = known.find((set) => isAccepted(set) && set.fingerprint === fingerprint);
  const others = known.map((set) => (set !== same && isAccepted(set) ? retired(set, tools) : set));
  return same === undefined
    ? [...others, newSet(nextId(known), 'active', content, file, tools)]
    : others;
}

/** The long form: each set has the state that the file says; one in force that is not listed is retired. */
function withSets(
  known: readonly TrustSet[],
  listed: readonly (SetContent & { readonly id: string; readonly state: TrustState })[],
  file: Parsed<PartnerFile>,
  tools: ImportTools,
): readonly TrustSet[] {
  const kept = known.map((set) => {
    const entry = listed.find(({ id }) => id === set.id);
    if (entry === undefined) return isAccepted(set) ? retired(set, tools) : set;
    return entry.state === set.state ? set : { ...set, ...stamped(entry.state, tools) };
  });
  const added = listed
    .filter(({ id }) => !known.some((set) => set.id === id))
    .map(({ id, state, ...content }) => newSet(id, state, content, file, tools));
  return [...kept, ...added];
}

/** Numbers of sets are never used again, so a file cannot give one to other keys. */
function otherContent(
  known: PartnerRecord,
  listed: readonly (SetContent & { readonly id: string })[],
  { source }: Parsed<PartnerFile>,
): readonly SiteProblem[] {
  return listed.flatMap((entry, at) => {
    const set = known.trustSets.find(({ id }) => id === entry.id);
    if (set === undefined || set.fingerprint === fingerprintOf(entry)) return [];
    const message = `${entry.id} is known with other keys: give new keys a new number (${nextId(known.trustSets)})`;
    return [source.problem('error', ['trustSets', at, 'id'], message)];
  });
}

function newSet(
  id: string,
  state: TrustState,
  content: SetContent,
  { source }: Parsed<PartnerFile>,
  tools: ImportTools,
): TrustSet {
  const { anchors, intermediates, pins, signingKeys } = content;
  const text = JSON.stringify([anchors, intermediates, pins, signingKeys ?? []]);
  return {
    id,
    anchors,
    intermediates,
    pins,
    ...(signingKeys === undefined ? {} : { signingKeys }),
    fingerprint: fingerprintOf(content),
    origin: {
      file: source.file,
      format: 'site-file',
      sha256: createHash('sha256').update(text).digest('hex'),
    },
    receivedAtMs: tools.nowMs,
    verifications: [],
    ...stamped(state, tools),
  };
}

function retired(set: TrustSet, tools: ImportTools): TrustSet {
  return { ...set, ...stamped('retired', tools) };
}

function stamped(state: TrustState, { nowMs }: ImportTools) {
  if (state === 'staged' || state === 'seen') return { state, stagedAtMs: nowMs };
  if (state === 'active') return { state, activatedAtMs: nowMs };
  return state === 'retired' ? { state, retiredAtMs: nowMs } : { state };
}

function nextId(known: readonly TrustSet[]): string {
  const numbers = known.map(({ id }) => Number(id.slice(1)));
  return `t${Math.max(0, ...numbers.filter(Number.isSafeInteger)) + 1}`;
}

/** What people see of a record: sets by fingerprint, not as certificates. */
function shownFields({ settings, trustSets, severed }: PartnerRecord) {
  return {
    ...settings,
    ...(severed === undefined ? {} : { severed }),
    trustSets: trustSets.map(({ id, state, fingerprint }) => ({ id, state, fingerprint })),
  };
}
