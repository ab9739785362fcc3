import assert from 'node:assert/strict';
import {
  type FeedNews,
  SiemFeed,
  type SiemFeedOptions,
  type SyslogConnection,
  WINDOW_MS,
} from '@sallyport/app-gateway/adapters/syslog/siem-feed.ts';
import type { SyslogFailure } from '@sallyport/app-gateway/adapters/syslog/syslog-sender.ts';
import type { FeedCursors } from '@sallyport/app-gateway/ports/feed-cursors.ts';
import type { LedgerEntry, LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { ManualClock } from '../../../shared/io/manual-clock.ts';
import { entryOf } from './siem-records.ts';
import { cutMessages } from './syslog-server.ts';

const LOST: SyslogFailure = { code: 'connection-lost', reason: 'ECONNRESET' };
const REFUSED: SyslogFailure = { code: 'connect-failed', reason: 'ECONNREFUSED' };
const UNANSWERED: SyslogFailure = { code: 'close-unanswered', reason: 'nothing for 5000 ms' };

/** A ledger in memory: admitted and refused messages in turn. */
export class Ledger implements Pick<LedgerStore, 'head' | 'entries' | 'days'> {
  readonly records: LedgerEntry[] = [];
  readonly dropped = new Set<number>();
  isUp = true;

  add(count: number): void {
    for (let added = 0; added < count; added++) {
      const index = this.records.length;
      const type = index % 2 === 0 ? 'message-admitted' : 'message-refused';
      this.records.push(entryOf(index, type, type === 'message-refused' ? { code: 'x' } : {}));
    }
  }

  /** One day, all of it dropped, at the beginning. */
  async days() {
    const day = { day: '2026-11-20', firstIndex: 0, firstMs: 0, lastMs: 0, recordBytes: 0 };
    return ok([{ ...day, endIndex: this.dropped.size, droppedAtMs: 1 }]);
  }

  async head() {
    if (!this.isUp) return err({ code: 'unavailable' as const, reason: 'down' });
    return ok({ size: this.records.length, root: Buffer.alloc(32) });
  }

  async entries(from: number, to: number) {
    const found = this.records.slice(from, to);
    return ok(found.filter(({ index }) => !this.dropped.has(index)));
  }
}

/** A server with a say in everything that can happen to a connection. */
class Server {
  /** Indexes of what it has read, in the order of reading. */
  readonly taken: number[] = [];
  /** Connections over which something came. */
  opened = 0;
  canOpen = true;
  onWrite: () => 'taken' | 'lost' | 'stuck' = () => 'taken';
  onFinish: () => 'answered' | 'answered-unread' | 'lost' | 'unanswered' = () => 'answered';

  async open(): Promise<Result<SyslogConnection, SyslogFailure>> {
    if (!this.canOpen) return err(REFUSED);
    const unread: number[] = [];
    return ok({
      write: async (octets: Buffer) => {
        if (unread.length === 0) this.opened++;
        const end = this.onWrite();
        if (end === 'lost') return err(LOST);
        if (end === 'stuck') return await new Promise<never>(() => undefined);
        unread.push(...indexesOf(octets));
        return ok(undefined);
      },
      finish: async () => {
        if (unread.length === 0) return ok(undefined);
        const end = this.onFinish();
        if (end === 'answered' || end === 'unanswered') this.taken.push(...unread);
        if (end === 'unanswered') return err(UNANSWERED);
        return end === 'lost' ? err(LOST) : ok(undefined);
      },
      abort: () => undefined,
    });
  }
}

function indexesOf(octets: Buffer): readonly number[] {
  const { messages, rest } = cutMessages(octets);
  assert.equal(rest.length, 0);
  return messages.map((message) => Number(/ index="(\d+)"/.exec(message)?.[1]));
}

class MemoryCursor implements FeedCursors {
  next = 0;
  /** Who has the destination. */
  node: string | undefined;
  fault: string | undefined;

  async claim(_: string, node: string) {
    if (this.fault !== undefined) return err(this.fault);
    if (this.node !== undefined && this.node !== node) return ok(undefined);
    this.node = node;
    return ok({ next: this.next });
  }

  async save(_: string, node: string, next: number) {
    if (this.fault !== undefined) return err(this.fault);
    if (this.node === node) this.next = next;
    return ok(this.node === node);
  }

  async release(_: string, node: string) {
    if (this.node === node) this.node = undefined;
    return ok(undefined);
  }
}

/** A feed with everything around it in the test's hand. */
export function stage(over: Partial<SiemFeedOptions> = {}) {
  const clock = new ManualClock();
  const ledger = new Ledger();
  const server = new Server();
  const cursor = new MemoryCursor();
  const news: FeedNews[] = [];
  const feed = new SiemFeed({
    name: 'splunk',
    node: 'gateway-1',
    format: 'cef',
    programVersion: '0.4.0',
    ledger,
    cursors: cursor,
    open: () => server.open(),
    windowMs: WINDOW_MS,
    clock,
    random: () => 0.5,
    heard: (heard) => news.push(heard),
    ...over,
  });
  /** Turns the clock in steps, and lets the feed do what it can after each. */
  const pass = async (forMs: number, stepMs = 250): Promise<void> => {
    for (let passedMs = 0; passedMs < forMs; passedMs += stepMs) {
      await turns();
      clock.advance(stepMs);
    }
    await turns();
  };
  const told = (): readonly string[] => news.map(({ event }) => event);
  return { clock, ledger, server, cursor, news, told, feed, pass };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Whole numbers from `from` up to but without `end`. */
export const upTo = (end: number, from = 0): readonly number[] =>
  Array.from({ length: end - from }, (_, at) => from + at);
