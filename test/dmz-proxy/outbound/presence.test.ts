import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Presence } from '@sallyport/dmz-proxy/outbound/presence.ts';

describe('the presence of a partner', () => {
  it('tells once all that wait and have not left, and all that listen, that it has ended', () => {
    const presence = new Presence();
    const told: string[] = [];
    const [one, other, third] = ['one', 'other', 'third'].map((name) => () => void told.push(name));
    assert.ok(one && other && third);
    presence.signal.addEventListener('abort', () => told.push('signal'));
    presence.enter(one);
    presence.enter(other);
    presence.enter(third);
    presence.leave(other);
    assert.equal(presence.signal.aborted, false);
    presence.end();
    presence.end();
    assert.deepEqual(told, ['signal', 'one', 'third']);
    assert.equal(presence.signal.aborted, true);
  });
});
