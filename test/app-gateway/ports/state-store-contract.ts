import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DATABASE_AGE_MAX } from '@sallyport/app-gateway/config/database-schema.ts';
import type {
  Author,
  ChangeEvent,
  NewChangeEvent,
} from '@sallyport/app-gateway/domain/exchange/change-event.ts';
import type { IdentityRecord } from '@sallyport/app-gateway/domain/exchange/identity/identity-record.ts';
import type { NodeRecord } from '@sallyport/app-gateway/domain/exchange/node/node-record.ts';
import type { OperatorRecord } from '@sallyport/app-gateway/domain/exchange/operator/operator-record.ts';
import type { State, StateChange, StateStore } from '@sallyport/app-gateway/ports/state-store.ts';
import { AT_MS, fullPartner, plainPartner, programEvent, sighting } from './state-records.ts';

function approved(payload: string, signature = 'c2lnbmF0dXJl'): Author {
  return { kind: 'operator', approval: { operator: 'ann', payload, signature } };
}

function unwrap<T, E>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E },
): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

/**
 * What every state store does, whatever keeps it. One store serves all cases, so each case uses names of its
 * own and starts from the revision that it finds.
 */
export function stateStoreContract(name: string, open: () => Promise<StateStore>): void {
  describe(`state store contract: ${name}`, () => {
    let store: StateStore;
    before(async () => {
      store = await open();
    });
    after(() => store.close());

    const load = async (): Promise<State> => unwrap(await store.load());
    const commit = async (change: StateChange, nowMs = AT_MS): Promise<number> =>
      unwrap(await store.commit((await load()).revision, change, nowMs));
    const events = async (subject: string, limit = 1000): Promise<readonly ChangeEvent[]> =>
      unwrap(await store.events({ subject, limit }));
    const partner = async (id: string) => (await load()).partners.find((one) => one.id === id);

    it('starts at revision 0 with nothing', async () => {
      assert.deepEqual(await load(), {
        revision: 0,
        partners: [],
        identities: [],
        operators: [],
        nodes: [],
      });
    });

    it('grows older by its changes', async () => {
      const before = unwrap(await store.age());
      for (const n of [1, 2, 3]) await commit({ events: [programEvent(`partner/aged-${n}`)] });
      const grown = unwrap(await store.age()) - before;
      // Others may use the same server.
      assert.ok(grown >= 3, `${grown}`);
      assert.ok(before > 0 && before + grown < DATABASE_AGE_MAX / 2);
    });

    for (const [what, record] of [
      ['a plain partner', plainPartner('plain')],
      ['a partner with everything', fullPartner('full')],
    ] as const) {
      it(`gives back ${what} as it was written`, async () => {
        await commit({ partners: [record], events: [programEvent(`partner/${record.id}`)] });
        assert.deepEqual(await partner(record.id), record);
      });
    }

    it('gives back an identity with a requested and an active key, in the order of positions', async () => {
      const second: IdentityRecord = {
        name: 'a-second',
        serverNames: [],
        position: 1,
        keys: [
          {
            id: 'k1',
            state: 'requested',
            kind: 'rsa-3072',
            spki: 's1',
            requestPem: 'request',
            sealedKey: 'sealed 1',
            createdAtMs: AT_MS,
          },
        ],
      };
      const first: IdentityRecord = {
        name: 'z-first',
        serverNames: ['one.example', 'two.example'],
        position: 0,
        keys: [
          {
            id: 'k10',
            state: 'active',
            kind: 'ec-p256',
            spki: 's2',
            chainPem: 'chain',
            anchorsPem: 'anchors',
            sealedKey: 'sealed 2',
            createdAtMs: AT_MS,
            notAfterMs: AT_MS + 9,
            activatedAtMs: AT_MS + 1,
            retiredAtMs: AT_MS + 2,
          },
          { ...(second.keys[0] as IdentityRecord['keys'][number]), id: 'k2' },
        ],
      };
      await commit({ identities: [second, first], events: [programEvent('identity/z-first')] });
      assert.deepEqual((await load()).identities, [first, second]);
    });

    it('gives back operators and nodes', async () => {
      const operator: OperatorRecord = {
        name: 'ann',
        role: 'officer',
        publicKeyPem: 'key',
        isDisabled: false,
        addedAtMs: AT_MS,
        addedBy: 'gateway-1',
      };
      const approvedNode: NodeRecord = {
        node: 'edge-1',
        role: 'proxy',
        state: 'approved',
        hosts: ['10.0.0.1'],
        certificates: [
          { serial: 'ff', notAfterMs: AT_MS },
          { serial: '0a', notAfterMs: AT_MS + 1 },
        ],
      };
      const revoked: NodeRecord = {
        node: 'edge-2',
        role: 'proxy',
        state: 'revoked',
        hosts: [],
        certificates: [],
        revokedAtMs: AT_MS,
        reason: 'stolen',
      };
      await commit({
        operators: [operator, { ...operator, name: 'Ben', isDisabled: true }],
        nodes: [revoked, approvedNode],
        events: [programEvent('operator/ann')],
      });
      const state = await load();
      assert.deepEqual(state.operators, [{ ...operator, name: 'Ben', isDisabled: true }, operator]);
      assert.deepEqual(state.nodes, [approvedNode, revoked]);
    });

    it('replaces a record whole: what the new one does not have is gone', async () => {
      await commit({ partners: [fullPartner('whole')], events: [programEvent('partner/whole')] });
      await commit({ partners: [plainPartner('whole')], events: [programEvent('partner/whole')] });
      assert.deepEqual(await partner('whole'), plainPartner('whole'));
    });

    it('removes a partner with what was seen of it, and no other', async () => {
      const [gone, kept] = [plainPartner('gone'), plainPartner('gone-not')];
      await commit({ partners: [gone, kept], events: [programEvent('partner/gone')] });
      const seen = sighting({ partner: 'gone' });
      unwrap(await store.recordSightings([seen, { ...seen, partner: 'gone-not' }]));
      await commit({ removedPartners: ['gone'], events: [programEvent('partner/gone')] });
      assert.equal(await partner('gone'), undefined);
      assert.deepEqual(await partner('gone-not'), kept);
      assert.deepEqual(unwrap(await store.sightings('gone')), []);
      assert.equal(unwrap(await store.sightings('gone-not')).length, 1);
    });

    it('writes ten thousand partners in one change', async () => {
      const many = Array.from({ length: 10_000 }, (_, index) => plainPartner(`many-${index}`));
      await commit({ partners: many, events: [programEvent('partner/many')] });
      assert.ok((await load()).partners.length >= 10_000);
      await commit({
        removedPartners: many.map(({ id }) => id),
        events: [programEvent('partner/many')],
      });
    });

    it('counts revisions by the clock, and on by one when the clock stands or goes back', async () => {
      const { revision } = await load();
      const later = revision + 1000;
      const change = { events: [programEvent('clock')] } as const;
      assert.equal(await commit(change, later), later);
      assert.equal(await commit(change, later), later + 1);
      assert.equal(await commit(change, AT_MS - 1), later + 2);
      assert.equal((await load()).revision, later + 2);
    });

    for (const off of [-1, 1]) {
      it(`does nothing on a revision that is ${off} off`, async () => {
        const { revision } = await load();
        const change: StateChange = {
          partners: [plainPartner('conflict')],
          events: [programEvent('conflict')],
        };
        const done = await store.commit(revision + off, change, AT_MS);
        assert.deepEqual(done, { ok: false, error: { code: 'conflict' } });
        assert.equal((await load()).revision, revision);
        assert.equal(await partner('conflict'), undefined);
        assert.deepEqual(await events('conflict'), []);
      });
    }

    it('lets one of many changes at once through', async () => {
      const { revision } = await load();
      const all = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          store.commit(revision, { events: [programEvent(`race-${index}`)] }, AT_MS),
        ),
      );
      const codes = all.map((done) => (done.ok ? 'done' : done.error.code));
      assert.equal(codes.filter((code) => code === 'done').length, 1, codes.join());
      assert.equal(codes.filter((code) => code === 'conflict').length, 7, codes.join());
    });

    it('takes a signed text once, however it is signed, and for all events of one change', async () => {
      const signed = (subject: string, author: Author): NewChangeEvent => ({
        ...programEvent(subject),
        author,
      });
      const one = approved('text 1');
      await commit({ events: [signed('once', one), signed('once', one)] });
      const { revision } = await load();
      for (const author of [one, approved('text 1', 'b3RoZXI=')]) {
        const again = await store.commit(
          revision,
          { partners: [plainPartner('again')], events: [signed('again', author)] },
          AT_MS,
        );
        assert.deepEqual(again, { ok: false, error: { code: 'replayed' } });
      }
      assert.equal(await partner('again'), undefined);
      assert.equal((await load()).revision, revision);
      await commit({ events: [signed('once', approved('text 2'))] });
      const ben: Author = {
        kind: 'operator',
        approval: { operator: 'ben', payload: 'text 1', signature: 'x' },
      };
      await commit({ events: [signed('once', ben)] });
      assert.deepEqual(
        (await events('once')).map(({ author }) => author),
        [ben, approved('text 2'), one, one],
      );
    });

    it('numbers events without gaps, refused changes included', async () => {
      await commit({ events: [programEvent('number'), programEvent('number')] });
      const { revision } = await load();
      await store.commit(revision - 1, { events: [programEvent('number')] }, AT_MS);
      await store.commit(
        revision,
        { events: [{ ...programEvent('number'), author: approved('text 1') }] },
        AT_MS,
      );
      await commit({ events: [programEvent('number')] });
      const all = unwrap(await store.events({ limit: 1000 }));
      assert.deepEqual(
        all.map(({ sequence }) => sequence),
        all.map((_, index) => all.length - index),
      );
      assert.deepEqual(await events('number'), all.slice(0, 3));
    });

    it('gives events newest first, by subject, before a number and up to a limit', async () => {
      await commit({ events: [programEvent('page'), programEvent('page'), programEvent('page')] });
      const [third, second, first] = await events('page');
      assert.deepEqual(await events('page', 2), [third, second]);
      assert.deepEqual(await events('page', 0), []);
      const before = unwrap(
        await store.events({
          subject: 'page',
          beforeSequence: second?.sequence ?? 0,
          limit: 5,
        }),
      );
      assert.deepEqual(before, [first]);
      assert.deepEqual(first, { ...programEvent('page'), sequence: first?.sequence });
    });

    it('gives the events of one operator, and no program’s', async () => {
      const author = approved('text of bob');
      const name = author.kind === 'operator' ? author.approval.operator : '';
      await commit({ events: [programEvent('by'), { ...programEvent('by'), author }] });
      const found = unwrap(await store.events({ subject: 'by', by: name, limit: 5 }));
      assert.deepEqual(
        found.map((event) => event.author),
        [author],
      );
      assert.deepEqual(unwrap(await store.events({ by: 'nobody', limit: 5 })), []);
    });

    it('gives at most 1,000 events', async () => {
      const [head, ...rest] = Array.from({ length: 1001 }, () => programEvent('limit'));
      assert.ok(head);
      await commit({ events: [head, ...rest] });
      assert.equal((await events('limit', 5000)).length, 1000);
    });

    it('adds sightings up by partner, direction, key and spki', async () => {
      const one = sighting({ partner: 'sights' });
      unwrap(await store.recordSightings([one, sighting({ partner: 'sights', spki: 'other' })]));
      unwrap(
        await store.recordSightings([
          {
            ...one,
            firstAtMs: AT_MS - 5,
            lastAtMs: AT_MS + 5,
            handshakes: 2,
            lastProxy: 'edge-2',
            notAfterMs: 7,
          },
        ]),
      );
      // A late report of something earlier: counted, and not the last word.
      unwrap(
        await store.recordSightings([
          { ...one, firstAtMs: AT_MS + 1, lastAtMs: AT_MS + 1, lastProxy: 'edge-3' },
        ]),
      );
      unwrap(await store.recordSightings([]));
      assert.deepEqual(unwrap(await store.sightings('sights')), [
        {
          ...one,
          firstAtMs: AT_MS - 5,
          lastAtMs: AT_MS + 5,
          handshakes: 4,
          lastProxy: 'edge-2',
          notAfterMs: 7,
        },
        { ...one, spki: 'other' },
      ]);
      const all = unwrap(await store.sightings(undefined));
      assert.ok(all.filter(({ partner }) => partner === 'sights').length === 2);
    });

    it('adds sightings up when several gateways report at once', async () => {
      const rows = ['a', 'b', 'c'].map((spki) => sighting({ partner: 'crowd', spki }));
      const done = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          store.recordSightings(index % 2 === 0 ? rows : [...rows].reverse()),
        ),
      );
      assert.ok(done.every(({ ok }) => ok));
      const seen = unwrap(await store.sightings('crowd'));
      assert.deepEqual(
        seen.map(({ handshakes }) => handshakes),
        [6, 6, 6],
      );
    });

    it('calls watchers after a change, once each, until they stop', async () => {
      const heard: number[] = [];
      const stop = store.watch((revision) => heard.push(revision));
      const first = await commit({ events: [programEvent('watch')] });
      stop();
      await commit({ events: [programEvent('watch')] });
      assert.deepEqual(heard, [first]);
    });

    it('says what it cannot keep instead of throwing', async () => {
      const { revision } = await load();
      const done = await store.commit(
        revision,
        { events: [{ ...programEvent('nul'), detail: { text: '\u0000' } }] },
        AT_MS,
      );
      assert.equal(done.ok, false);
      assert.equal(!done.ok && done.error.code, 'unavailable');
      assert.equal((await load()).revision, revision);
    });
  });
}
