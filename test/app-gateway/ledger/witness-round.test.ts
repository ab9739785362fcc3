import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import { type WitnessPeer, WitnessRound } from '@sallyport/app-gateway/ledger/witness-round.ts';
import type {
  ArchivePage,
  ArchivePlace,
  ArchiveRows,
} from '@sallyport/app-gateway/ports/state-archive.ts';
import { formatCheckpoint } from '@sallyport/shared/audit/checkpoint.ts';
import {
  formatNote,
  formatSignatureLine,
  type Note,
  signNote,
} from '@sallyport/shared/audit/note.ts';
import { NOTE_KEY_TYPE, noteKey } from '@sallyport/shared/audit/note-key.ts';
import { NEVER_WITNESSED, type Witnessed, witness } from '@sallyport/shared/audit/witness.ts';
import { parseWitnessRequest } from '@sallyport/shared/audit/witness-request.ts';
import {
  decodeAuditCosigned,
  encodeAuditCosigned,
} from '@sallyport/shared/channel/audit-frames.ts';
import { NOON_MS, sourceOf, span } from '../ports/audit-records.ts';
import { unwrap } from '../ports/unwrap.ts';
import { memoryStore } from './memory-ledger.ts';

const ORIGIN = 'sallyport/acme';
const log = generateKeyPairSync('ed25519');
const own = generateKeyPairSync('ed25519');
const LOG_KEY = noteKey(ORIGIN, NOTE_KEY_TYPE.ed25519, createPublicKey(log.privateKey));

/** A proxy that keeps to C2SP tlog-witness. */
class Witness implements WitnessPeer {
  readonly node = 'edge-1';
  readonly worker: number;
  kept: Witnessed = NEVER_WITNESSED;
  key = own.privateKey;
  answers: Buffer[] = [];
  statuses: number[] = [];

  constructor(worker = 0) {
    this.worker = worker;
  }

  ask(request: Buffer): void {
    const parsed = parseWitnessRequest(request);
    assert.ok(parsed.ok);
    const terms = { origin: ORIGIN, logKeys: [LOG_KEY], name: this.node, privateKey: this.key };
    const { kept, answer } = witness(this.kept, parsed.value, terms, NOON_MS / 1000);
    this.kept = kept;
    this.statuses.push(answer.code);
    const text =
      answer.code === 200
        ? formatSignatureLine(answer.cosignature)
        : answer.code === 409
          ? `${answer.size}\n`
          : '';
    this.answers.push(encodeAuditCosigned({ status: answer.code, text }));
  }
}

describe('witnesses of the ledger', () => {
  let store: SqlStateStore;
  let notes: Map<number, Note>;
  const roots = new Map<number, Buffer>();
  let said: string[];
  let round: WitnessRound;
  let peer: Witness;
  const SIZES = [1, 5, 256, 300, 700];
  before(async () => {
    store = await memoryStore();
    notes = new Map();
    let size = 0;
    for (const next of SIZES) {
      const done = await store.ledger.append([span(sourceOf('edge-1'), size, next)], NOON_MS);
      const { head } = unwrap(done);
      const text = formatCheckpoint({ origin: ORIGIN, ...head, extensions: [] });
      const note = { text, signatures: [signNote(text, ORIGIN, log.privateKey)] };
      unwrap(await store.ledger.addCheckpoint(next, formatNote(note), NOON_MS));
      notes.set(next, note);
      roots.set(next, head.root);
      size = next;
    }
  });
  after(() => store.close());
  beforeEach(() => {
    said = [];
    peer = new Witness();
    round = fresh();
  });
  const fresh = (of: SqlStateStore = store) =>
    new WitnessRound({
      store: of.ledger,
      witnessKey: (node) => (node === 'edge-1' ? own.publicKey : undefined),
      events: {
        ledgerBehind: (node, witnessed, size) => said.push(`${node}: ${witnessed} > ${size}`),
        refused: (node, status) => said.push(`${node}: refused ${status}`),
        cosignatureWrong: (node) => said.push(`${node}: wrong`),
        failed: ({ code }) => said.push(`failed: ${code}`),
      },
    });
  const noteOf = (size: number) => notes.get(size) as Note;
  const askAt = async (size: number, of = round) => {
    await of.ask([peer], size, noteOf(size));
    for (let answer = peer.answers.shift(); answer !== undefined; answer = peer.answers.shift()) {
      await of.answered(peer, answer, 0, answer.length);
    }
  };
  const cosigned = async () => {
    const found = unwrap(await store.ledger.checkpoints({ limit: 100 }));
    return found
      .filter(({ cosignatures }) => cosignatures['edge-1'] !== undefined)
      .map(({ size }) => size)
      .reverse();
  };

  it('may sign with keys that are not known, too: the line of the known one is taken (C2SP tlog-witness)', async () => {
    await round.ask([peer], 1, noteOf(1));
    const answer = decodeAuditCosigned(peer.answers[0] as Buffer, 0, peer.answers[0]?.length ?? 0);
    assert.ok(answer.ok);
    const signature = Buffer.alloc(72, 7);
    const stranger = formatSignatureLine({ name: 'edge-1', keyId: 7, signature });
    const text = stranger + answer.value.text + stranger;
    const octets = encodeAuditCosigned({ status: 200, text });
    await round.answered(peer, octets, 0, octets.length);
    assert.deepEqual(said, []);
    const [stored] = unwrap(await store.ledger.checkpoints({ limit: 100 })).toReversed();
    assert.equal(stored?.cosignatures['edge-1']?.trimEnd(), answer.value.text.trimEnd());
  });

  it('put their word under every checkpoint, each proved to be the one before and more', async () => {
    for (const size of SIZES) await askAt(size);
    assert.deepEqual(peer.statuses, [200, 200, 200, 200, 200]);
    assert.deepEqual(await cosigned(), SIZES);
    assert.deepEqual(said, []);
  });

  it('whose channel ends while they are about to be asked are not, and not remembered', async () => {
    const asking = round.ask([peer], 300, noteOf(300));
    round.closed(peer);
    await asking;
    assert.deepEqual(peer.statuses, []);
    await askAt(300);
    assert.deepEqual(peer.statuses, [200]);
  });

  it('that were asked by another gateway before say from where, and are asked from there', async () => {
    await askAt(5);
    await askAt(300, fresh());
    assert.deepEqual(peer.statuses, [200, 409, 200]);
    assert.deepEqual(said, []);
  });

  it('that have seen more than there is now: the ledger is not what it was', async () => {
    peer.kept = { size: 701, root: Buffer.alloc(32, 1) };
    await askAt(300);
    assert.deepEqual(said, ['edge-1: 701 > 300']);
  });

  it('that signed more for this very gateway, before its database was set back, name both sizes', async (t) => {
    const older = await memoryStore();
    t.after(() => older.close());
    unwrap(await older.ledger.append([span(sourceOf('edge-1'), 0, 1)], NOON_MS));
    let { ledger } = store;
    const now: Pick<SqlStateStore['ledger'], 'head' | 'tile' | 'addCosignature'> = {
      head: () => ledger.head(),
      tile: (level, tile) => ledger.tile(level, tile),
      addCosignature: (size, name, line) => ledger.addCosignature(size, name, line),
    };
    const running = fresh({ ledger: now } as SqlStateStore);
    await askAt(300, running);
    ledger = older.ledger;
    await askAt(1, running);
    assert.deepEqual([peer.statuses, said], [[200, 409], ['edge-1: 300 > 1']]);
  });

  it('that another gateway was faster to show more of the same ledger are asked with the next checkpoint', async () => {
    await askAt(5);
    await askAt(300, fresh());
    await askAt(256);
    assert.deepEqual(peer.statuses, [200, 409, 200, 409]);
    await askAt(700);
    assert.deepEqual([peer.statuses.at(-1), said], [200, []]);
  });

  it('that another gateway asks between two questions are asked with the next checkpoint', async () => {
    await askAt(1, fresh());
    await round.ask([peer], 300, noteOf(300));
    const answer = peer.answers.shift() ?? Buffer.alloc(0);
    // The second question is about to be asked; its proof is from 1 on.
    const answering = round.answered(peer, answer, 0, answer.length);
    peer.kept = { size: 5, root: roots.get(5) ?? Buffer.alloc(0) };
    await answering;
    const second = peer.answers.shift() ?? Buffer.alloc(0);
    await round.answered(peer, second, 0, second.length);
    await askAt(700);
    assert.deepEqual([peer.statuses, said], [[200, 409, 409, 200], []]);
  });

  it('that show another history to whom another gateway was said to be faster are found out with the next checkpoint', async () => {
    await askAt(5);
    peer.kept = { size: 300, root: Buffer.alloc(32, 1) };
    await askAt(256);
    await askAt(700);
    assert.deepEqual([peer.statuses, said], [[200, 409, 422], ['edge-1: refused 422']]);
  });

  it('that know another history of the same size are heard', async () => {
    peer.kept = { size: 300, root: Buffer.alloc(32, 1) };
    await askAt(300);
    assert.deepEqual(peer.statuses, [409, 409]);
    assert.deepEqual(said, ['edge-1: refused 409']);
  });

  it('that name another size each time are not asked for ever', async () => {
    let asked = 0;
    const fickle = {
      node: 'edge-1',
      worker: 0,
      ask: () => {
        asked += 1;
      },
    };
    await round.ask([fickle], 300, noteOf(300));
    for (const size of [1, 5, 256]) {
      const answer = encodeAuditCosigned({ status: 409, text: `${size}\n` });
      await round.answered(fickle, answer, 0, answer.length);
    }
    assert.equal(asked, 2);
    assert.deepEqual(said, []);
  });

  it('that say again and again that another gateway was faster are heard', async () => {
    const vain = { node: 'edge-1', worker: 0, ask: () => undefined };
    for (const size of [1, 3, 5, 7, 9]) {
      assert.deepEqual(said, []);
      await round.ask([vain], 700, noteOf(700));
      for (const own of [size, size + 1]) {
        const answer = encodeAuditCosigned({ status: 409, text: `${own}\n` });
        await round.answered(vain, answer, 0, answer.length);
      }
    }
    assert.deepEqual(said, ['edge-1: refused 409']);
  });

  it('that go back to where they say they were not are heard', async () => {
    const fickle = { node: 'edge-1', worker: 0, ask: () => undefined };
    await round.ask([fickle], 300, noteOf(300));
    for (const size of [5, 1]) {
      const answer = encodeAuditCosigned({ status: 409, text: `${size}\n` });
      await round.answered(fickle, answer, 0, answer.length);
    }
    assert.deepEqual(said, ['edge-1: refused 409']);
  });

  it('that are given a proof that does not prove it are heard', async () => {
    peer.kept = { size: 256, root: Buffer.alloc(32, 1) };
    await askAt(300);
    assert.deepEqual(peer.statuses, [409, 422]);
    assert.deepEqual(said, ['edge-1: refused 422']);
  });

  it('that sign with another key are not believed', async () => {
    peer.key = generateKeyPairSync('ed25519').privateKey;
    await askAt(1);
    assert.deepEqual(said, ['edge-1: wrong']);
  });

  it('are asked through their first worker alone, and once at a time', async () => {
    const other = new Witness(1);
    await round.ask([other, peer], 1, noteOf(1));
    await round.ask([other, peer], 5, noteOf(5));
    assert.deepEqual([other.statuses, peer.statuses], [[], [200]]);
  });

  it('that were not asked, or are gone, are not listened to', async () => {
    const answer = encodeAuditCosigned({ status: 422, text: '' });
    await round.answered(peer, answer, 0, answer.length);
    await round.ask([peer], 1, noteOf(1));
    round.closed(peer);
    await round.answered(peer, answer, 0, answer.length);
    assert.deepEqual(said, []);
  });

  it('wait where tiles cannot be read', async () => {
    const lost = new WitnessRound({
      store: { ...store.ledger, tile: async () => ({ ok: true, value: undefined }) } as never,
      witnessKey: () => own.publicKey,
      events: {
        ledgerBehind: () => said.push('behind'),
        refused: () => said.push('refused'),
        cosignatureWrong: () => said.push('wrong'),
        failed: ({ code }) => said.push(code),
      },
    });
    peer.kept = { size: 5, root: Buffer.alloc(32) };
    await askAt(300, lost);
    assert.deepEqual(said, ['damaged']);
  });

  it('that outlived a ledger put back from an older copy refuse it, until their own word is taken from them', async (t) => {
    const lost = await memoryStore();
    t.after(() => lost.close());
    const signed = async (ledger: SqlStateStore['ledger']): Promise<[number, Note]> => {
      const { size, root } = unwrap(await ledger.head());
      const text = formatCheckpoint({ origin: ORIGIN, size, root, extensions: [] });
      const note = { text, signatures: [signNote(text, ORIGIN, log.privateKey)] };
      unwrap(await ledger.addCheckpoint(size, formatNote(note), NOON_MS));
      return [size, note];
    };
    const asked = async (of: WitnessRound, [size, note]: [number, Note]) => {
      await of.ask([peer], size, note);
      for (let answer = peer.answers.shift(); answer; answer = peer.answers.shift()) {
        await of.answered(peer, answer, 0, answer.length);
      }
    };
    unwrap(await lost.ledger.append([span(sourceOf('edge-1'), 0, 300)], NOON_MS));
    const mark = unwrap(await lost.archive.mark());
    const parts: ArchiveRows[] = [];
    for (let place: ArchivePlace | undefined = { step: 0, after: [] }; place !== undefined; ) {
      const page: ArchivePage = unwrap(await lost.archive.page(mark, place));
      parts.push(...page.tables);
      place = page.next;
    }
    unwrap(await lost.ledger.append([span(sourceOf('edge-1'), 300, 700)], NOON_MS));
    await asked(fresh(lost), await signed(lost.ledger));
    const restored = await memoryStore();
    t.after(() => restored.close());
    unwrap(await restored.restore(Readable.from(parts)));
    const after = fresh(restored);
    await asked(after, await signed(restored.ledger));
    unwrap(await restored.ledger.append([span(sourceOf('edge-1', 2n), 0, 600)], NOON_MS));
    await asked(after, await signed(restored.ledger));
    assert.deepEqual(said, ['edge-1: 700 > 300', 'edge-1: refused 422']);
    // The host's "audit-witness" was put aside by hand.
    peer.kept = NEVER_WITNESSED;
    await asked(fresh(restored), await signed(restored.ledger));
    assert.deepEqual(peer.statuses, [200, 409, 409, 422, 200]);
    assert.equal(said.length, 2);
  });
});
