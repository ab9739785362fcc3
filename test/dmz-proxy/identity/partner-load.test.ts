import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PartnerLoad } from '@sallyport/dmz-proxy/identity/partner-load.ts';

const NOTHING = { messages: 0, connections: 0, requestsInFlight: 0 };

function taken(load: PartnerLoad, atMs: number, attempts: number): number {
  let messages = 0;
  for (let i = 0; i < attempts; i++) if (load.takeMessage(atMs)) messages++;
  return messages;
}

function tellOthers(load: PartnerLoad, loads: readonly PartnerLoad[], atMs: number): void {
  const use = load.toTell(false);
  const others = loads.filter((other) => other !== load);
  if (use !== undefined) for (const other of others) other.heard(loads.indexOf(load), use, atMs);
}

describe('what a partner uses of a host', () => {
  it('is what it uses of this worker and of all others, as they said last', () => {
    const load = new PartnerLoad(1, 1, 0);
    load.connections = 2;
    load.requestsInFlight = 5;
    load.heard(1, { messages: 0, connections: 3, requestsInFlight: 7 }, 0);
    load.heard(2, { messages: 0, connections: 1, requestsInFlight: 0 }, 0);
    assert.deepEqual([load.connectionsOfHost, load.requestsInFlightOfHost], [6, 12]);
    load.heard(1, { messages: 0, connections: 1, requestsInFlight: 2 }, 10);
    assert.deepEqual([load.connectionsOfHost, load.requestsInFlightOfHost], [4, 7]);
    load.heard(1, NOTHING, 20);
    assert.deepEqual([load.connectionsOfHost, load.requestsInFlightOfHost], [3, 5]);
  });

  //  silent for, ms   still counted
  for (const [silentMs, isCounted] of [
    [3000, true],
    [3001, false],
  ] as const) {
    it(`${isCounted ? 'counts' : 'forgets'} a worker that has been silent for ${silentMs} ms`, () => {
      const load = new PartnerLoad(1, 1, 0);
      load.heard(1, { messages: 0, connections: 3, requestsInFlight: 7 }, 0);
      load.sweep(silentMs);
      assert.equal(load.connectionsOfHost, isCounted ? 3 : 0);
      assert.equal(load.requestsInFlightOfHost, isCounted ? 7 : 0);
    });
  }

  it('has brought too much in vain with what it may send in a second and 4000 more, until that is forgotten', () => {
    const load = new PartnerLoad(10, 20, 0);
    assert.deepEqual([load.broughtInVain(4009), load.broughtInVain(1)], [false, true]);
    load.forgetInVain(4010);
    load.adjust(1000, 20, 0);
    assert.deepEqual([load.broughtInVain(4999), load.broughtInVain(1)], [false, true]);
  });

  it('leaves fewer messages here for those that others let in', () => {
    const load = new PartnerLoad(10, 20, 0);
    load.heard(1, { ...NOTHING, messages: 15 }, 0);
    assert.equal(taken(load, 0, 20), 5);
    assert.equal(taken(load, 1000, 20), 10);
  });

  it('owes a burst and a second’s worth at most, whatever others have let in', () => {
    const load = new PartnerLoad(10, 20, 0);
    load.heard(1, { ...NOTHING, messages: 1_000_000 }, 0);
    assert.equal(taken(load, 3000, 20), 0);
    assert.equal(taken(load, 3100, 20), 1);
  });

  it('is, over time, the rate that the operator wrote, however it is spread over workers', () => {
    const loads = [0, 1, 2].map(() => new PartnerLoad(100, 10, 0));
    let messages = 0;
    for (let atMs = 0; atMs <= 10_000; atMs += 100) {
      for (const load of loads) messages += taken(load, atMs, 50);
      for (const load of loads) tellOthers(load, loads, atMs);
    }
    assert.ok(messages >= 1000 && messages <= 1000 + 3 * 10, `${messages} messages in 10 s`);
  });

  it('is told when it has changed, and again now and then while there is some', () => {
    const load = new PartnerLoad(10, 20, 0);
    assert.equal(load.toTell(true), undefined);
    load.connections = 1;
    assert.equal(load.takeMessage(0), true);
    assert.deepEqual(load.toTell(false), { messages: 1, connections: 1, requestsInFlight: 0 });
    assert.equal(load.toTell(false), undefined);
    assert.deepEqual(load.toTell(true), { messages: 0, connections: 1, requestsInFlight: 0 });
    load.connections = 0;
    assert.deepEqual(load.toTell(false), NOTHING);
    assert.equal(load.toTell(true), undefined);
  });

  it('keeps what it owes when limits change', () => {
    const load = new PartnerLoad(10, 20, 0);
    load.heard(1, { ...NOTHING, messages: 30 }, 0);
    load.adjust(10, 25, 0);
    assert.equal(taken(load, 500, 10), 0);
    assert.equal(taken(load, 1000, 10), 5);
  });

  it('lets an INVITE that came in be acknowledged and cancelled beyond the rate, once each', () => {
    const load = new PartnerLoad(1, 1, 0);
    const endings = (attempts: number) => {
      let passed = 0;
      for (let i = 0; i < attempts; i++) if (load.takeEnding()) passed++;
      return passed;
    };
    assert.equal(endings(1), 0);
    load.inviteTaken();
    load.inviteTaken();
    assert.equal(endings(9), 4);
    for (let i = 0; i < 100_000; i++) load.inviteTaken();
    assert.equal(endings(100_000), 2000);
  });

  it('lets answers in that requests of ours account for, and counts the others as messages', () => {
    const load = new PartnerLoad(1, 3, 0);
    const answers = (attempts: number) => {
      let passed = 0;
      for (let i = 0; i < attempts; i++) if (load.takeAnswer(0)) passed++;
      return passed;
    };
    load.requestSent();
    assert.equal(answers(8), 8);
    assert.deepEqual(load.toTell(false), undefined);
    assert.equal(answers(9), 3);
    assert.equal(load.takeMessage(0), false);
    for (let i = 0; i < 100_000; i++) load.requestSent();
    assert.equal(answers(100_000), 16_384);
  });
});
