import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import { HostUse, HostUseRelay } from '@sallyport/dmz-proxy/identity/host-use.ts';
import {
  NO_PARTNERS,
  type PartnerTable,
  partnerTable,
} from '@sallyport/dmz-proxy/identity/partner.ts';
import type { PartnerLoad } from '@sallyport/dmz-proxy/identity/partner-load.ts';
import { partnerSnapshot } from '../../integration/support/proxy-site.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';

const RECORD_BYTES = 24;

interface Worker {
  readonly load: PartnerLoad;
  /** Its end of the pipe. */
  readonly line: Duplex;
  /** The launcher's end. */
  readonly pipe: Duplex;
}

function tableOf(ids: readonly string[]): PartnerTable {
  const snapshots = ids.map((id) => ({ ...partnerSnapshot(''), id, domains: [], trustSets: [] }));
  const table = partnerTable(snapshots, NO_PARTNERS, 0);
  assert.ok(table.ok);
  return table.value;
}

function joined(relay: HostUseRelay, worker: number, clock: ManualClock): Worker {
  const [line, pipe] = duplexPair();
  const child = { stdio: [null, null, null, null, null, pipe] };
  relay.join(worker, child as unknown as ChildProcess);
  const table = tableOf(['globex']);
  new HostUse(line, clock).usePartners(table);
  const load = table.byId.get('globex')?.load;
  assert.ok(load !== undefined);
  return { load, line, pipe };
}

/** Streams tell on later turns. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('workers of one host', () => {
  it('tell each other what a partner uses, a tenth of a second later', async () => {
    const clock = new ManualClock();
    const relay = new HostUseRelay();
    const [a, b, c] = [0, 1, 2].map((worker) => joined(relay, worker, clock)) as [
      Worker,
      Worker,
      Worker,
    ];
    a.load.connections = 2;
    a.load.requestsInFlight = 3;
    b.load.connections = 1;
    clock.advance(99);
    await settled();
    assert.equal(c.load.connectionsOfHost, 0);
    clock.advance(1);
    await settled();
    const seen = [a, b, c].map(({ load }) => [load.connectionsOfHost, load.requestsInFlightOfHost]);
    assert.deepEqual(seen, [
      [3, 3],
      [3, 3],
      [3, 3],
    ]);
  });

  it('tell one that comes later, and are forgotten once they have ended', async () => {
    const clock = new ManualClock();
    const relay = new HostUseRelay();
    const a = joined(relay, 0, clock);
    a.load.connections = 2;
    clock.advance(100);
    await settled();
    const late = joined(relay, 1, clock);
    for (let tick = 0; tick < 10; tick++) clock.advance(100);
    await settled();
    assert.equal(late.load.connectionsOfHost, 2);
    a.line.destroy();
    a.pipe.destroy();
    await settled();
    for (let tick = 0; tick < 31; tick++) clock.advance(100);
    await settled();
    assert.equal(late.load.connectionsOfHost, 0);
  });

  it('pass whole records on, however they come, and under the number of who sent them', async () => {
    const relay = new HostUseRelay();
    const ends = [0, 1].map((worker) => {
      const [line, pipe] = duplexPair();
      const child = { stdio: [null, null, null, null, null, pipe] };
      relay.join(worker, child as unknown as ChildProcess);
      return line;
    });
    const [from, to] = ends as [Duplex, Duplex];
    const heard: Buffer[] = [];
    to.on('data', (bytes: Buffer) => heard.push(bytes));
    const records = Buffer.alloc(2 * RECORD_BYTES, 7);
    for (let at = 0; at < records.length; at++) {
      from.write(records.subarray(at, at + 1));
      await settled();
      const length = Buffer.concat(heard).length;
      assert.equal(length, at + 1 - ((at + 1) % RECORD_BYTES));
    }
    const [first] = Buffer.concat(heard);
    assert.equal(first, 0);
  });

  it('hear nothing of a partner that they do not have, and mind no broken pipe', async () => {
    const clock = new ManualClock();
    const relay = new HostUseRelay();
    const a = joined(relay, 0, clock);
    const [line, pipe] = duplexPair();
    relay.join(1, { stdio: [null, null, null, null, null, pipe] } as unknown as ChildProcess);
    const others = tableOf(['initech']);
    new HostUse(line, clock).usePartners(others);
    const load = others.byId.get('initech')?.load;
    assert.ok(load !== undefined);
    load.connections = 4;
    clock.advance(100);
    await settled();
    assert.equal(a.load.connectionsOfHost, 0);
    pipe.destroy(new Error('EPIPE'));
    line.destroy(new Error('EPIPE'));
    await settled();
    clock.advance(1000);
  });

  it('mind no worker that could not be started for want of descriptors: it has no pipes', async () => {
    const clock = new ManualClock();
    const relay = new HostUseRelay();
    const [a, b] = [0, 1].map((worker) => joined(relay, worker, clock)) as [Worker, Worker];
    relay.join(2, { stdio: undefined } as never);
    a.load.connections = 2;
    clock.advance(100);
    await settled();
    assert.equal(b.load.connectionsOfHost, 2);
  });
});
