import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { State, StateStore, StoreFailure } from '../../ports/state-store.ts';
import { importDifference } from './import-difference.ts';
import { readSiteFolder } from './site-folder.ts';

const EMPTY: State = { revision: 0, partners: [], identities: [], operators: [], nodes: [] };

/**
 * Adapter. A site's files as a state that can be read: for sites that keep their partners under version control.
 *
 * Nothing is ever changed here, and nothing remembered: no operators, no history, no sightings.
 */
export class FileStateStore implements StateStore {
  readonly #folder: string;
  readonly #node: string;
  readonly #nowMs: () => number;

  constructor(folder: string, node: string, nowMs: () => number) {
    this.#folder = folder;
    this.#node = node;
    this.#nowMs = nowMs;
  }

  async load(): Promise<Result<State, StoreFailure>> {
    const { parsed, named } = await readSiteFolder(this.#folder);
    if (parsed === undefined) return err({ code: 'unavailable', reason: 'site.yaml is broken' });
    const read = importDifference(
      EMPTY,
      { parsed, named },
      // No private key is kept in a state that only shows.
      { author: { kind: 'program', node: this.#node }, nowMs: this.#nowMs(), seal: () => '' },
    );
    if (!read.ok) return err({ code: 'unavailable', reason: read.error[0]?.message ?? 'broken' });
    const { partners = [], identities = [] } = read.value.change ?? {};
    return ok({ ...EMPTY, partners, identities });
  }

  commit(): Promise<Result<never, StoreFailure>> {
    return Promise.resolve(err({ code: 'read-only' }));
  }

  events(): Promise<Result<[], StoreFailure>> {
    return Promise.resolve(ok([]));
  }

  recordSightings(): Promise<Result<undefined, StoreFailure>> {
    return Promise.resolve(ok(undefined));
  }

  sightings(): Promise<Result<[], StoreFailure>> {
    return Promise.resolve(ok([]));
  }

  age(): Promise<Result<number, StoreFailure>> {
    return Promise.resolve(ok(0));
  }

  watch(): () => void {
    return () => undefined;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
