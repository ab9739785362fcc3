import type { PartnerRecord } from '../partner/partner-record.ts';
import type { ExplainView } from './explain-query.ts';
import type { ExplainedCheck } from './explained-check.ts';

type Settings = PartnerRecord['settings'];
type Trial = NonNullable<Settings['trial']>;

/** What a stricter rule that is only tried would do, if it were in force. */
export interface ExplainedTrial {
  readonly partner: string;
  /** As the proxies log and count it (`would-refuse`). */
  readonly rule: string;
  readonly outcome: ExplainedCheck['outcome'];
  readonly detail: string;
}

interface Rule {
  readonly setting: keyof Trial;
  readonly name: string;
  /** Whether it is about what a partner sends, and tried of nothing else. */
  readonly isInbound?: true;
}

const RULES: readonly Rule[] = [
  { setting: 'purposes', name: 'purposes' },
  { setting: 'acceptNoExtendedKeyUsage', name: 'no-eku' },
  { setting: 'revocation', name: 'revocation' },
  { setting: 'sourceNetworks', name: 'source-networks', isInbound: true },
  { setting: 'methods', name: 'methods', isInbound: true },
  { setting: 'eventPackages', name: 'event-packages', isInbound: true },
];

/** Each of a partner's rules on trial alone, as if it were in force; of a message that is refused anyway, none is tried. */
export function explainTrials(
  view: ExplainView,
  partner: PartnerRecord,
  direction: 'inbound' | 'outbound',
  checksIn: (view: ExplainView) => readonly ExplainedCheck[],
): readonly ExplainedTrial[] {
  const { settings, id } = partner;
  const { trial } = settings;
  const checks = checksIn(view);
  if (trial === undefined || checks.some(({ outcome }) => outcome === 'fail')) return [];
  const told = new Set(checks.map(textOf));
  return RULES.filter(
    ({ setting, isInbound }) =>
      trial[setting] !== undefined && (direction === 'inbound' || isInbound !== true),
  ).map(({ setting, name }) => {
    const tried = { ...partner, settings: withRule(settings, trial, setting) };
    const partners = view.partners.map((one) => (one === partner ? tried : one));
    const news = checksIn({ ...view, partners }).filter(
      (check) => check.outcome !== 'pass' && !told.has(textOf(check)),
    );
    const { outcome, detail } = news.find(({ outcome: end }) => end === 'fail') ?? news[0] ?? PASS;
    return { partner: id, rule: name, outcome, detail };
  });
}

const PASS = { outcome: 'pass', detail: 'it would pass' } as const;

function withRule(settings: Settings, trial: Trial, setting: keyof Trial): Settings {
  const { revocation = settings.revocation.mode } = trial;
  return setting === 'revocation'
    ? { ...settings, revocation: { ...settings.revocation, mode: revocation } }
    : { ...settings, [setting]: trial[setting] };
}

function textOf({ where, check, outcome, detail }: ExplainedCheck): string {
  return JSON.stringify([where, check, outcome, detail]);
}
