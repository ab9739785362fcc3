import type { CoreObserver } from '../domain/core/proxy-core.ts';

/** Counts what the core decides; numbers only, so that no user is ever named. */
export class CountingObserver implements CoreObserver {
  readonly #counts = new Map<string, number>();

  refused(_origin: unknown, refusal: { readonly rule: string; readonly status: number }): void {
    this.#add(refusal.status < 300 ? refusal.rule : `refused.${refusal.rule}`);
  }

  forwarded(_method: string, direction: 'inward' | 'outward'): void {
    this.#add(direction === 'inward' ? 'requests.inward' : 'requests.outward');
  }

  answered(_method: string, status: number): void {
    this.#add(CLASSES[Math.floor(status / 100)] ?? 'responses.other');
  }

  stray(kind: 'response' | 'ack' | 'cancel'): void {
    this.#add(`stray.${kind}`);
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  #add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

const CLASSES = ['', '1xx', '2xx', '3xx', '4xx', '5xx', '6xx'].map((name) => `responses.${name}`);
