import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { actorOf, eventOf } from '../domain/exchange/actor.ts';
import type { ChangeEvent, NewChangeEvent } from '../domain/exchange/change-event.ts';
import { forecast } from '../domain/exchange/forecast/forecast.ts';
import type { HeldCertificates } from '../domain/exchange/forecast/forecast-held.ts';
import type { Foresight, Severity } from '../domain/exchange/forecast/foresight.ts';
import type { StateStore } from '../ports/state-store.ts';

export interface ExpiryWatchOptions {
  readonly store: StateStore;
  readonly node: string;
  readonly channelCertificateDays: () => number;
  /** What lies in files, as the last reload left it. */
  readonly held: () => readonly HeldCertificates[];
  readonly nowMs: () => number;
  readonly warned: (foresight: Foresight) => void;
  readonly failed: (code: string) => void;
}

/** Enough to find what was last said of one subject. */
const EVENTS_READ = 200;
const TRIES_MAX = 3;
/** One look writes no more than this; the next one goes on. */
const WARNINGS_MAX = 100;

/**
 * Looks ahead every hour, and says of each thing that ends once when 60, 30, 14 and 7 days are left, and once
 * when it is past: as an event of the history, so that no restart and no second gateway says it again. A store that
 * keeps no history has it said again after each start.
 */
export class ExpiryWatch {
  readonly #options: ExpiryWatchOptions;
  /** Where there is no history: what was said since the start. */
  readonly #said = new Set<string>();
  #counts: Readonly<Record<Severity, number>> = NONE;

  constructor(options: ExpiryWatchOptions) {
    this.#options = options;
  }

  /** How many things end within so many days, or have ended; for monitors. */
  get counts(): Readonly<Record<Severity, number>> {
    return this.#counts;
  }

  /** One look; never throws, never twice at once. */
  async look(): Promise<void> {
    for (let tried = 1; tried <= TRIES_MAX; tried++) {
      const failure = await this.#lookOnce();
      if (failure === undefined) return;
      if (failure !== 'conflict') return this.#options.failed(failure);
    }
    this.#options.failed('conflict');
  }

  async #lookOnce(): Promise<string | undefined> {
    const { store, nowMs, node, channelCertificateDays, held, warned } = this.#options;
    const state = await store.load();
    if (!state.ok) return state.error.code;
    const sightings = await store.sightings(undefined);
    if (!sightings.ok) return sightings.error.code;
    const { partners, identities, nodes, revision } = state.value;
    const view = {
      partners,
      identities,
      nodes,
      sightings: sightings.value,
      held: held(),
      channelCertificateDays: channelCertificateDays(),
    };
    const foresights = forecast(view, certificatesOfPem, nowMs());
    this.#counts = countsOf(foresights);
    const news = await this.#notYetSaid(foresights);
    if (typeof news === 'string') return news;
    const author = actorOf({ kind: 'program', node }, []);
    const [first, ...rest] = news.map((foresight): NewChangeEvent => {
      const detail = detailOf(foresight);
      return eventOf(author, nowMs(), 'expiry-warning', foresight.subject, detail);
    });
    if (first === undefined) return undefined;
    const written = await store.commit(revision, { events: [first, ...rest] }, nowMs());
    if (!written.ok && written.error.code !== 'read-only') return written.error.code;
    for (const foresight of news) {
      if (!written.ok) this.#said.add(keyOf(foresight));
      warned(foresight);
    }
    return undefined;
  }

  async #notYetSaid(foresights: readonly Foresight[]): Promise<readonly Foresight[] | string> {
    const news: Foresight[] = [];
    const said = new Map<string, ReadonlySet<string>>();
    for (const foresight of foresights) {
      const { subject } = foresight;
      if (!said.has(subject)) {
        const events = await this.#options.store.events({ subject, limit: EVENTS_READ });
        if (!events.ok) return events.error.code;
        said.set(subject, new Set(events.value.flatMap(warningOf)));
      }
      const isSaid = said.get(subject)?.has(JSON.stringify(detailOf(foresight))) === true;
      if (isSaid || this.#said.has(keyOf(foresight))) continue;
      news.push(foresight);
      if (news.length === WARNINGS_MAX) break;
    }
    return news;
  }
}

const NONE: Readonly<Record<Severity, number>> = {
  expired: 0,
  'days-7': 0,
  'days-14': 0,
  'days-30': 0,
  'days-60': 0,
};

function countsOf(foresights: readonly Foresight[]): Readonly<Record<Severity, number>> {
  const counts = { ...NONE };
  for (const { severity } of foresights) counts[severity]++;
  return counts;
}

function keyOf(foresight: Foresight): string {
  return `${foresight.subject} ${JSON.stringify(detailOf(foresight))}`;
}

function detailOf({ what, severity, whenMs, message }: Foresight) {
  return { what, severity, whenMs, message };
}

function warningOf({ kind, detail }: ChangeEvent): readonly string[] {
  if (kind !== 'expiry-warning') return [];
  const { what, severity, whenMs, message } = detail;
  return [JSON.stringify({ what, severity, whenMs, message })];
}
