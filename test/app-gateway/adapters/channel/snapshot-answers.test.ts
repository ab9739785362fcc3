import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { SnapshotAnswers } from '@sallyport/app-gateway/adapters/channel/snapshot-answers.ts';

const one = { name: 'edge-1/0' };
const two = { name: 'edge-1/1' };

describe('answers of the proxies to a snapshot', () => {
  it('waits until each has said something of this version or a later one', async () => {
    const answers = new SnapshotAnswers();
    const channels = [one, two];
    answers.answered(one, 6, true, undefined);
    const waiting = answers.of(7, () => channels, 60_000);
    answers.answered(one, 7, true, undefined);
    answers.answered(two, 8, true, undefined);
    assert.deepEqual(await waiting, [
      { proxy: 'edge-1/0', accepted: true },
      { proxy: 'edge-1/1', accepted: true },
    ]);
  });

  it('takes a refusal without a version, but none of the snapshot before', async () => {
    const answers = new SnapshotAnswers();
    answers.answered(one, 6, false, 'older');
    answers.sent(one);
    const waiting = answers.of(7, () => [one], 60_000);
    answers.answered(one, 0, false, 'not signed');
    assert.deepEqual(await waiting, [{ proxy: 'edge-1/0', accepted: false, reason: 'not signed' }]);
  });

  it('waits no longer for a channel that is gone, nor for longer than asked', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const answers = new SnapshotAnswers();
    let channels = [one, two];
    const waiting = answers.of(7, () => channels, 5000);
    channels = [one];
    answers.closed(two);
    mock.timers.tick(5000);
    assert.deepEqual(await waiting, [{ proxy: 'edge-1/0', accepted: false }]);
    assert.deepEqual(await answers.of(7, () => [], 5000), []);
    mock.timers.reset();
  });
});
