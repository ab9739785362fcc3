import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, it } from 'node:test';
import { type AuditPeer, Intake } from '@sallyport/app-gateway/ledger/intake.ts';
import { OwnStream } from '@sallyport/app-gateway/ledger/own-stream.ts';
import { JUMPS_MAX } from '@sallyport/app-gateway/ledger/run-jumps.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import { sealBox } from '@sallyport/shared/audit/sealed-box.ts';
import {
  AUDIT_SPOOL_INFO,
  decodeAuditAck,
  encodeAuditSpooled,
  putAuditSpoolHead,
} from '@sallyport/shared/channel/audit-frames.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';
import { admitted, NOON_MS } from '../ports/audit-records.ts';
import { MemoryJournal } from './memory-journal.ts';

const EPOCH = 0xabc_def0_1234_5678n;
const witness = generateKeyPairSync('ed25519');
const spool = generateKeyPairSync('x25519');

class Peer implements AuditPeer {
  readonly node: string;
  readonly worker = 2;
  readonly heard: string[] = [];

  constructor(node = 'edge-1') {
    this.node = node;
  }

  acknowledge(payload: Buffer): void {
    const ack = decodeAuditAck(payload, 0, payload.length);
    assert.ok(ack.ok);
    const { value } = ack;
    this.heard.push(value.of === 'records' ? `${value.epoch}: ${value.seq}` : `blob ${value.blob}`);
  }

  pause(): void {
    this.heard.push('pause');
  }

  resume(): void {
    this.heard.push('resume');
  }

  close(reason: string): void {
    this.heard.push(`close: ${reason}`);
  }
}

function head(epoch: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(epoch);
  return bytes;
}

function frame(records: readonly Buffer[], epoch = EPOCH): Buffer {
  return Buffer.concat([head(epoch), ...records]);
}

function run(first: number, end: number): Buffer[] {
  return Array.from({ length: end - first }, (_, at) => admitted(first + at));
}

/** A day is gone, says a gateway. */
function dropped(seq: number): Buffer {
  const fields = { day: '2026-11-20', firstIndex: 0n, entries: 130n };
  return encodeRecord({ type: 'day-dropped', timeMs: NOON_MS, seq, fields });
}

const settled = () => new Promise(setImmediate);

describe('intake of records', () => {
  let journal: MemoryJournal;
  let said: string[];
  let intake: Intake;
  let peer: Peer;
  let rate: number;
  let clock: ManualClock;
  beforeEach(() => {
    clock = new ManualClock();
    rate = 1_000_000;
    journal = new MemoryJournal();
    said = [];
    peer = new Peer();
    intake = new Intake({
      journal,
      spoolKey: spool.privateKey,
      witnessKey: (node) => (node.startsWith('edge') ? witness.publicKey : undefined),
      waitingBytesMax: 100,
      bytesPerSecond: () => rate,
      clock,
      events: {
        malformed: ({ node }, reason) => said.push(`malformed: ${node} ${reason}`),
        chainBroken: ({ node, worker }, seq, fault) =>
          said.push(`chain: ${node}/${worker} ${seq} ${fault}`),
        blobUnreadable: (_, blob, reason) => said.push(`blob ${blob}: ${reason}`),
        witnessUnknown: (node) => said.push(`unknown: ${node}`),
        slowed: (node) => said.push(`slowed: ${node}`),
      },
    });
  });
  const give = (payload: Buffer, to: AuditPeer = peer) => {
    const bytes = Buffer.concat([Buffer.from('xx'), payload]);
    intake.records(to, bytes, 2, bytes.length);
    // What a channel has read is overwritten by what it reads next.
    bytes.fill(0);
  };
  const kept = () => Buffer.concat(journal.spans.map(({ records }) => records));

  it('keeps records of the source that the certificate proves, and acknowledges the last', async () => {
    give(frame(run(5, 8)));
    await settled();
    assert.deepEqual(journal.spans[0]?.source, { node: 'edge-1', worker: 2, epoch: EPOCH });
    assert.deepEqual(kept(), Buffer.concat(run(5, 8)));
    assert.deepEqual(peer.heard, [`${EPOCH}: 7`]);
  });

  it('acknowledges nothing before it is on the disk, and then all at once', async () => {
    journal.isSlow = true;
    give(frame(run(5, 6)));
    give(frame(run(6, 7)));
    give(frame(run(0, 1), 7n));
    await settled();
    assert.deepEqual(peer.heard, []);
    journal.sync();
    await settled();
    assert.deepEqual(peer.heard, [`${EPOCH}: 6`, '7: 0']);
  });

  it('skips what came before, and acknowledges it again', async () => {
    give(frame(run(5, 8)));
    await settled();
    const again = new Peer();
    give(frame(run(5, 7)), again);
    give(frame(run(6, 10)), again);
    await settled();
    assert.equal(again.heard.at(-1), `${EPOCH}: 9`);
    assert.deepEqual(kept(), Buffer.concat(run(5, 10)));
  });

  it('acknowledges a repetition only when the first is durable', async () => {
    journal.isSlow = true;
    give(frame(run(5, 8)));
    give(frame(run(5, 8)));
    await settled();
    assert.deepEqual(peer.heard, []);
    journal.sync();
    await settled();
    assert.deepEqual(peer.heard, [`${EPOCH}: 7`]);
  });

  const changed = (at: number, value: number) => {
    const record = admitted(5);
    record[at] = value;
    return record;
  };
  const malformed: readonly (readonly [string, Buffer])[] = [
    ['nothing', Buffer.alloc(0)],
    ['no record', frame([])],
    ['a record that is cut', frame([admitted(5).subarray(0, 13)])],
    ['a record cut behind a good one', frame([admitted(5), admitted(6).subarray(0, 13)])],
    ['a length beyond the frame', frame([changed(1, 200)])],
    ['a length of nothing', frame([changed(1, 0)])],
    ['another version', frame([changed(2, 1)])],
    ['a type that is none', frame([changed(3, 99)])],
    ['a number left out', frame([admitted(5), admitted(7)])],
    ['a number twice', frame([admitted(5), admitted(5)])],
    ['numbers that fall', frame([admitted(6), admitted(5)])],
    ['what gateways say', frame([admitted(5), dropped(6)])],
  ];
  for (const [what, payload] of malformed) {
    it(`closes the channel for ${what}, and keeps none of it`, async () => {
      give(payload);
      await settled();
      assert.deepEqual(peer.heard, ['close: audit-malformed']);
      assert.equal(said.length, 1);
      assert.match(said[0] ?? '', /^malformed: edge-1 /);
      assert.equal(journal.spans.length, 0);
    });
  }

  it('closes a channel whose numbers jump more often than honest ones do', async () => {
    for (let n = 0; n < JUMPS_MAX; n++) give(frame(run(2 * n, 2 * n + 1)));
    await settled();
    assert.equal(journal.spans.length, JUMPS_MAX);
    give(frame(run(2 * JUMPS_MAX, 2 * JUMPS_MAX + 1)));
    await settled();
    assert.equal(journal.spans.length, JUMPS_MAX);
    assert.equal(peer.heard.at(-1), 'close: audit-malformed');
    assert.deepEqual(said.at(-1), 'malformed: edge-1 too-many-jumps');
  });

  it('closes the next channel of that host as well, and no other host’s', async () => {
    for (let n = 0; n <= JUMPS_MAX; n++) give(frame(run(2 * n, 2 * n + 1)));
    const [again, other] = [new Peer(), new Peer('edge-2')];
    for (const each of [again, other]) give(frame(run(0, 1), EPOCH + 1n), each);
    await settled();
    assert.deepEqual(again.heard, ['close: audit-malformed']);
    assert.deepEqual(other.heard, [`${EPOCH + 1n}: 0`]);
  });

  it('stops reading channels while the disk is behind, and goes on at half of that', async () => {
    journal.isSlow = true;
    give(frame(run(0, 7).map((_, at) => admitted(at + 1))));
    assert.deepEqual([journal.waitingBytes, peer.heard], [98, []]);
    give(frame([admitted(8)]));
    assert.deepEqual(peer.heard, ['pause']);
    journal.sync();
    await settled();
    assert.deepEqual(peer.heard, ['pause', 'resume', `${EPOCH}: 8`]);
  });

  it('resumes nothing that is gone', async () => {
    journal.isSlow = true;
    give(frame(run(1, 10)));
    intake.closed(peer);
    journal.sync();
    await settled();
    assert.equal(peer.heard.includes('resume'), false);
  });

  describe('of a proxy that brings more than it may', () => {
    const FRAME_BYTES = frame(run(0, 1)).length;
    /** The burst is ten seconds' worth: so many frames, and the next is waited for a second. */
    const bring = (frames: number, to = peer) => {
      rate = FRAME_BYTES;
      for (let seq = 0; seq < frames; seq++) give(frame(run(seq, seq + 1)), to);
    };

    it('keeps and acknowledges all of it, and reads on when its time has come', async () => {
      bring(10);
      assert.equal(peer.heard.includes('pause'), false);
      bring(12);
      await settled();
      assert.equal(journal.spans.length, 12);
      assert.ok(peer.heard.includes(`${EPOCH}: 11`));
      const flow = () => peer.heard.filter((one) => one === 'pause' || one === 'resume');
      assert.equal(flow().at(-1), 'pause');
      assert.ok(said.includes('slowed: edge-1'));
      clock.advance(2999);
      assert.equal(flow().includes('resume'), false);
      clock.advance(1);
      assert.equal(flow().at(-1), 'resume');
      assert.equal(flow().filter((one) => one === 'resume').length, 1);
    });

    it('leaves others alone', () => {
      bring(12);
      const other = new Peer('edge-2');
      give(frame(run(0, 1)), other);
      assert.deepEqual(other.heard, []);
    });

    it('reads on only when the disk is not behind any more either', async () => {
      journal.isSlow = true;
      bring(12);
      clock.advance(3000);
      assert.equal(peer.heard.includes('resume'), false);
      journal.sync();
      await settled();
      assert.equal(peer.heard.includes('resume'), true);
    });

    it('and the disk alone does not set it free', async () => {
      journal.isSlow = true;
      bring(12);
      journal.sync();
      await settled();
      assert.equal(peer.heard.includes('resume'), false);
      clock.advance(3000);
      assert.equal(peer.heard.includes('resume'), true);
    });

    it('resumes nothing that is gone', () => {
      bring(12);
      intake.closed(peer);
      clock.advance(60_000);
      assert.equal(peer.heard.includes('resume'), false);
      assert.equal(clock.waiting, 0);
    });
  });

  describe('holds records against their seals', () => {
    const sealedRun = async (): Promise<Buffer[]> => {
      const own = new MemoryJournal();
      const stream = new OwnStream({
        source: { node: 'edge-1', worker: 2, epoch: EPOCH },
        programVersion: '1',
        nextEpoch: () => 10n,
        witnessKey: witness.privateKey,
        journal: own,
        clock: new ManualClock(),
      });
      void stream.note('channel-opened', { peerNode: 'a' });
      void stream.note('channel-opened', { peerNode: 'b' });
      await stream.close();
      return own.spans.map(({ records }) => records);
    };

    it('and is content with those that fit', async () => {
      const records = await sealedRun();
      give(frame(records.slice(0, 2)));
      give(frame(records.slice(2)));
      assert.deepEqual(said, []);
      assert.equal(records.length, 4);
    });

    it('and tells of a changed record at the seal, and keeps everything', async () => {
      const [opened, , second, seal] = (await sealedRun()) as [Buffer, Buffer, Buffer, Buffer];
      const other = encodeRecord({
        type: 'channel-opened',
        timeMs: NOON_MS,
        seq: 1,
        fields: { peerNode: 'x' },
      });
      give(frame([opened, other, second, seal]));
      assert.deepEqual(said, ['chain: edge-1/2 3 seal-hash']);
      assert.equal(journal.spans.length, 1);
    });

    it('and takes up a stream in the middle: another gateway had the beginning', async () => {
      const records = await sealedRun();
      give(frame(records.slice(1)));
      assert.deepEqual(said, []);
    });

    it('and says once that it knows no key of a node', () => {
      const stranger = new Peer('other');
      give(frame(run(0, 2)), stranger);
      give(frame(run(2, 4)), stranger);
      assert.deepEqual(said, ['unknown: other']);
    });
  });

  describe('from a spool', () => {
    const blob = (records: readonly Buffer[], info = AUDIT_SPOOL_INFO, key = spool.publicKey) => {
      const spoolHead = Buffer.alloc(10);
      putAuditSpoolHead(spoolHead, 5, EPOCH);
      const box = sealBox(rawPublicKey(key), Buffer.concat([spoolHead, ...records]), info);
      return encodeAuditSpooled(77n, box);
    };
    const giveBlob = (payload: Buffer) => intake.spooled(peer, payload, 0, payload.length);

    it('takes what an earlier run has left, of whichever worker, and acknowledges the blob', async () => {
      giveBlob(blob(run(3, 6)));
      await settled();
      assert.deepEqual(journal.spans[0]?.source, { node: 'edge-1', worker: 5, epoch: EPOCH });
      assert.deepEqual(kept(), Buffer.concat(run(3, 6)));
      assert.deepEqual(peer.heard, ['blob 77']);
      assert.deepEqual(said, []);
    });

    it('keeps a blob once that comes again while it is on its way, and acknowledges both', async () => {
      journal.isSlow = true;
      giveBlob(blob(run(3, 6)));
      giveBlob(blob(run(3, 6)));
      giveBlob(blob(run(3, 7)));
      journal.sync();
      await settled();
      assert.deepEqual(
        journal.spans.map(({ records }) => records.length),
        [run(3, 6), run(3, 7)].map((records) => Buffer.concat(records).length),
      );
      assert.deepEqual(
        peer.heard.filter((one) => one.startsWith('blob')),
        ['blob 77', 'blob 77', 'blob 77'],
      );
      giveBlob(blob(run(3, 6)));
      assert.equal(journal.waitingBytes > 0, true, 'nothing is remembered of what was written');
    });

    const other = generateKeyPairSync('x25519');
    const unreadable: readonly (readonly [string, () => Buffer, string])[] = [
      [
        'sealed to another key',
        () => blob(run(0, 1), AUDIT_SPOOL_INFO, other.publicKey),
        'sealed-box-wrong',
      ],
      ['sealed for another purpose', () => blob(run(0, 1), 'else'), 'sealed-box-wrong'],
      ['with no record in it', () => blob([]), 'payload-malformed'],
      ['with what gateways say', () => blob([dropped(0)]), 'record-not-of-proxy'],
      ['with records out of order', () => blob([admitted(2), admitted(1)]), 'records-not-in-order'],
    ];
    for (const [what, payload, reason] of unreadable) {
      it(`leaves a blob ${what} where it is, and says so`, async () => {
        giveBlob(payload());
        await settled();
        assert.deepEqual([peer.heard, said], [[], [`blob 77: ${reason}`]]);
      });
    }

    it('closes the channel for a frame that is none', () => {
      giveBlob(Buffer.alloc(8));
      assert.deepEqual(peer.heard, ['close: audit-malformed']);
    });
  });
});
