import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { NamedFiles } from '../../config/named-files.ts';
import type { ParsedSite } from '../../config/parse-site.ts';
import type { SiteProblem } from '../../config/site-problem.ts';
import type { NewChangeEvent } from '../../domain/exchange/change-event.ts';
import type { State, StateChange } from '../../ports/state-store.ts';
import { importIdentity } from './import-identity.ts';
import { importPartner } from './import-partner.ts';
import type { ImportTools, RecordDifference } from './record-difference.ts';

/** An import before it is done: what to show, and what to commit; no change where the files say nothing new. */
export interface Import {
  readonly difference: readonly RecordDifference[];
  readonly change: StateChange | undefined;
}

/** A site's files, read and found right (`siteOf`). */
export interface ReadSite {
  readonly parsed: ParsedSite;
  readonly named: NamedFiles;
}

/**
 * What a site's files would change in the state: partners become what the files say, and those without a
 * file are removed; identities get the keys that the files name, and none is removed.
 *
 * Never undone by files: a severed partner stays severed, a retired key retired, and history is kept.
 */
export function importDifference(
  state: State,
  site: ReadSite,
  tools: ImportTools,
): Result<Import, readonly SiteProblem[]> {
  const { partners } = site.parsed;
  const ids = new Set(partners.map(({ content }) => content.id));
  const known = new Map(state.partners.map((partner) => [partner.id, partner]));
  const merged = partners.map((partner) =>
    importPartner(known.get(partner.content.id), partner, site.named, tools),
  );
  const problems = merged.flatMap((partner) => (partner.ok ? [] : partner.error));
  if (problems.length > 0) return err(problems);
  const changedPartners = merged.flatMap((partner) => (partner.ok && partner.value) || []);
  const changedIdentities = site.parsed.site.content.identities.flatMap((identity, position) => {
    const record = state.identities.find(({ name }) => name === identity.name);
    return importIdentity(record, { ...identity, position }, site.named, tools) ?? [];
  });
  const removed = state.partners.filter(({ id }) => !ids.has(id));
  const difference: readonly RecordDifference[] = [
    ...changedPartners.map(({ difference: one }) => one),
    ...removed.map(({ id }): RecordDifference => {
      return { subject: `partner/${id}`, kind: 'removed', fields: [] };
    }),
    ...changedIdentities.map(({ difference: one }) => one),
  ];
  const [first, ...others] = difference.map((one) => eventOf(one, tools));
  if (first === undefined) return ok({ difference, change: undefined });
  const change: StateChange = {
    partners: changedPartners.map(({ record }) => record),
    removedPartners: removed.map(({ id }) => id),
    identities: changedIdentities.map(({ record }) => record),
    events: [first, ...others],
  };
  return ok({ difference, change });
}

function eventOf(
  { subject, kind, fields }: RecordDifference,
  { author, nowMs }: ImportTools,
): NewChangeEvent {
  return { atMs: nowMs, author, kind: 'imported', subject, detail: { change: kind, fields } };
}
