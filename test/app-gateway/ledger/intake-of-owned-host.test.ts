import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, it } from 'node:test';
import { type AuditPeer, Intake } from '@sallyport/app-gateway/ledger/intake.ts';
import { sealRecord } from '@sallyport/shared/audit/seal.ts';
import { encodeAuditSpooled } from '@sallyport/shared/channel/audit-frames.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';
import { admitted, NOON_MS } from '../ports/audit-records.ts';
import { MemoryJournal } from './memory-journal.ts';

const witness = generateKeyPairSync('ed25519');
const RECORD_BYTES = admitted(0).length;

class Peer implements AuditPeer {
  readonly node: string;
  readonly worker = 0;
  readonly heard: ('pause' | 'resume')[] = [];

  constructor(node: string) {
    this.node = node;
  }

  acknowledge(): void {}

  pause(): void {
    this.heard.push('pause');
  }

  resume(): void {
    this.heard.push('resume');
  }

  close(): void {
    assert.fail('the channel stays');
  }
}

describe('what a proxy’s host may cost a gateway', () => {
  let journal: MemoryJournal;
  let rate: number;
  let intake: Intake;
  let slowed: string[];
  let peer: Peer;
  beforeEach(() => {
    rate = 1_000_000_000;
    slowed = [];
    journal = new MemoryJournal();
    peer = new Peer('edge-1');
    intake = new Intake({
      journal,
      spoolKey: generateKeyPairSync('x25519').privateKey,
      witnessKey: () => witness.publicKey,
      waitingBytesMax: 100,
      bytesPerSecond: () => rate,
      clock: new ManualClock(),
      events: {
        malformed: () => assert.fail('all are records'),
        chainBroken: () => undefined,
        blobUnreadable: () => undefined,
        witnessUnknown: () => undefined,
        slowed: (node) => slowed.push(node),
      },
    });
  });
  const give = (record: Buffer, to: AuditPeer) => {
    const frame = Buffer.concat([Buffer.alloc(8), record]);
    intake.records(to, frame, 0, frame.length);
  };

  it('is no channel that is read while the gateway’s own records wait for the disk', async () => {
    journal.isSlow = true;
    const other = new Peer('edge-2');
    const note = (bytes: number) => {
      const source = { node: 'gateway-1', worker: 0, epoch: 1n };
      const durable = journal.append({ source, records: Buffer.alloc(bytes) });
      void intake.ownGiven(durable, [peer, other]);
    };
    note(100);
    assert.deepEqual([peer.heard, other.heard], [[], []]);
    note(1);
    assert.deepEqual([peer.heard, other.heard], [['pause'], ['pause']]);
    journal.sync();
    await new Promise(setImmediate);
    assert.deepEqual([peer.heard.at(-1), other.heard.at(-1)], ['resume', 'resume']);
  });

  describe('in the journal', () => {
    beforeEach(() => {
      journal.freeBytes = RECORD_BYTES;
      for (let seq = 0; seq < 3; seq++) give(admitted(seq), peer);
      assert.deepEqual(peer.heard, []);
      give(admitted(3), peer);
      assert.deepEqual(peer.heard, ['pause']);
    });

    it('waits for the ledger to take some of it, on its next channel too', () => {
      const again = new Peer('edge-1');
      intake.opened(again);
      assert.deepEqual(again.heard, ['pause']);
      assert.deepEqual(slowed, ['edge-1']);
      intake.taken(journal.spans.slice(0, 1));
      assert.deepEqual([peer.heard.at(-1), again.heard.at(-1)], ['resume', 'resume']);
    });

    it('keeps no other host waiting', () => {
      const other = new Peer('edge-2');
      intake.opened(other);
      for (let seq = 0; seq < 3; seq++) give(admitted(seq), other);
      assert.deepEqual(other.heard, []);
    });

    it('ends with the channel', () => {
      intake.closed(peer);
      intake.taken(journal.spans);
      assert.deepEqual(peer.heard, ['pause']);
    });
  });

  const seal = (seq: number) => {
    const covers = { firstSeq: seq, lastSeq: seq, recordsHash: Buffer.alloc(32) };
    const content = { timeMs: NOON_MS, seq, ...covers, previousSeal: undefined };
    return sealRecord(content, witness.privateKey);
  };
  const blob = encodeAuditSpooled(1n, Buffer.alloc(200, 1));

  for (const [what, bring] of [
    ['a seal', (seq: number) => give(seal(seq), peer)],
    ['a blob', () => intake.spooled(peer, blob, 0, blob.length)],
  ] as const) {
    it(`counts ${what} for what it costs to look at it, not for its octets`, () => {
      // Ten seconds' worth may come at once: ten of them.
      rate = 17_000;
      for (let seq = 1; seq <= 10; seq++) bring(seq);
      assert.deepEqual(peer.heard, []);
      bring(11);
      assert.deepEqual(peer.heard, ['pause']);
    });
  }
});
