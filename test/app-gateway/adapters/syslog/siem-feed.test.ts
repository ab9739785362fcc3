import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedCursor } from '@sallyport/app-gateway/adapters/syslog/feed-cursor.ts';
import {
  type FeedNews,
  SiemFeed,
  type SiemFeedOptions,
  type SyslogConnection,
  WINDOW_MS,
} from '@sallyport/app-gateway/adapters/syslog/siem-feed.ts';
import type { SyslogFailure } from '@sallyport/app-gateway/adapters/syslog/syslog-sender.ts';
import type { LedgerEntry, LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { ManualClock } from '../../../shared/io/manual-clock.ts';
import { entryOf } from './siem-records.ts';
import { cutMessages } from './syslog-server.ts';

const LOST: SyslogFailure = { code: 'connection-lost', reason: 'ECONNRESET' };
const REFUSED: SyslogFailure = { code: 'connect-failed', reason: 'ECONNREFUSED' };
const UNANSWERED: SyslogFailure = { code: 'close-unanswered', reason: 'nothing for 5000 ms' };

class Ledger implements Pick<LedgerStore, 'head' | 'entries'> {
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
  onWrite: () => 'taken' | 'lost' = () => 'taken';
  onFinish: () => 'answered' | 'answered-unread' | 'lost' | 'unanswered' = () => 'answered';

  async open(): Promise<Result<SyslogConnection, SyslogFailure>> {
    if (!this.canOpen) return err(REFUSED);
    const unread: number[] = [];
    return ok({
      write: async (octets: Buffer) => {
        if (unread.length === 0) this.opened++;
        if (this.onWrite() === 'lost') return err(LOST);
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

class MemoryCursor implements FeedCursor {
  next: number | undefined;
  fault: string | undefined;

  async load() {
    return this.fault === undefined ? ok(this.next) : err(this.fault);
  }

  async save(next: number) {
    if (this.fault !== undefined) return err(this.fault);
    this.next = next;
    return ok(undefined);
  }
}

function stage(over: Partial<SiemFeedOptions> = {}) {
  const clock = new ManualClock();
  const ledger = new Ledger();
  const server = new Server();
  const cursor = new MemoryCursor();
  const news: FeedNews[] = [];
  const feed = new SiemFeed({
    name: 'splunk',
    format: 'cef',
    programVersion: '0.4.0',
    ledger,
    cursor,
    open: () => server.open(),
    isLeader: () => true,
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

const upTo = (end: number, from = 0): readonly number[] =>
  Array.from({ length: end - from }, (_, at) => from + at);

describe('the feed of a SIEM', { timeout: 30_000 }, () => {
  it('sends what is there and what comes, in order, over one connection a window', async () => {
    const { ledger, server, feed, pass, cursor, news } = stage();
    ledger.add(250);
    feed.start();
    await pass(3000);
    ledger.add(7);
    await pass(WINDOW_MS);
    assert.deepEqual(server.taken, upTo(257));
    assert.equal(server.opened, 1);
    assert.deepEqual(feed.status, { next: 257, confirmed: 257, fault: undefined });
    assert.equal(cursor.next, 0, 'the window before the last that counted');
    ledger.add(1);
    await pass(WINDOW_MS + 1000);
    assert.deepEqual(server.taken, upTo(258));
    assert.equal(server.opened, 2);
    assert.equal(cursor.next, 257);
    assert.deepEqual(news, []);
    await feed.stop();
  });

  it('holds no connection while there is nothing to say', async () => {
    const { server, feed, pass } = stage();
    feed.start();
    await pass(60_000);
    assert.equal(server.opened, 0);
    await feed.stop();
  });

  it('goes on where the cursor is', async () => {
    const { ledger, server, feed, pass, cursor } = stage();
    ledger.add(30);
    cursor.next = 21;
    feed.start();
    await pass(WINDOW_MS + 1000);
    assert.deepEqual(server.taken, upTo(30, 21));
    await feed.stop();
  });

  it('confirms what it sent when it is stopped', async () => {
    const { ledger, server, feed, pass } = stage();
    ledger.add(5);
    feed.start();
    await pass(500);
    assert.deepEqual(server.taken, []);
    await feed.stop();
    assert.deepEqual(server.taken, upTo(5));
    assert.equal(feed.status.confirmed, 5);
  });

  it('sends the last two windows again when a connection breaks', async () => {
    const { ledger, server, feed, pass, told } = stage();
    ledger.add(10);
    feed.start();
    await pass(WINDOW_MS + 1000);
    ledger.add(10);
    await pass(WINDOW_MS + 1000);
    let breaks = 1;
    server.onWrite = () => (breaks-- > 0 ? 'lost' : 'taken');
    ledger.add(10);
    await pass(WINDOW_MS + 1000);
    assert.deepEqual(server.taken, [...upTo(20), ...upTo(30, 10)]);
    assert.deepEqual(told(), ['siem-interrupted', 'siem-delivers']);
    await feed.stop();
  });

  it('loses nothing when a server ends at the very moment of our closing', async () => {
    const { ledger, server, feed, pass } = stage();
    ledger.add(10);
    server.onFinish = () => {
      server.canOpen = false;
      return 'answered-unread';
    };
    feed.start();
    await pass(WINDOW_MS + 1000);
    assert.equal(feed.status.confirmed, 0);
    assert.deepEqual(server.taken, []);
    ledger.add(1);
    server.canOpen = true;
    server.onFinish = () => 'answered';
    await pass(2 * WINDOW_MS);
    assert.deepEqual(server.taken, upTo(11));
    await feed.stop();
  });

  it('loses nothing when one of several servers behind an address does so, if that is seen within a window', async () => {
    const { ledger, server, feed, pass } = stage();
    ledger.add(10);
    server.onFinish = () => 'answered-unread';
    feed.start();
    await pass(WINDOW_MS + 1000);
    assert.equal(feed.status.confirmed, 10, 'so it looks');
    server.onFinish = () => 'answered';
    let breaks = 1;
    server.onWrite = () => (breaks-- > 0 ? 'lost' : 'taken');
    ledger.add(1);
    await pass(2 * WINDOW_MS);
    assert.deepEqual(server.taken, upTo(11));
    await feed.stop();
  });

  it('says once that nobody is there, tries less and less often, and says when it is over', async () => {
    const { ledger, server, feed, pass, told, news } = stage();
    let tries = 0;
    const open = server.open.bind(server);
    server.open = () => {
      tries++;
      return open();
    };
    server.canOpen = false;
    ledger.add(3);
    feed.start();
    await pass(60_000);
    assert.deepEqual(told(), ['siem-unreachable']);
    assert.equal(news[0]?.reason, 'connect-failed: ECONNREFUSED');
    assert.equal(feed.status.fault, 'siem-unreachable connect-failed: ECONNREFUSED');
    assert.ok(tries > 5 && tries < 20, `${tries} tries`);
    server.canOpen = true;
    await pass(30_000);
    assert.deepEqual(told(), ['siem-unreachable', 'siem-delivers']);
    assert.equal(feed.status.fault, undefined);
    assert.deepEqual(server.taken, upTo(3));
    await feed.stop();
  });

  it('goes on, and says so, when a server never answers a closing', async () => {
    const { ledger, server, feed, pass, told } = stage();
    server.onFinish = () => 'unanswered';
    ledger.add(2);
    feed.start();
    await pass(2 * WINDOW_MS);
    assert.deepEqual(told(), ['siem-interrupted', 'siem-unconfirmed']);
    assert.deepEqual(server.taken, [0, 1, 0, 1, 0, 1]);
    ledger.add(1);
    await pass(2 * WINDOW_MS);
    assert.deepEqual(server.taken.slice(6), [2]);
    await feed.stop();
  });

  it('sends only the types that are wanted', async () => {
    const { ledger, server, feed, pass } = stage({ types: ['message-refused'] });
    ledger.add(301);
    feed.start();
    await pass(WINDOW_MS + 1000);
    assert.deepEqual(
      server.taken,
      upTo(301).filter((index) => index % 2 === 1),
    );
    assert.equal(feed.status.next, 301);
    await feed.stop();
  });

  it('says how many records were dropped before they could be sent', async () => {
    const { ledger, server, feed, pass, news } = stage();
    ledger.add(20);
    for (const index of upTo(8)) ledger.dropped.add(index);
    feed.start();
    await pass(WINDOW_MS + 1000);
    assert.deepEqual(server.taken, upTo(20, 8));
    assert.equal(news[0]?.event, 'siem-records-dropped');
    assert.match(news[0]?.reason ?? '', /^8 before place 20/);
    await feed.stop();
  });

  it('leaves the sending to the gateway that leads, and then asks how far that one came', async () => {
    let isLeader = false;
    const { ledger, server, feed, pass, cursor } = stage({ isLeader: () => isLeader });
    ledger.add(9);
    feed.start();
    await pass(5000);
    assert.equal(server.opened, 0);
    cursor.next = 4;
    isLeader = true;
    await pass(1000);
    isLeader = false;
    await pass(1000);
    assert.deepEqual(server.taken, upTo(9, 4), 'ends its window at once when another one leads');
    cursor.next = 9;
    isLeader = true;
    ledger.add(1);
    await pass(WINDOW_MS + 1000);
    assert.deepEqual(server.taken, upTo(10, 4));
    await feed.stop();
  });

  it('waits for a ledger that does not answer', async () => {
    const { ledger, server, feed, pass, told } = stage();
    ledger.add(1);
    ledger.isUp = false;
    feed.start();
    await pass(5000);
    assert.deepEqual(told(), ['siem-ledger-unavailable']);
    ledger.isUp = true;
    await pass(WINDOW_MS + 1000);
    assert.deepEqual(server.taken, [0]);
    await feed.stop();
  });

  it('sends nothing from a ledger that is shorter than what it sent', async () => {
    const { ledger, server, feed, pass, news, cursor } = stage();
    cursor.next = 100;
    ledger.add(50);
    feed.start();
    await pass(5000);
    assert.equal(server.opened, 0);
    assert.match(news[0]?.reason ?? '', /shorter/);
    await feed.stop();
  });

  it('sends everything again rather than guess where it was', async () => {
    const { ledger, server, feed, pass, cursor, told } = stage();
    cursor.fault = 'is no JSON';
    ledger.add(4);
    feed.start();
    await pass(WINDOW_MS + 1000);
    assert.deepEqual(server.taken, upTo(4));
    assert.equal(told()[0], 'siem-cursor-fault');
    await feed.stop();
  });

  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`brings every record at least once, whatever breaks (seed ${seed})`, async () => {
      const random = seeded(seed);
      const { ledger, server, feed, pass } = stage({ random });
      const isNow = (share: number): boolean => random() < share;
      server.onWrite = () => (isNow(0.1) ? 'lost' : 'taken');
      server.onFinish = () => {
        const dies = isNow(0.4);
        server.canOpen = !dies;
        return dies ? (isNow(0.5) ? 'lost' : 'answered-unread') : 'answered';
      };
      feed.start();
      for (let round = 0; round < 60; round++) {
        ledger.add(Math.floor(random() * 150));
        await pass(2000, 500);
        if (isNow(0.5)) server.canOpen = true;
      }
      server.onWrite = () => 'taken';
      server.onFinish = () => 'answered';
      server.canOpen = true;
      ledger.add(1);
      await pass(60_000, 500);
      const first = [...new Set(server.taken)];
      assert.deepEqual(first, upTo(ledger.records.length), 'each, and new ones in order');
      await feed.stop();
    });
  }
});

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
