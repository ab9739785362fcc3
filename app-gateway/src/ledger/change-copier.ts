import { createHash } from 'node:crypto';
import type { FieldValues } from '@sallyport/shared/audit/record-fields.ts';
import type { AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import { canonicalJson } from '@sallyport/shared/channel/snapshot.ts';
import type { ChangeEvent } from '../domain/exchange/change-event.ts';
import type { LedgerStore } from '../ports/ledger-store.ts';
import type { StateStore } from '../ports/state-store.ts';
import type { Note } from './own-stream.ts';

export interface ChangeCopierOptions {
  readonly node: string;
  readonly state: Pick<StateStore, 'events'>;
  readonly store: Pick<LedgerStore, 'claimChanges' | 'changesCopied'>;
  readonly note: Note;
  readonly nowMs: () => number;
  readonly failed: (reason: string) => void;
}

const PAGE = 500;

/**
 * Copies the history of partners, keys, operators and nodes into the ledger, each change once, by whichever
 * gateway comes first.
 *
 * A gateway that is lost between the copy and the word that it is done leaves a change twice; each carries its
 * number in the history.
 */
export class ChangeCopier {
  readonly #options: ChangeCopierOptions;
  #copying: Promise<void> = Promise.resolve();

  constructor(options: ChangeCopierOptions) {
    this.#options = options;
  }

  /** Resolves when every change known by now is on its way into the ledger, or somebody else is at it. */
  copy(): Promise<void> {
    this.#copying = this.#copying.then(() => this.#copy());
    return this.#copying;
  }

  async #copy(): Promise<void> {
    const { node, state, store, nowMs, failed } = this.#options;
    const newest = await state.events({ limit: 1 });
    if (!newest.ok) return failed(newest.error.code);
    const last = newest.value[0]?.sequence ?? 0;
    if (last === 0) return;
    const claimed = await store.claimChanges(last, node, nowMs());
    if (!claimed.ok) return failed(claimed.error.code);
    if (claimed.value === undefined) return;
    const events = await this.#eventsBetween(claimed.value.after, last);
    if (events === undefined) return;
    for (let at = 0; at < events.length; at += PAGE) {
      if (!(await this.#copyPage(events.slice(at, at + PAGE)))) return;
    }
    const marked = await store.changesCopied(last);
    if (!marked.ok) failed(marked.error.code);
  }

  /** Some at a time, each marked once it is on the disk: a history of years fills no memory, and is not begun anew. */
  async #copyPage(events: readonly ChangeEvent[]): Promise<boolean> {
    const { store, note, failed } = this.#options;
    const done = events.map((event) =>
      note(recordTypeOf(event), recordFieldsOf(event), event.atMs),
    );
    // Nothing of it is ours to mark where the journal was closed meanwhile.
    if ((await Promise.all(done)).includes(false)) return false;
    const marked = await store.changesCopied(events.at(-1)?.sequence ?? 0);
    if (!marked.ok) failed(marked.error.code);
    return marked.ok;
  }

  /** Oldest first; undefined: they cannot be read now. */
  async #eventsBetween(after: number, last: number): Promise<readonly ChangeEvent[] | undefined> {
    const events: ChangeEvent[] = [];
    for (let before = last + 1; before > after + 1; ) {
      const page = await this.#options.state.events({ beforeSequence: before, limit: PAGE });
      if (!page.ok) {
        this.#options.failed(page.error.code);
        return undefined;
      }
      const lowest = page.value.at(-1)?.sequence;
      if (lowest === undefined) break;
      events.push(...page.value.filter(({ sequence }) => sequence > after));
      before = lowest;
    }
    return events.reverse();
  }
}

/** Which kind of record tells of a change, by what was changed. */
function recordTypeOf({ subject }: ChangeEvent): AuditTypeName {
  switch (subject.split('/', 1)[0]) {
    case 'partner':
      return 'partner-changed';
    case 'identity':
      return 'identity-changed';
    case 'operator':
      return 'operator-changed';
    case 'node':
      return 'node-changed';
    default:
      return 'configuration-changed';
  }
}

/** The change in a record's words; what is too long for one is still told by the hash of the whole. */
function recordFieldsOf(event: ChangeEvent): FieldValues {
  const { author, kind, subject, detail, sequence } = event;
  const { before, after, ...rest } = detail;
  const now = after === undefined ? rest : { ...rest, after };
  const hash = createHash('sha256').update(canonicalJson(event)).digest();
  const told: FieldValues = {
    author: author.kind === 'operator' ? author.approval.operator : author.node,
    command: kind,
    subject,
    ...(before === undefined ? {} : { before: canonicalJson(before) }),
    after: canonicalJson(now),
    eventSequence: BigInt(sequence),
    eventHash: hash,
  };
  if (author.kind !== 'operator') return told;
  const { payload, signature } = author.approval;
  return {
    ...told,
    signedText: payload,
    authorSignature: Buffer.from(signature, 'base64'),
  };
}
