import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SightingRecorder } from '@sallyport/app-gateway/commands/sighting-recorder.ts';
import type { Sighting } from '@sallyport/app-gateway/domain/exchange/sighting/sighting.ts';
import type { State, StateChange, StateStore } from '@sallyport/app-gateway/ports/state-store.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { NOW_MS, settings, trustSet } from '../domain/exchange/exchange-fixture.ts';

/** A store that others change under our hands as often as asked for. */
class BusyStore implements Pick<StateStore, 'load' | 'commit' | 'recordSightings'> {
  readonly changes: StateChange[] = [];
  conflicts = 0;
  #state: State = {
    revision: 1,
    partners: [
      {
        id: 'globex',
        settings: settings(),
        trustSets: [trustSet('t1', 'staged')],
        presentations: [
          { identity: 'main', key: 'k2', state: 'offered', sequence: 1, offeredAtMs: NOW_MS - 1 },
        ],
        receivedSequence: 0,
        offeredSequence: 1,
      },
    ],
    identities: [],
    operators: [],
    nodes: [],
  };

  load() {
    return Promise.resolve(ok(this.#state));
  }

  commit(expected: number, change: StateChange) {
    if (this.conflicts-- > 0) return Promise.resolve(err({ code: 'conflict' } as const));
    assert.equal(expected, this.#state.revision);
    this.changes.push(change);
    this.#state = { ...this.#state, ...change, revision: expected + 1 };
    return Promise.resolve(ok(this.#state.revision));
  }

  recordSightings() {
    return Promise.resolve(ok(undefined));
  }
}

function sighting(change: Partial<Sighting> = {}): Sighting {
  return {
    partner: 'globex',
    direction: 'accepted',
    spki: 'spki',
    key: 't1',
    firstAtMs: NOW_MS,
    lastAtMs: NOW_MS,
    handshakes: 1,
    lastSource: '192.0.2.1',
    lastProxy: 'edge-1/0',
    ...change,
  };
}

function recorderOn(store: BusyStore): { recorder: SightingRecorder; failures: string[] } {
  const failures: string[] = [];
  const recorder = new SightingRecorder({
    store: store as unknown as StateStore,
    node: 'gateway-1',
    nowMs: () => NOW_MS,
    failed: (partner, code) => failures.push(`${partner} ${code}`),
  });
  return { recorder, failures };
}

describe('first sightings of keys', () => {
  it('make a staged set and an offered key seen, by the gateway that saw them', async () => {
    const store = new BusyStore();
    const { recorder, failures } = recorderOn(store);
    recorder.seen(sighting());
    recorder.seen(sighting({ direction: 'presented', key: 'main/k2' }));
    await recorder.settled();
    const kinds = store.changes.flatMap(({ events }) => events.map(({ kind }) => kind));
    assert.deepEqual([kinds, failures], [['trust-seen', 'presentation-seen'], []]);
    assert.deepEqual(store.changes[0]?.events[0].author, { kind: 'program', node: 'gateway-1' });
    assert.equal(store.changes[0]?.partners?.[0]?.trustSets[0]?.state, 'seen');
  });

  it('change nothing when they tell nothing new', async () => {
    const store = new BusyStore();
    const { recorder, failures } = recorderOn(store);
    for (const key of ['t1', 't1', 't9']) recorder.seen(sighting({ key }));
    recorder.seen(sighting({ partner: 'nobody' }));
    await recorder.settled();
    assert.deepEqual([store.changes.length, failures], [1, []]);
  });

  it('are tried again when somebody else was first, and told when that does not end', async () => {
    const store = new BusyStore();
    const { recorder, failures } = recorderOn(store);
    store.conflicts = 3;
    recorder.seen(sighting());
    await recorder.settled();
    assert.deepEqual([store.changes.length, failures], [1, []]);
    store.conflicts = 9;
    recorder.seen(sighting({ direction: 'presented', key: 'main/k2' }));
    await recorder.settled();
    assert.deepEqual([store.changes.length, failures], [1, ['globex conflict']]);
  });
});
