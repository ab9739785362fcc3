import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WINDOW_MS } from '@sallyport/app-gateway/adapters/syslog/siem-feed.ts';
import { stage, upTo } from './feed-stage.ts';

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
    assert.deepEqual(feed.status, { next: 257, confirmed: 257, waiting: 0, fault: undefined });
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

  it('closes in good order when it is stopped', async () => {
    const { ledger, server, feed, pass, cursor } = stage();
    ledger.add(5);
    feed.start();
    await pass(500);
    assert.deepEqual(server.taken, []);
    await feed.stop();
    assert.deepEqual(server.taken, upTo(5));
    assert.equal(cursor.next, 0, 'without a proof it is sent again');
    assert.equal(cursor.node, undefined, 'another gateway can go on at once');
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
    assert.equal(feed.status.waiting, 3);
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

  it('rests for as long as it worked itself, not for as long as the server took', async () => {
    const { clock, ledger, server, feed, pass } = stage();
    const waits: number[] = [];
    const open = server.open.bind(server);
    server.open = async () => {
      const opened = await open();
      if (!opened.ok) return opened;
      const write = async (octets: Buffer) => {
        waits.push(clock.monotonicMs());
        const written = await opened.value.write(octets);
        clock.advance(2000);
        return written;
      };
      return { ok: true, value: { ...opened.value, write } };
    };
    ledger.add(300);
    feed.start();
    await pass(5000);
    const [first = 0, second = 0, third = 0] = waits;
    assert.deepEqual([second - first, third - second], [2000, 2000]);
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

  for (const dropped of [8, 100, 5000]) {
    it(`says in few words that ${dropped} records were dropped before they could be sent`, async () => {
      const { ledger, server, feed, pass, news } = stage();
      ledger.add(dropped + 12);
      for (const index of upTo(dropped)) ledger.dropped.add(index);
      feed.start();
      await pass(WINDOW_MS + 1000);
      assert.deepEqual(server.taken, upTo(dropped + 12, dropped));
      const said = news.filter(({ event }) => event === 'siem-records-dropped');
      assert.equal(said.length, 1);
      assert.match(said[0]?.reason ?? '', new RegExp(`^${dropped} before place `));
      await feed.stop();
    });
  }

  it('leaves a destination to the gateway that has it, and then goes on where that one was', async () => {
    const { ledger, server, feed, pass, cursor } = stage();
    ledger.add(9);
    cursor.node = 'gateway-2';
    feed.start();
    await pass(20_000);
    assert.equal(server.opened, 0);
    cursor.next = 4;
    cursor.node = undefined;
    await pass(5000 + WINDOW_MS);
    assert.deepEqual(server.taken, upTo(9, 4));
    assert.equal(cursor.node, 'gateway-1');
    cursor.node = 'gateway-2';
    cursor.next = 9;
    ledger.add(1);
    await pass(30_000);
    const taken = server.taken.length;
    assert.equal(cursor.next, 9, 'another one’s place is not written over');
    ledger.add(1);
    await pass(30_000);
    assert.equal(server.taken.length, taken, 'not ours any more');
    cursor.node = undefined;
    await pass(30_000);
    assert.deepEqual(server.taken.slice(taken), [9, 10]);
    await feed.stop();
  });

  it('ends within three seconds whatever a server does', async () => {
    const { ledger, server, feed, pass, cursor } = stage();
    server.onWrite = () => 'stuck';
    ledger.add(1);
    feed.start();
    await pass(1000);
    const stopped = feed.stop();
    await pass(3250);
    await stopped;
    assert.equal(cursor.node, undefined);
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

  it('sends nothing while it cannot know where it was', async () => {
    const { ledger, server, feed, pass, cursor, told } = stage();
    cursor.next = 2;
    cursor.fault = 'connection refused (ECONNREFUSED)';
    ledger.add(4);
    feed.start();
    await pass(5000);
    assert.deepEqual(told(), ['siem-cursor-fault']);
    assert.equal(server.opened, 0);
    cursor.fault = undefined;
    await pass(5000 + WINDOW_MS + 1000);
    assert.deepEqual(server.taken, [2, 3]);
    assert.deepEqual(told(), ['siem-cursor-fault', 'siem-delivers']);
    await feed.stop();
  });

  it('goes on sending while its place cannot be kept, and says so', async () => {
    const { ledger, server, feed, pass, cursor, told } = stage();
    ledger.add(1);
    feed.start();
    await pass(1000);
    cursor.fault = 'disk full (53100)';
    await pass(WINDOW_MS);
    ledger.add(1);
    await pass(WINDOW_MS + 1000);
    assert.deepEqual(server.taken, [0, 1]);
    assert.deepEqual(told(), ['siem-cursor-fault']);
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
