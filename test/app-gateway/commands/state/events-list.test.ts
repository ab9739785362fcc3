import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventsList } from '@sallyport/app-gateway/commands/state/events-list.ts';
import type { ChangeEvent } from '@sallyport/app-gateway/domain/exchange/change-event.ts';
import { CommandBench } from '../command-bench.ts';

interface Events {
  readonly events: readonly ChangeEvent[];
  readonly before?: number;
}

describe('the list of changes', () => {
  let bench: CommandBench;
  const listed = (parameters: Readonly<Record<string, unknown>>) =>
    bench.done<Events>(['events', 'list'], parameters);
  const numbers = ({ events }: Events) => events.map(({ sequence }) => sequence);

  before(async () => {
    bench = await CommandBench.open();
    await bench.people('ann', 'bob', 'carl');
    for (const [operator, partner] of [
      ['bob', 'initech'],
      ['carl', 'hooli'],
    ] as const) {
      const settings = { domain: [`${partner}.example`], method: ['MESSAGE'] };
      await bench.done(['partner', 'add'], { partner, ...settings }, operator);
    }
  });
  after(() => bench.close());

  it('is of one operator where one is named: what was signed with a key that was stolen', async () => {
    const { events } = await listed({ by: 'bob' });
    assert.deepEqual(
      events.map(({ subject }) => subject),
      ['partner/initech'],
    );
    assert.deepEqual(numbers(await listed({ by: 'bob', subject: 'partner/hooli' })), []);
  });

  it('is refused of an operator whom there never was: a slip of the pen would say that nothing was done', async () => {
    assert.equal(await bench.refused(['events', 'list'], { by: 'bbo' }), 'operator-unknown');
  });

  it('says where to go on while there is more, with what was asked for', async () => {
    const first = await listed({ limit: 2 });
    assert.match(eventsList.text(first), /\nnext: the same with --before 4$/);
    const rest = await listed({ before: first.before ?? 0 });
    assert.deepEqual([...numbers(first), ...numbers(rest)], [5, 4, 3, 2, 1]);
    for (const all of [rest, await listed({ subject: 'partner/hooli' })]) {
      assert.doesNotMatch(eventsList.text(all), /next/);
    }
  });
});
