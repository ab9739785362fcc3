import { canonicalJson } from '@sallyport/shared/channel/snapshot.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { PartnerSettings } from '../../../config/partner-schema.ts';
import { type Actor, type Change, eventOf } from '../actor.ts';
import { type ExchangeRefusal, refuse } from '../exchange-refusal.ts';
import { partnerSubject } from '../trust/trust-step.ts';
import { type PartnerSurroundings, settingsRefusal } from './add-partner.ts';
import type { PartnerRecord } from './partner-record.ts';
import { checkOpenings } from './unheard-peers.ts';

/** One setting before and after; absent on the side where it was not set. */
export interface SettingDifference {
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface ChangedPartner extends Change<PartnerRecord> {
  readonly difference: Readonly<Record<string, SettingDifference>>;
}

/** Replaces a partner's settings; its keys stay as they are. */
export function changePartner(
  around: PartnerSurroundings,
  record: PartnerRecord,
  settings: PartnerSettings,
  actor: Actor,
  nowMs: number,
): Result<ChangedPartner, ExchangeRefusal> {
  const difference = settingsDifference(record.settings, settings);
  const subject = partnerSubject(record.id);
  if (Object.keys(difference).length === 0) return refuse('nothing-changes', { subject });
  const refusal = settingsRefusal(around, record.id, settings);
  if (refusal !== undefined) return err(refusal);
  const opened = checkOpenings(record, settings, actor);
  if (!opened.ok) return opened;
  return ok({
    record: { ...record, settings },
    events: [eventOf(actor, nowMs, 'partner-changed', subject, { difference })],
    difference,
  });
}

/** Settings that are not the same, by name. */
export function settingsDifference(
  before: PartnerSettings,
  after: PartnerSettings,
): Readonly<Record<string, SettingDifference>> {
  const old = new Map<string, unknown>(Object.entries(before));
  const young = new Map<string, unknown>(Object.entries(after));
  const names = [...new Set([...old.keys(), ...young.keys()])];
  return Object.fromEntries(
    names
      .filter((name) => canonicalJson([old.get(name)]) !== canonicalJson([young.get(name)]))
      .map((name) => [
        name,
        {
          ...(old.get(name) !== undefined && { before: old.get(name) }),
          ...(young.get(name) !== undefined && { after: young.get(name) }),
        },
      ]),
  );
}
