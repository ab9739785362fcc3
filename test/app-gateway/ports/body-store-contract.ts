import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { SqlStateStore } from '@sallyport/app-gateway/adapters/database/sql-state-store.ts';
import { dayKeySeal } from '@sallyport/app-gateway/commands/cluster-key-seal.ts';
import { BodyDesk } from '@sallyport/app-gateway/ledger/bodies/body-desk.ts';
import { bodyRecorded } from '@sallyport/app-gateway/ledger/bodies/body-records.ts';
import { DayKeys } from '@sallyport/app-gateway/ledger/bodies/day-keys.ts';
import {
  openBody,
  sealBody,
  sealedBodyHash,
} from '@sallyport/app-gateway/ledger/bodies/seal-body.ts';
import type { SealedBody } from '@sallyport/app-gateway/ports/body-store.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import { unwrap } from './unwrap.ts';

const DAY = '2026-11-21';

function sealed(text: string, day = DAY): SealedBody {
  const octets = Buffer.from(text);
  return { hash: createHash('sha256').update(octets).digest(), day, octets };
}

/** What every store of sealed bodies does, beside a ledger in the same database. */
export function bodyStoreContract(
  name: string,
  open: () => Promise<Pick<SqlStateStore, 'bodies' | 'ledger' | 'close'>>,
): void {
  describe(`body store contract: ${name}`, () => {
    let store: Pick<SqlStateStore, 'bodies' | 'ledger' | 'close'>;
    before(async () => {
      store = await open();
    });
    after(() => store.close());

    it('are found by their hash, and may be put there twice', async () => {
      const [one, two] = [sealed('one'), sealed('two\0\xff')];
      unwrap(await store.bodies.addBodies([one, two]));
      unwrap(await store.bodies.addBodies([two]));
      assert.deepEqual(unwrap(await store.bodies.body(two.hash)), two.octets);
      assert.equal(unwrap(await store.bodies.body(sealed('three').hash)), undefined);
    });

    it('have one key a day: the first that was offered', async () => {
      assert.equal(unwrap(await store.bodies.dayKey(DAY)), undefined);
      assert.equal(unwrap(await store.bodies.takeDayKey(DAY, 'first')), 'first');
      assert.equal(unwrap(await store.bodies.takeDayKey(DAY, 'second')), 'first');
      assert.equal(unwrap(await store.bodies.dayKey(DAY)), 'first');
    });

    it('keep the key while a hold is on the day, then lose it for good', async () => {
      const hold = { name: 'case-7', firstDay: DAY, lastDay: DAY, reason: 'court order' };
      unwrap(await store.ledger.setHold({ ...hold, setBy: 'ann', setAtMs: 1 }));
      assert.equal(unwrap(await store.bodies.erasable(DAY)), 'held');
      assert.equal(unwrap(await store.bodies.eraseDayKey(DAY, 2)), 'held');
      assert.equal(unwrap(await store.bodies.dayKey(DAY)), 'first');
      unwrap(await store.ledger.liftHold('case-7', 'ann', 3));
      assert.equal(unwrap(await store.bodies.eraseDayKey(DAY, 4)), 'erased');
      assert.equal(unwrap(await store.bodies.dayKey(DAY)), undefined);
      assert.equal(unwrap(await store.bodies.takeDayKey(DAY, 'third')), undefined);
      assert.equal(unwrap(await store.bodies.eraseDayKey(DAY, 5)), 'none');
      assert.equal(unwrap(await store.bodies.eraseDayKey('2026-11-20', 5)), 'none');
    });

    it('go with the records of their day, and those of days before, but not from under a hold', async () => {
      const source = { node: 'edge-1', worker: 0, epoch: 9n };
      const days = ['2026-10-01', '2026-10-02', '2026-10-03'];
      for (const [seq, day] of days.entries()) {
        const records = encodeRecord({
          type: 'clock-stepped',
          timeMs: 1,
          seq,
          fields: { expectedMs: 1n },
        });
        unwrap(await store.ledger.append([{ source, records }], Date.parse(day)));
        unwrap(await store.bodies.takeDayKey(day, `key of ${day}`));
      }
      const bodies = ['2026-09-30', ...days].map((day) => sealed(`of ${day}`, day));
      unwrap(await store.bodies.addBodies(bodies));
      const hold = {
        name: 'case-8',
        firstDay: '2026-10-01',
        lastDay: '2026-10-01',
        reason: 'order',
      };
      unwrap(await store.ledger.setHold({ ...hold, setBy: 'ann', setAtMs: 1 }));
      unwrap(await store.ledger.dropDay('2026-10-02', 5));
      const left: string[] = [];
      for (const { hash, day } of bodies) {
        if (unwrap(await store.bodies.body(hash)) !== undefined) left.push(day);
      }
      assert.deepEqual(left, ['2026-10-01', '2026-10-03']);
      assert.equal(unwrap(await store.bodies.dayKey('2026-10-02')), undefined);
      assert.equal(unwrap(await store.bodies.dayKey('2026-10-01')), 'key of 2026-10-01');
    });

    it('are read by either auditor and nobody else, until the key of the day is erased; the ledger is as before', async () => {
      const day = '2026-06-01';
      const [anna, ben, eve] = [1, 2, 3].map(() => generateKeyPairSync('x25519').privateKey);
      assert.ok(anna && ben && eve);
      const auditors = [anna, ben].map((key, at) => ({
        name: `a${at}`,
        publicKey: rawPublicKey(key),
      }));
      const keys = new DayKeys({
        store: store.bodies,
        seal: dayKeySeal(randomBytes(32)),
        random: randomBytes,
      });
      const dayKey = unwrap(await keys.take(day));
      assert.ok(dayKey);
      const octets = sealBody(Buffer.from('the words'), auditors, dayKey, randomBytes);
      unwrap(await store.bodies.addBodies([{ hash: sealedBodyHash(octets), day, octets }]));
      const origin = { partner: 'globex', callId: 'c1', from: 'a', to: 'b' };
      const fields = bodyRecorded(octets, auditors, 'traders', origin);
      const records = encodeRecord({ type: 'body-recorded', timeMs: 1, seq: 0, fields });
      const source = { node: 'gateway-1', worker: 0, epoch: 10n };
      unwrap(await store.ledger.append([{ source, records }], Date.parse(day)));
      const head = unwrap(await store.ledger.head());
      const noted: string[] = [];
      const note = async (type: string) => noted.push(type) > 0;
      const bodyHashSalt = randomBytes(32);
      const desk = new BodyDesk({ store: store.bodies, keys, bodyHashSalt, note });
      const reveal = () =>
        desk.reveal(store.ledger, {
          author: 'bob',
          reason: 'court order 7/2026',
          recordIndex: head.size - 1,
        });
      const given = unwrap(await reveal());
      const [one, two, three] = [anna, ben, eve].map((key) =>
        openBody(given.sealed, key, given.bodyKey),
      );
      assert.deepEqual([one?.ok, two?.ok, three?.ok], [true, true, false]);
      assert.equal(two?.ok && two.value.toString(), 'the words');
      unwrap(
        await desk.erase(
          day,
          { author: 'ann' },
          'request of the works council',
          Date.parse(day) + 86_400_000,
        ),
      );
      assert.deepEqual(await reveal(), { ok: false, error: 'body-erased' });
      assert.deepEqual(noted, ['body-revealed', 'day-key-erased']);
      assert.deepEqual(unwrap(await store.ledger.head()), head);
    });
  });
}
